"""Verify that a file is a report that has not changed since it was signed."""
