"""Training: batches, checkpoints, and the loop that uses them."""
