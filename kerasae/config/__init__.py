"""The configuration of the workflow: reading, validation, checks against the data, proposals."""
