"""Divide a list of ARM or Graph into pages: read `$skiptoken`, and write the link to the next page."""

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import quote

from sandbox.messages import Request


def parse_skip_token(query: Mapping[str, str]) -> int | None:
    """Return the index in the query's `$skiptoken`. Return 0 if the query has no token, and None if the token is
    invalid.
    """
    token = query.get("$skiptoken") or query.get("$skipToken")
    if token is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, ValueError):
        return None
    return int(text[5:]) if text.startswith("from:") and text[5:].isdecimal() else None


def next_link(request: Request, begin: int) -> str:
    """Return the URL of the same request with a `$skiptoken` for the index `begin`."""
    token = base64.urlsafe_b64encode(f"from:{begin}".encode()).decode()
    pairs = [(n, v) for n, v in request.query.items() if n.lower() != "$skiptoken"] + [("$skiptoken", token)]
    query = "&".join(f"{quote(name, safe='$-')}={quote(value, safe='')}" for name, value in pairs)
    return f"{request.origin}{quote(request.path)}?{query}"
