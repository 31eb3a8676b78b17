"""The HTTP API: requests with tokens, and answers in JSON.

The API uses the same queries, actions and rights as the pages.
"""
