"""The HTTP API. Each request has a token, and answers are JSON.

The API uses the same queries, actions and rights as the pages.
"""
