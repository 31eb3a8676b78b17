"""Each class and each custom property of the style sheets is used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

PORTAL = Path(settings.BASE_DIR, "portal")
STYLE_SHEETS = sorted(PORTAL.glob("static/surety/*.css"))
# Classes whose full name is in no file: htmx sets `htmx-request`, and templates build `role-high` and others from a
# value.
BUILT = re.compile(r"htmx-|role-")


def styles() -> str:
    """Return the text of all style sheets without comments."""
    return re.sub(
        r"/\*.*?\*/",
        "",
        "\n".join(path.read_text(encoding="utf-8") for path in STYLE_SHEETS),
        flags=re.DOTALL,
    )


def words_of_pages() -> set[str]:
    """Return all words of the templates, of the scripts and of the code of pages."""
    folders = (Path(settings.BASE_DIR, "templates"), PORTAL)
    paths = [
        path for folder in folders for path in folder.rglob("*") if path.suffix in (".html", ".js", ".py")
    ]
    return {
        word for path in paths for word in re.findall(r"[A-Za-z][\w-]*", path.read_text(encoding="utf-8"))
    }


@pytest.mark.slow(seconds=1)
def test_every_class_of_a_style_sheet_is_used() -> None:
    selectors = re.findall(r"([^{}]+)\{", styles())
    classes = {name for selector in selectors for name in re.findall(r"\.([A-Za-z][\w-]*)", selector)}
    assert len(classes) > 300
    assert {name for name in classes - words_of_pages() if not BUILT.match(name)} == set()


def test_every_custom_property_is_used_and_defined() -> None:
    text = styles()
    used = set(re.findall(r"var\((--[\w-]+)", text))
    defined = set(re.findall(r"(--[\w-]+)\s*:", text))
    assert len(used) > 50
    assert (defined - used, used - defined) == (set(), set())
