"""Embeddings and questions made up for the tests of drift. Holds no tests."""

import numpy as np

DIMENSIONS = 24
TOPICS = np.linalg.qr(np.random.default_rng(7).normal(size=(DIMENSIONS, 6)))[0].T


def questions(shares: list[float], n: int, seed: int) -> np.ndarray:
    """n embeddings of shape (n, 24): unit vectors around the topics, in these shares."""
    random = np.random.default_rng(seed)
    topics = random.choice(len(shares), size=n, p=shares)
    rows = TOPICS[topics] + random.normal(scale=0.12, size=(n, DIMENSIONS))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)
