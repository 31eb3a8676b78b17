"""Requests that change objects."""

from typing import Any

from django.test import Client


def post(client: Client, path: str, body: Any = None, etag: str = "", **headers: str) -> Any:
    """Send a body as JSON. `etag` is sent in the header If-Match."""
    headers |= {"If-Match": etag} if etag else {}
    return client.post(path, body or {}, content_type="application/json", headers=headers)


def changed(client: Client, path: str, body: Any = None, read: str = "") -> Any:
    """Read the object at `read` (default: `path`), then change it at `path` with its ETag."""
    return post(client, path, body, client.get(read or path).headers["ETag"])
