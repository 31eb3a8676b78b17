"""Tokens of mailed and printed links. Only their hashes are stored."""

import hashlib


def hash_token(token: str) -> str:
    """Return what is stored of a link's token: its SHA-256 in lower-case hex."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
