"""Files attached to exceptions and attestations."""
