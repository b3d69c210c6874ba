"""Assets of phase scoping: purpose, people, success criteria."""
