"""Layers, networks and likelihoods."""
