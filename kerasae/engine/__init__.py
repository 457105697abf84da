"""The engine: what a run is, which file holds what, and the steps from data to scores.

`kerasae.compare` and the workflow run the same steps, so that their numbers are equal.
"""
