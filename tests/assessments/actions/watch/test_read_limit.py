"""The watch reads at most `MAX_READS` answers again in one turn. If more would be needed, it raises `TooMuch`."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from assessments.actions.watch import judge
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.estate import Answer, Estate, UnitKind
from assessments.estate.touched import Touched


def test_answers_of_earlier_passes_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "MAX_READS", 2)
    stored = Estate(kind=UnitKind.SUBSCRIPTION, unit_id="1", subscriptions=("1",), now=datetime.now(UTC))
    reader = judge._Reader(stored, Touched(frozenset(), frozenset(), list_differs=False))
    for scope in ("/subscriptions/1", "/subscriptions/2"):
        assert reader.known(STORAGE_ACCOUNTS, scope) is None
        reader.kept[STORAGE_ACCOUNTS.name, scope] = Answer(scope)
        reader.asked.clear()
    assert reader.known(STORAGE_ACCOUNTS, "/subscriptions/1") is not None, "not requested again"
    with pytest.raises(judge.TooMuch):
        reader.known(STORAGE_ACCOUNTS, "/subscriptions/3")
