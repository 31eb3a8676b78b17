"""Files that people attached to exceptions and attestations."""
