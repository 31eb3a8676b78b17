"""Call the command `assess_estate`, and read its rows."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from django.core.management import call_command

NOW = "2026-11-25T12:00:00Z"


def assessed_rows(*arguments: str | Path) -> list[dict[str, Any]]:
    """Call the command in this process, which takes half as long as running the program, and return its rows."""
    out = io.StringIO()
    call_command("assess_estate", *map(str, arguments), stdout=out, stderr=io.StringIO())
    return [json.loads(line) for line in out.getvalue().splitlines()]
