"""docs/roles.md and the page Roles show the capabilities of `tenants.roles`."""

from __future__ import annotations

from pathlib import Path

from tenants.people.role_pages import columns, markdown, rows
from tenants.roles import CAPABILITIES, Capability, Role

PAGE = Path(__file__).resolve().parents[3] / "docs" / "roles.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == markdown(), "docs/roles.md is outdated: run make docs."


def test_each_right_of_each_role_is_shown_once() -> None:
    assert [column.role for column in columns()] == list(Role)
    shown = {
        (role, row.capability) for row in rows() for role, held in zip(Role, row.held, strict=True) if held
    }
    assert shown == {(role, right) for role in Role for right in CAPABILITIES[role]}
    assert {row.capability for row in rows()} == set(Capability)
    text = markdown()
    assert all(f"| {row.label} |" in text for row in rows())
