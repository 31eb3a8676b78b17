"""Serve the inventory of a customer: resources, one resource with its history, and comparisons of versions."""
