"""Assets of phase knowledge: passages and the index questions are answered from."""
