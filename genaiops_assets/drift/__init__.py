"""Whether what people ask now still looks like what the system was evaluated on, what moved, and what to do about it.

Belongs here: two-sample tests with known error rates over embeddings and terms, features, topics, knowledge gaps. Does
not: embedding, storage, or deciding to retrain."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
