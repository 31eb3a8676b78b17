"""Serve the changes of a customer: the list, one change with its review, and the review of several changes."""
