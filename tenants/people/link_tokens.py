"""Tokens of mailed and printed links. Only their hashes are stored."""

import hashlib


def hash_token(token: str) -> str:
    """Return the SHA-256 of a link's token in lower-case hex, which is stored instead of the token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
