"""`make check` says when no package was audited, and `make audit` fails then."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from typing import Any

import pytest

from portal.settings.env import BASE_DIR


@pytest.fixture
def script() -> dict[str, Any]:
    return runpy.run_path(str(BASE_DIR / ".ci" / "security.py"))


@pytest.fixture
def audit(script: dict[str, Any]) -> Callable[..., int]:
    """Return the function that audits. The address of its service is a port on which nothing listens."""
    function: Callable[..., int] = script["audit"]
    function.__globals__["SERVICE"] = "http://127.0.0.1:1/"
    return function


@pytest.mark.parametrize(("required", "status"), [(False, 0), (True, 1)])
def test_an_audit_that_did_not_happen_is_named(
    required: bool, status: int, audit: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(required=required) == status
    said = capsys.readouterr().out
    assert said.startswith("NOT AUDITED: http://127.0.0.1:1/ cannot be reached")
    assert "No package of requirements.txt, requirements-dev.txt and requirements-uv.txt was compared" in said


def test_all_pinned_packages_are_audited(script: dict[str, Any]) -> None:
    command = script["audit_command"]()
    audited = {command[at + 1] for at, part in enumerate(command) if part == "--requirement"}
    assert audited == {path.name for path in BASE_DIR.glob("requirements*.txt")}
