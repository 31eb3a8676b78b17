"""Exceptions: request, decision and register."""
