"""Transparency: what tells people and programs that a machine wrote a text (AI Act, Article 50)."""
