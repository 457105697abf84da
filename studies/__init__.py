"""Studies made with kerasae, which the package does not know."""
