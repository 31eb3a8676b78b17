"""Queries on a journal: names of actions and actors, filters, and counts of facets."""
