"""The resources of all customers."""
