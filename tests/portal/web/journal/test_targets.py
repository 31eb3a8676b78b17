"""The journal can be filtered by exactly the kinds of objects that its page can name."""

from __future__ import annotations

from portal.queries.journal.filters import OBJECT_KINDS
from portal.web.journal.targets import TARGET_KINDS


def test_the_filter_knows_every_kind_of_object() -> None:
    assert set(TARGET_KINDS) == OBJECT_KINDS
