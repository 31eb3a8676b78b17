"""Template tags of the report."""
