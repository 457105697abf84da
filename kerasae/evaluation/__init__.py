"""What is asked of a trained model, and the scores that come of it."""
