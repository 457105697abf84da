"""Models of the user: what their source says, their import, and the check of a model."""
