"""Databases of several kinds."""
