"""If no package could be audited, `make check` says so, and `make audit` fails."""

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
    """Return the function that audits packages. It cannot reach the database of vulnerabilities, because nothing
    listens on the port.
    """
    function: Callable[..., int] = script["audit"]
    function.__globals__["SERVICE"] = "http://127.0.0.1:1/"
    return function


@pytest.mark.parametrize(("required", "status"), [(False, 0), (True, 1)])
def test_a_missing_audit_is_reported(
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
