"""Queries of a customer's overview: what to fix first, exposure, and changes since earlier days."""
