"""The tasks: arrays in, arrays or numbers out."""
