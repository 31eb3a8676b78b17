"""Two demonstrations in the same clone would stop each other's servers."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError

from portal.management.commands.demo import only_demonstration


def test_a_second_demonstration_is_refused_until_the_first_one_ends(tmp_path: Path) -> None:
    with (
        only_demonstration(tmp_path),
        pytest.raises(CommandError, match="Another demonstration is running in"),
        only_demonstration(tmp_path),
    ):
        raise AssertionError("both ran")
    with only_demonstration(tmp_path):
        assert (tmp_path / "lock").is_file()
