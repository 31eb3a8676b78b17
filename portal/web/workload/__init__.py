"""Serve the page “Who does what”: open and overdue findings of each owner."""
