"""Measured, never asserted: see README.md."""
