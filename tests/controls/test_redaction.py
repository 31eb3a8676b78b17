"""Redaction keeps what rules look at: redacted documents are judged like the originals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from assessments.estate.redact import redact
from assessments.evaluate import _PEOPLE
from tests.controls.cases import Case, all_cases
from tests.controls.kit import outcomes


def _redacted(case: Case) -> Case:
    def bodies(name: str, given: Sequence[Mapping[str, Any]]) -> list[Any]:
        return [redact(body, person=name in _PEOPLE) for body in given]

    docs: dict[str, Any] = {}
    for name, given in case.docs.items():
        if isinstance(given, Mapping):
            docs[name] = {scope: bodies(name, answered) for scope, answered in given.items()}
        else:
            docs[name] = bodies(name, given)
    return replace(case, docs=docs)


@pytest.mark.parametrize("case", all_cases(), ids=str)
def test_a_redacted_estate_is_judged_alike(case: Case) -> None:
    plain, redacted = outcomes(case.judge()), outcomes(_redacted(case).judge())
    assert redacted == plain


@pytest.mark.parametrize("case", all_cases(), ids=str)
def test_redacting_twice_changes_nothing(case: Case) -> None:
    once = _redacted(case)
    assert _redacted(once).docs == once.docs
