"""The HTTP API. Its requests have tokens, and its answers are JSON.

The API uses the same queries, actions and rights as the pages.
"""
