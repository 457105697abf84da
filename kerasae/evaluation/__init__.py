"""Evaluation of trained models: outputs, tasks, metrics and scores."""
