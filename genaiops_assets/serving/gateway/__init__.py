"""The gateway: answers of a released bundle over HTTP, as OpenAI's chat API has it. Used through `serving`'s face."""
