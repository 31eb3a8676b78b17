"""Read the table of a framework's requirements."""

from __future__ import annotations

import re


def requirement_rows(html: str) -> dict[str, str]:
    """Return {number: its table row}."""
    found = re.findall(r'<tr[^>]* id="n-[^"]*">(.*?)</tr>', html, re.DOTALL)
    return {re.search(r'<th[^>]* class="mono">([^<]+)</th>', row)[1]: row for row in found}
