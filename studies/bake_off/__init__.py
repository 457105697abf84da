"""The Great Autoencoder Bake-Off: its figures and claims, stored scores, and the pages."""
