"""requirements.txt is complete for pip, which installs a file with hashes only if the file has every package."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


def pinned() -> set[str]:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    return {canonicalize_name(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)}


def required_by(name: str) -> set[str]:
    """Return what the installed package requires on this platform, without its extras."""
    try:
        declared = importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        return set()  # The package is for another platform.
    wanted = (Requirement(line) for line in declared)
    return {
        canonicalize_name(one.name)
        for one in wanted
        if one.marker is None or one.marker.evaluate({"extra": ""})
    }


def test_the_requirements_of_every_pinned_package_are_pinned() -> None:
    names = pinned()
    missing = {name: sorted(required_by(name) - names) for name in sorted(names)}
    assert {name: left for name, left in missing.items() if left} == {}
    assert required_by("compliance-trestle") > {"pydantic", "jinja2"}
