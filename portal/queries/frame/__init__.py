"""Queries of the frame around every page: the command palette and the numbers in the sidebar."""
