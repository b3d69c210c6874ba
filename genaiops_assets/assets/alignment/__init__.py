"""Assets of phase alignment: base model, preference pairs, model plan, checkpoint."""
