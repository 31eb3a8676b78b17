"""The OSCAL export of findings is valid by NIST's rules, agrees with the other exports, and needs bounded memory."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pydantic import ValidationError

from assessments.models import Finding
from portal.files import oscal
from portal.queries.findings.export import COLUMNS, Exported
from portal.queries.findings.oscal import oscal_results
from portal.treatment.actions.exceptions.decide import approve
from tests import factories
from tests.fresh import run_fresh
from tests.portal.reports.schemas import oscal_problems
from tests.portal.web.random_findings import populate
from tests.portal.web.watched import watched_unit
from tests.portal.web.world import SignIn, World

IMPORTS = """
import sys, django
django.setup()
import portal.urls, portal.reports.tasks
print("trestle" in sys.modules)
"""
STATUSES = {
    "pass": ("satisfied", "pass"),
    "fail": ("not-satisfied", "fail"),
    "unknown": ("not-satisfied", "other"),
    "manual": ("not-satisfied", "other"),
}


def downloaded(client: Client, world: World, query: str = "") -> Any:
    response = client.get(reverse("findings-oscal", args=[world.home.slug]) + f"?{query}")
    assert response["Content-Type"] == "application/json"
    assert f'filename="findings-{world.home.slug}-' in response["Content-Disposition"]
    return json.loads(b"".join(response.streaming_content))  # type: ignore[attr-defined]


def rows_of_json(client: Client, world: World, query: str) -> dict[str, dict[str, Any]]:
    response = client.get(reverse("findings-json", args=[world.home.slug]) + f"?{query}")
    rows = json.loads(b"".join(response.streaming_content))  # type: ignore[attr-defined]
    return {row["id"]: row for row in rows}


def props(part: Any) -> dict[str, str]:
    return {prop["name"]: prop["value"] for prop in part["props"]}


@pytest.fixture
def crowded(world: World) -> World:
    """Findings with every verdict, one of them with names that OSCAL does not allow, and an exception in force."""
    with factories.in_tenant(world.home):
        found = populate(world.home, [world.people["owner"]], timezone.now(), seed=9, count=60)
        one = next(row for row in found if row.outcome == "fail" and not row.gone_at)
        Finding.objects.filter(pk=one.pk).update(subject=f" {one.subject}\nx ", subject_name="a\n b ")
        approve(exception=world.of(world.home)["exception"], by=world.people["approver"])
    return world


@pytest.mark.slow(seconds=1)
def test_every_export_is_valid_for_nist(crowded: World, sign_in: SignIn, tmp_path: Path) -> None:
    client = sign_in(crowded.people["auditor"])
    for query in ("", "state=gone", "verdict=not_applicable", "q=nothing-matches-this"):
        document = downloaded(client, crowded, query)
        assert oscal_problems(document, tmp_path) == [], query
        (result,) = document["assessment-results"]["results"]
        assert props(result)["filters"] == (query or "none")
        assert result["start"] <= result["end"]
        # NIST's schema refuses empty lists, so the export leaves them out.
        assert ("observations" in result) == (query != "q=nothing-matches-this")
        assert ("findings" in result) == (query == "")


@pytest.mark.slow(seconds=1)
def test_it_has_the_findings_of_the_other_exports(crowded: World, sign_in: SignIn) -> None:
    client = sign_in(crowded.people["auditor"])
    for query in ("", "verdict=fail", "state=gone"):
        rows = rows_of_json(client, crowded, query)
        (result,) = downloaded(client, crowded, query)["assessment-results"]["results"]
        observations = {one["uuid"]: one for one in result["observations"]}
        findings = {
            one["related-observations"][0]["observation-uuid"]: one for one in result.get("findings", ())
        }
        assert len(observations) == len(rows) > 0
        expected = sorted(
            (row["verdict"], row["control"], row["severity"], *row["evidence"]) for row in rows.values()
        )
        evidence = {uuid: _hashes(one) for uuid, one in observations.items()}
        assert expected == sorted(
            (values["outcome"], values["control"], values["severity"], *evidence[uuid])
            for uuid, values in ((uuid, props(one)) for uuid, one in observations.items())
        )
        for uuid, one in observations.items():
            values = props(one)
            has_finding = values["outcome"] != "not_applicable" and values["state"] != "gone"
            assert (uuid in findings) == has_finding
            if has_finding:
                target = findings[uuid]["target"]
                assert target["target-id"] == values["control"]
                assert (target["status"]["state"], target["status"]["reason"]) == STATUSES[values["outcome"]]
        reviewed = result["reviewed-controls"]["control-selections"][0].get("include-controls", [])
        assert [one["control-id"] for one in reviewed] == sorted(
            {one["target"]["target-id"] for one in findings.values()}
        )


def _hashes(observation: Any) -> list[str]:
    return [one["description"].rpartition(" ")[2] for one in observation.get("relevant-evidence", ())]


@pytest.mark.slow(seconds=1)
def test_an_exception_is_a_risk_of_the_findings_that_it_covers(crowded: World, sign_in: SignIn) -> None:
    exception = crowded.of(crowded.home)["exception"]
    (result,) = downloaded(sign_in(crowded.people["auditor"]), crowded)["assessment-results"]["results"]
    (risk,) = result["risks"]
    assert (risk["title"], risk["status"]) == (f"Exception {exception.number}", "deviation-approved")
    assert risk["statement"] == exception.reason
    (finding,) = (one for one in result["findings"] if "related-risks" in one)
    assert finding["related-risks"] == [{"risk-uuid": risk["uuid"]}]
    assert finding["target"]["target-id"] == "storage-anonymous-access-disallowed"


@pytest.mark.slow(seconds=1)
def test_ids_of_findings_stay_the_same_and_those_of_documents_do_not(crowded: World, sign_in: SignIn) -> None:
    client = sign_in(crowded.people["auditor"])
    first, second = (
        downloaded(client, crowded, query)["assessment-results"] for query in ("", "verdict=fail")
    )
    ids = [{one["uuid"] for one in document["results"][0]["observations"]} for document in (first, second)]
    assert ids[1] < ids[0]
    assert first["uuid"] != second["uuid"]


def test_collected_is_when_the_subscription_was_last_read(crowded: World, sign_in: SignIn) -> None:
    finding = crowded.of(crowded.home)["finding"]
    with factories.in_tenant(crowded.home):
        last = crowded.of(crowded.home)["assessment"].units.get()
        type(last).objects.filter(pk=last.pk).update(ended_at=timezone.now() + timedelta(days=2))
        last.refresh_from_db()
        unknown = Finding.objects.filter(unit=finding.unit, outcome="unknown", gone_at=None)
        changed = set(unknown.values_list("changed_at", flat=True))
    client = sign_in(crowded.people["auditor"])
    times: dict[str, set[str]] = {}
    for outcome in ("fail", "unknown"):
        (result,) = downloaded(client, crowded, f"verdict={outcome}")["assessment-results"]["results"]
        for one in result["observations"]:
            if props(one)["unit"] == finding.unit:
                times.setdefault(outcome, set()).add(one["collected"])
    assert last.scope_id == finding.unit
    assert times["fail"] == {f"{last.ended_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S+00:00}"}
    assert times["unknown"] == {f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S+00:00}" for at in changed}


def test_an_assessment_by_the_watch_dates_only_the_findings_that_it_changed(
    crowded: World, sign_in: SignIn
) -> None:
    """The watch reads only what somebody changed. All other observations keep the time of the last full assessment."""
    at = timezone.now() + timedelta(days=2)
    unit = watched_unit(crowded, at)
    with factories.in_tenant(crowded.home):
        failing = Finding.objects.filter(unit=unit.scope_id, outcome="fail", gone_at=None)
        assert failing.count() > 1
        changed = failing.values_list("pk", flat=True)[0]
        failing.filter(pk=changed).update(changed_at=at)
    document = downloaded(sign_in(crowded.people["auditor"]), crowded, "verdict=fail")
    (result,) = document["assessment-results"]["results"]
    later = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S+00:00}"
    confirmed = [one["uuid"] for one in result["observations"] if one["collected"] == later]
    assert confirmed == [oscal.derived_id(changed, "observation")]


@pytest.mark.slow(seconds=1)
def test_observations_have_the_remarks(crowded: World, sign_in: SignIn, tmp_path: Path) -> None:
    finding = crowded.of(crowded.home)["finding"]
    with factories.in_tenant(crowded.home):
        Finding.objects.filter(pk=finding.pk).update(remarks=["not attached to a subnet", "Second"])
    document = downloaded(sign_in(crowded.people["auditor"]), crowded)
    assert oscal_problems(document, tmp_path) == []
    (result,) = document["assessment-results"]["results"]
    remarks = [one["remarks"] for one in result["observations"] if "remarks" in one]
    assert "Not attached to a subnet\nSecond" in remarks


@pytest.mark.slow(seconds=2)
def test_memory_does_not_grow_with_the_findings(world: World) -> None:
    def row(number: int) -> Exported:
        found = Finding(
            pk=UUID(int=number), tenant=world.home, control="network-watcher", severity="high", outcome="fail",
            subject=f"/subscriptions/s/{number}", unit="/subscriptions/s", changed_at=datetime.now(UTC),
        )  # fmt: skip
        found.shown = "open"  # type: ignore[attr-defined]
        values = dict.fromkeys(COLUMNS) | {"subject_name": str(uuid4()), "found": "Open"}
        return Exported(found, tuple(values.values()), [], [])

    def peak(count: int) -> int:
        def rows() -> Iterator[Exported]:
            return map(row, range(count))

        with factories.in_tenant(world.home):
            tracemalloc.start()
            sent = sum(len(piece) for piece in oscal_results(rows(), world.home, timezone.now()))
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert sent > 1000 * count
        return most

    peak(1)
    assert peak(1500) < 1.5 * peak(500)


@pytest.mark.slow(seconds=3)
def test_only_what_writes_oscal_imports_its_classes(tmp_path: Path) -> None:
    variables = {"DJANGO_SETTINGS_MODULE": "portal.settings.test", "SURETY_HOME": str(tmp_path)}
    started = run_fresh(IMPORTS, [], variables)
    assert (started.stdout, started.returncode) == ("False\n", 0), started.stderr


def test_the_classes_refuse_what_oscal_does_not_allow() -> None:
    def seen(**changed: Any) -> dict[str, Any]:
        values = {
            "uuid": str(uuid4()), "title": "a\nb", "description": "\ud800 c", "outcome": "fail",
            "props": [("state", "")], "collected": datetime.now(UTC), "evidence": [],
        }  # fmt: skip
        return oscal.plain(oscal.observation(**(values | changed)))

    found = seen()
    assert (found["title"], found["description"], props(found)["state"]) == ("a b", "? c", "none")
    assert "relevant-evidence" not in found
    for changed in ({"uuid": "1"}, {"props": [("two words", "x")]}):
        with pytest.raises(ValidationError):
            seen(**changed)
    with pytest.raises(ValidationError):
        oscal.target("two words", "fail")
