"""Statistics, tables, rankings, claims and figures, made from the scores."""
