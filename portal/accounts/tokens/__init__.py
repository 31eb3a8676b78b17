"""API tokens and client secrets: their text, and what a request with one may do."""
