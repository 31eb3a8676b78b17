"""`manage.py version` prints the versions of Surety and of Django."""

from __future__ import annotations

import gc
import sys

import django
import pytest

import manage
from assessments.version import VERSION


@pytest.mark.parametrize("word", ["version", "--version"])
def test_the_version_is_that_of_surety(
    word: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gc, "disable", lambda: None)
    monkeypatch.setattr(sys, "argv", ["manage.py", word])
    manage.main()
    assert capsys.readouterr().out == f"Surety {VERSION} (Django {django.get_version()})\n"
