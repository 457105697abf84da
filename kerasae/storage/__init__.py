"""Atomic file writes, and the provenance of results."""
