"""Data factories."""
