"""A verdict that follows from the absence of relevant documents cites the lists that were read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from assessments.controls.registry import control
from assessments.estate.estate import Estate, UnitKind
from assessments.estate.gaps import Reason
from assessments.evaluate import digest, evaluate
from tests.assessments.controls.judging import NOW, RG, SUB, doc, gap, judge

PLAN = "defender-plan-databases"


def estate(**documents: list[dict[str, Any]]) -> Estate:
    made = Estate(kind=UnitKind.SUBSCRIPTION, unit_id=SUB.rsplit("/", 1)[-1], subscriptions=[], now=NOW)
    for name, bodies in documents.items():
        made.add_documents(name, SUB, bodies, request_id=f"request of {name}", api_version="2024-01-01")
    return made


def cited(slug: str, given: Estate) -> list[tuple[str, str, Any, str]]:
    return [
        (item.collection, item.document_id, item.content, item.request_id)
        for result in evaluate(given, [control(slug)])
        for item in result.evidence
    ]


def test_an_empty_list_is_cited_with_its_request() -> None:
    content = {"collection": "resources", "scopes": [SUB], "value": []}
    found = cited(PLAN, estate(defender_pricings=[], resources=[]))
    assert ("resources", SUB, content, "request of resources") in found


def test_lists_without_a_relevant_entry_are_cited_by_their_ids() -> None:
    """Each list has one entry, which does not matter for the control. The evidence contains the ids of the entries."""
    vault = doc(f"{RG}/providers/Microsoft.KeyVault/vaults/one", type="Microsoft.KeyVault/vaults")
    plan = doc(f"{SUB}/providers/Microsoft.Security/pricings/KeyVaults", {"pricingTier": "Free"})
    found = cited(PLAN, estate(defender_pricings=[plan], resources=[vault]))
    contents = {name: content for name, _, content, _ in found}
    assert contents["resources"]["value"] == [vault["id"].casefold()]


def test_many_entries_are_cited_by_number_and_hash() -> None:
    vaults = [
        doc(f"{RG}/providers/Microsoft.KeyVault/vaults/v{number:03}", type="Microsoft.KeyVault/vaults")
        for number in range(101)
    ]
    plan = doc(f"{SUB}/providers/Microsoft.Security/pricings/KeyVaults", {"pricingTier": "Free"})
    found = cited(PLAN, estate(defender_pricings=[plan], resources=vaults))
    contents = {name: content for name, _, content, _ in found}
    ids = sorted(vault["id"].casefold() for vault in vaults)
    assert contents["resources"]["value"] == {"count": 101, "sha256": digest(ids)}


def test_equal_estates_have_equal_evidence_at_another_time() -> None:
    """Neither the time nor the id of a request is part of the content, so unchanged evidence is stored once."""

    def hashes(at: datetime, request: str) -> list[str]:
        made = Estate(kind=UnitKind.SUBSCRIPTION, unit_id="1", subscriptions=[], now=at)
        for name in ("defender_pricings", "resources"):
            made.add_documents(name, SUB, [], request_id=request)
        return [item.sha256 for result in evaluate(made, [control(PLAN)]) for item in result.evidence]

    first = hashes(NOW, "one")
    assert first == hashes(datetime(2027, 1, 1, tzinfo=UTC), "two") != []


def test_an_answer_that_nothing_exists_is_cited_with_its_code() -> None:
    """Azure answers 404 if a subscription has no security contact."""
    missing = replace(
        gap("security_contacts", reason=Reason.NOT_FOUND, status=404), code="Gone", request_id="r"
    )
    results = judge("defender-contact-email", {}, gaps=[missing])
    assert [
        (item.content["not_found"], item.request_id) for one in results.values() for item in one.evidence
    ] == [(["Gone"], "r")]


def test_a_list_that_could_not_be_read_is_not_cited() -> None:
    results = judge(PLAN, {}, gaps=[gap("resources")])
    assert {one.verdict.outcome for one in results.values()} == {"unknown"}
    assert not [item for one in results.values() for item in one.evidence]
