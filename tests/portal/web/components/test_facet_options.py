"""The options of a facet, each with its count."""

from __future__ import annotations

import re

from django.template import Context, Template

from portal.web.components.facets import Facet, Option


def options(noun: str) -> list[str]:
    """Return the words of each option, as a screen reader reads them."""
    facet = Facet(
        "State", "state", [Option("Open", 1, "?", active=True), Option("Gone", 2, "?", active=False)]
    )
    html = Template("{% load surety %}{% facet facet noun %}").render(Context({"facet": facet, "noun": noun}))
    items = re.findall(r"<li>(.*?)</li>", html, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", "", item).split()) for item in items]


def test_one_is_singular() -> None:
    assert options("findings") == ["Open 1 finding (filter on)", "Gone 2 findings"]
    assert options("entries") == ["Open 1 entry (filter on)", "Gone 2 entries"]
    assert options("manual controls")[0].startswith("Open 1 manual control ")
