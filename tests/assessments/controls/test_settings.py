"""Controls that are declared as data."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.controls.declare import Control
from assessments.controls.settings import Remark, SettingControl, declare_settings
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.sql import SQL_SERVERS
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.estate import UnitKind
from assessments.fixes.declare import Fix, advice
from tests.assessments.controls.judging import RG, doc, estate_of, judge_estate
from tests.for_each import for_each

ID = f"{RG}/providers/Microsoft.Storage/storageAccounts/one"
TEXTS = {"title": "T", "problem": "P", "expected": "E", "judged": "J", "why": "W"}
FACTS: dict[str, Any] = {**TEXTS, "severity": Severity.LOW, "fix": Fix(advice("Do it."))}
COLOURS: dict[bool | str, Any] = {"Red": failed("The colour is red"), "Blue": passed("The colour is blue")}


def made(**more: Any) -> Control:
    given = {"setting": "properties.colour", "values": COLOURS, **FACTS, **more}
    return declare_settings(__name__, STORAGE_ACCOUNTS, SettingControl("storage-colour", **given))[0]


def verdict(control: Control, **properties: Any) -> tuple[str, str, dict[str, Any], tuple[str, ...]]:
    documents = {"storage_accounts": [doc(ID, properties)]}
    estate = estate_of(UnitKind.SUBSCRIPTION, documents, needs=control.needs)
    found = judge_estate(control, estate)[ID].verdict
    return str(found.outcome), found.reason, dict(found.observed), found.remarks


def test_the_control_has_the_texts_and_the_module_that_declares_it() -> None:
    control = made()
    assert (control.title, control.problem, control.expected) == ("T", "P", "E")
    assert (control.judged, control.why, control.slug) == ("J", "W", "storage-colour")
    assert control.module == __name__
    assert control.needs == (STORAGE_ACCOUNTS,)


@for_each(
    ("properties", "outcome", "observed"),
    [
        ({"colour": "blue"}, "pass", {"colour": "blue"}),
        ({"colour": "RED"}, "fail", {"colour": "RED"}),
        ({"colour": "green"}, "unknown", {"field": "properties.colour"}),
        ({"colour": True}, "unknown", {"field": "properties.colour"}),
        ({}, "unknown", {"field": "properties.colour"}),
    ],
)
def test_texts_are_compared_without_case(
    properties: dict[str, Any], outcome: str, observed: dict[str, Any]
) -> None:
    assert verdict(made(), **properties)[0::2] == (outcome, observed)


@for_each(
    ("properties", "outcome"),
    [({"on": True}, "pass"), ({"on": False}, "unknown"), ({"on": "true"}, "unknown"), ({"on": None}, "fail")],
)
def test_booleans_are_those_of_json(properties: dict[str, Any], outcome: str) -> None:
    control = made(setting="properties.on", values={True: passed("It is on")}, absent=failed("It is off"))
    assert verdict(control, **properties)[0] == outcome


def test_checks_come_first_and_remarks_are_added() -> None:
    control = made(
        unless=(
            lambda document, ctx: None,
            lambda document, ctx: _unless_old(document.raw("properties.old")),
        ),
        remarks=(Remark("It is small", lambda document, ctx: document.raw("properties.small") is True),),
        absent=passed("No colour is fine"),
        observed_as="paint",
    )
    assert verdict(control, old=True, colour="red")[:2] == ("not_applicable", "It is old")
    assert verdict(control, small=True)[2:] == ({"paint": None}, ("It is small",))
    assert verdict(control, small=False, colour="red")[3] == ()


@for_each(
    ("outcome", "remarks"),
    [
        (passed("Fine"), ("It is small", "It is new")),
        (failed("Bad"), ("It is small",)),
        (not_applicable("None"), ()),
    ],
)
def test_remarks_are_added_to_the_passes_and_failures_of_a_rule(
    outcome: Verdict, remarks: tuple[str, ...]
) -> None:
    control = made(
        setting="",
        values={},
        judge=lambda document, ctx: outcome,
        remarks=(
            Remark("It is small", lambda document, ctx: True),
            Remark("It is old", lambda document, ctx: False),
            Remark("It is new", lambda document, ctx: True, on_failures=False),
        ),
    )
    assert verdict(control)[3] == remarks


def _unless_old(old: Any) -> Any:
    return not_applicable("It is old") if old else None


@for_each(
    ("more", "message"),
    [
        ({"setting": ""}, "either `judge` or `setting`"),
        ({"judge": lambda document, ctx: passed("Fine")}, "either `judge` or `setting`"),
        ({"setting": "", "judge": lambda document, ctx: passed("Fine")}, "never be used"),
        ({"values": {}}, "all be texts or all be booleans"),
        ({"values": {True: passed("On"), "no": failed("Off")}}, "all be texts or all be booleans"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(more: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        made(**more)


def test_a_control_of_several_collections_judges_the_documents_of_each() -> None:
    server = f"{RG}/providers/Microsoft.Sql/servers/one"
    control = made(also=(SQL_SERVERS,), subject_type="Accounts, servers", empty_reason="None of them")
    assert (control.needs, control.module) == ((STORAGE_ACCOUNTS, SQL_SERVERS), __name__)
    documents = {
        "storage_accounts": [doc(ID, {"colour": "red"})],
        "sql_servers": [doc(server, {"colour": "blue"})],
    }
    judged = judge_estate(control, estate_of(UnitKind.SUBSCRIPTION, documents, needs=control.needs))
    assert {subject: str(found.verdict.outcome) for subject, found in judged.items()} == {
        ID: "fail",
        server: "pass",
    }
    with pytest.raises(ValueError, match="empty_reason"):
        made(also=(SQL_SERVERS,))
