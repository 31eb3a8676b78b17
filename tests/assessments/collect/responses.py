"""Responses of Azure to requests that fail."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any


def response(status: int, body: Any = None, **headers: str) -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return SimpleNamespace(status_code=status, reason="", headers=named, text=lambda: text, content_type="")
