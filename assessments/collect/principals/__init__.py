"""Principals: their roles and permissions, and the names of directory objects."""
