"""Stored results in words, for pages, reports, exports and messages. Everything is read with few queries."""
