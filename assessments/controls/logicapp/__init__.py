"""Logic apps of the consumption plan."""
