"""Judge the cases of an own control. A case is an example of a document with the expected verdict."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from assessments.controls.context import Context
from assessments.controls.verdict import Verdict
from assessments.estate.estate import Estate, UnitKind
from assessments.own.control import own_control
from assessments.own.definition import Case, Flaw, cases_of, stored_form

_SUBSCRIPTION: Final = "00000000-0000-0000-0000-000000000000"
_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)


def wrong_cases(data: Mapping[str, Any]) -> list[Flaw]:
    """Return an error for each case in which the control does not reach the expected verdict. `data` is a valid
    definition.
    """
    definition = stored_form(data)
    found = []
    for number, case in enumerate(cases_of(data)):
        verdict = judge_case(definition, case)
        if verdict.outcome is not case.verdict:
            found.append(
                Flaw(
                    ("cases", number),
                    f"The case “{case.name}” should be {case.verdict}, but the control says {verdict.outcome}:"
                    f" {verdict.reason}. Correct the condition or the case.",
                )
            )
    return found


def judge_case(definition: Mapping[str, Any], case: Case) -> Verdict:
    """Return the verdict of the control on the document of a case."""
    estate = Estate(
        kind=UnitKind.SUBSCRIPTION, unit_id=_SUBSCRIPTION, subscriptions=[_SUBSCRIPTION], now=_TIME
    )
    document = {"id": f"/subscriptions/{_SUBSCRIPTION}/case", **case.document}
    estate.add_documents(definition["subjects"], f"/subscriptions/{_SUBSCRIPTION}", [document])
    (judgement, *_) = own_control(definition).run(Context(estate, {}))
    return judgement.verdict
