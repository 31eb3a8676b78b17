"""The URL patterns of all areas of the portal."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from uuid import UUID

from django.urls import URLPattern

import portal.web
from portal.web.urls import urlpatterns

SAMPLES = {"slug": "sample", "str": "sample", "int": "7", "uuid": str(UUID(int=7))}


def sample(pattern: URLPattern) -> str:
    """Return a URL that the pattern matches."""
    return re.sub(r"<(\w+):\w+>", lambda match: SAMPLES[match[1]], str(pattern.pattern))


def test_each_url_matches_one_address_only() -> None:
    """Each folder of pages declares its URL patterns. The order of the folders must not decide which view answers."""
    for pattern in urlpatterns:
        url = sample(pattern)
        assert [one.name for one in urlpatterns if one.pattern.match(url)] == [pattern.name], url


def test_names_of_addresses_are_unique() -> None:
    assert [name for name, times in Counter(str(one.name) for one in urlpatterns).items() if times > 1] == []


def test_the_addresses_of_every_area_are_found() -> None:
    folder = Path(portal.web.__path__[0])
    declared = sum(
        len(re.findall(r"^ +(?:page|form|guarded|public)\(", path.read_text(), re.MULTILINE))
        for path in folder.glob("*/urls.py")
    )
    assert declared > 200
    assert len([one for one in urlpatterns if one.name != "gallery"]) == declared
