"""The names of actors in the journal."""

from __future__ import annotations

import getpass
import os

import pytest

from tenants.actors import operator


@pytest.mark.parametrize("error", [KeyError("getpwuid(): uid not found: 10001"), OSError("No username set")])
def test_an_operator_whose_account_has_no_name_is_named_by_its_number(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In containers, the account of the operating system often has only a number."""

    def fail() -> str:
        raise error

    monkeypatch.setattr(getpass, "getuser", fail)
    assert operator().name == f"operator uid {os.getuid()}"
