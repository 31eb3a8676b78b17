"""API tokens and client secrets: their text, and what the requests of a token or client secret may do."""
