"""Registering and changing many customers from a CSV file, by page and by command."""
