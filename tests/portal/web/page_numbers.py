"""Read numbers in the words of a page."""

from __future__ import annotations

import re
from html import unescape


def words_of_page(html: str) -> str:
    return " ".join(unescape(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", html)).split())


def number_in(pattern: str, html: str) -> int:
    found = re.search(pattern, html)
    assert found, (pattern, html[:2000])
    return int(found[1])
