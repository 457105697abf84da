"""The configuration of the workflow: read, checked, planned, proposed."""
