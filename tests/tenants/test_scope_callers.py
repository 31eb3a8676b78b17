"""The functions `journal_scope` and `erasure_scope` are used only by the code that their docstrings name.

These functions can open the scope of an organization or customer that the outer scope does not contain.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from portal.settings.env import BASE_DIR

PACKAGES = ("assessments", "portal", "sandbox", "tenants")


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        (
            "journal_scope",
            {
                "portal/accounts/actions/api_tokens.py",
                "portal/accounts/actions/disable.py",
                "portal/accounts/actions/emergency.py",
                "portal/accounts/actions/tokens_to_replace.py",
                "tenants/journal/accounts.py",
            },
        ),
        ("erasure_scope", {"portal/offboarding/erasures/erase_customer.py"}),
    ],
)
def test_wider_scopes_are_opened_only_by_their_callers(name: str, allowed: set[str]) -> None:
    users = {
        str(path.relative_to(BASE_DIR))
        for package in PACKAGES
        for path in sorted((BASE_DIR / package).rglob("*.py"))
        if name in path.read_text(encoding="utf-8") and _uses(path, name)
    }
    assert users - {"tenants/scope.py"} == allowed


def _uses(path: Path, name: str) -> bool:
    """Return whether the code of the module contains the name as a variable, an attribute or an import."""
    return any(
        name in (getattr(node, "id", None), getattr(node, "attr", None), getattr(node, "name", None))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    )
