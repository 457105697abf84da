"""Atomic file writes, and where results come from."""
