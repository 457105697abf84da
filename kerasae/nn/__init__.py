"""Layers, networks and likelihoods."""

# First of all, as it imports the models (see `kerasae`), which need whole modules of this package
import keras  # noqa: F401
