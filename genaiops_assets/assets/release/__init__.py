"""Assets of phase release: model card, release decision, production."""
