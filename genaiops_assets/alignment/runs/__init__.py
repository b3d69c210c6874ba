"""What a training will cost, what it does while it runs, and what it did."""
