"""Mute lists for tests."""

from __future__ import annotations

from typing import Any

from portal.configuration.yaml_text import write

EVERYTHING: dict[str, Any] = {"Regions": ["*"], "Resources": ["*"]}


def mute_list(checks: dict[str, Any], account: str = "*") -> bytes:
    """Return the YAML of a mute list that has `checks` for one account."""
    return write({"Mutelist": {"Accounts": {account: {"Checks": checks}}}}).encode()


def entry(**given: Any) -> dict[str, Any]:
    return {**EVERYTHING, **given}
