"""Imported vulnerability scans of a customer."""
