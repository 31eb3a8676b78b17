"""Reports list changes of resources with their properties, possible actors, verdicts and reviews, up to a limit.

For each change, they say how certain its actor is. They can omit names.
"""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from assessments.models import ActivityReading, Assessment
from portal.changes.models import ApprovedConfiguration, ResourceChange, ReviewEvent
from portal.reports.attachment_files import timestamp
from portal.reports.facts.resource_changes import _attribution
from portal.reports.facts.temporary_lists import SpilledList
from portal.reports.parts import changes, resource_changes
from tests import factories
from tests.portal.reports.kinds.rendering import Rendered, rendered
from tests.portal.web.world import World

PERSON = "5f1e8b6a-1111-4222-8333-944444444444"


def candidate(**given: Any) -> dict[str, Any]:
    return {
        "at": timezone.now().isoformat(),
        "operation": "Microsoft.Storage/storageAccounts/write",
        "target": "",
        "status": "Succeeded",
        "correlation": "c-1",
        "kind": "person",
        "actor": "anna@contoso.com",
        "name": "Anna Berg",
        "object": PERSON,
        "address": "192.0.2.7",
        **given,
    }


def comparison(world: World, **choices: Any) -> Rendered:
    with factories.in_tenant(world.home):
        first = Assessment.objects.get(tenant=world.home, number=1)
        return rendered(world.home, kind="changes", baseline=first, **choices)


@pytest.fixture
def change(world: World) -> ResourceChange:
    """The change that made the first storage account insecure. Its actor is known, and it was reviewed."""
    found: ResourceChange = world.of(world.home)["change"]
    reviewer = world.people["owner"]
    with factories.in_tenant(world.home):
        ResourceChange.objects.filter(pk=found.pk).update(
            candidates=[candidate()],
            actors=["anna@contoso.com"],
            gap="",
            is_attributed=True,
            state=ResourceChange.State.EXPECTED,
            reviewed_by=reviewer,
            reviewed_at=timezone.now() - timedelta(seconds=1),
            reason="Migration of the web shop",
        )
        ActivityReading.objects.create(
            tenant=world.home,
            unit=found.unit,
            since=found.at - timedelta(hours=1),
            until=found.at,
            code="AuthorizationFailed",
            message="The client may not read events.",
            permission="Microsoft.Insights/eventtypes/values/read",
        )
    return found


@pytest.mark.slow(seconds=1)
def test_a_change_has_property_actor_verdicts_and_review(
    world: World, change: ResourceChange, tmp_path: Path
) -> None:
    found = comparison(world)
    stated = found.results["resource_changes"]
    (row,) = [one for one in stated["changes"] if one["change"] == str(change.pk)]
    paths = {one["path"]: (one["change"], one["before"], one["after"]) for one in row["properties"]}
    assert paths["properties.allowBlobPublicAccess"] == ("changed", "false", "true")
    assert (row["attribution"], row["actors"]) == ("one", ["Anna Berg (anna@contoso.com)"])
    assert (row["operations"][0]["address"], row["review"]) == ("192.0.2.7", "expected")
    assert row["review_reason"] == "Migration of the web shop"
    assert any(one["after"] == "fail" for one in row["verdicts"])
    assert stated["total"] == len(stated["changes"]) == sum(stated["kind_counts"].values())
    assert sum(stated["attribution_counts"].values()) == stated["total"]
    assert stated["unread"][0]["permission"] == "Microsoft.Insights/eventtypes/values/read"
    lines = list(csv.DictReader(io.StringIO(found.files["resource-changes.csv"].decode("utf-8-sig"))))
    own = [line for line in lines if line["change"] == str(change.pk)]
    assert {line["property"] for line in own} == set(paths)
    assert {line["possible_actors"] for line in own} == {"Anna Berg (anna@contoso.com)"}
    text = found.text(tmp_path)
    for words in (
        "Resource changes and who made them",
        "Changes and readings of logs that were deleted under the retention policy are missing.",
        "anna@contoso.com",
        "properties.allowBlobPublicAccess",
        "Migration of the web shop",
        "Microsoft.Insights/eventtypes/values/read",
    ):
        assert words in text or words in text.replace(" ", ""), words


@pytest.mark.slow(seconds=1)
def test_actors_and_verdicts_that_the_pages_leave_out_are_counted(
    world: World, change: ResourceChange, tmp_path: Path
) -> None:
    with factories.in_tenant(world.home):
        row = ResourceChange.objects.get(pk=change.pk)
        row.candidates = [candidate(actor=f"{name}@contoso.com", name=name, object="") for name in "abcd"]
        row.verdicts = [row.verdicts[0]] * 3
        row.save()
    text = comparison(world).text(tmp_path)
    assert "4 possible actors in all" in text
    assert "3 verdicts in all" in text


@pytest.mark.slow(seconds=1)
def test_changes_since_an_assessment_that_was_cancelled_in_the_middle_are_listed(
    world: World, change: ResourceChange, tmp_path: Path
) -> None:
    with factories.in_tenant(world.home):
        Assessment.objects.filter(tenant=world.home, number=1).update(state=Assessment.State.CANCELLED)
    found = comparison(world)
    assert str(change.pk) in {one["change"] for one in found.results["resource_changes"]["changes"]}
    assert "no earlier assessment" not in found.text(tmp_path)


@pytest.mark.slow(seconds=1)
def test_verdicts_and_resources_are_compared_with_the_same_cancelled_assessment(
    world: World, change: ResourceChange
) -> None:
    with factories.in_tenant(world.home):
        first = Assessment.objects.get(tenant=world.home, number=1)
        Assessment.objects.filter(pk=first.pk).update(state=Assessment.State.CANCELLED)
        found = rendered(world.home)
    assert first.ended_at is not None
    assert found.facts.of(changes.PART).previous.startswith("assessment 1 of ")
    assert found.results["resource_changes"]["since"] == timestamp(first.ended_at)


@pytest.mark.slow(seconds=1)
def test_a_report_names_added_rules_and_what_differs_from_an_approved_configuration(
    world: World, change: ResourceChange, tmp_path: Path
) -> None:
    with factories.in_tenant(world.home):
        approval = ApprovedConfiguration.objects.create(
            tenant=world.home,
            resource=world.of(world.home)["resource"],
            version=change.pk,
            version_at=change.at - timedelta(days=2),
            content={},
            reason="As designed",
            approved_by=world.people["owner"],
            approved_at=change.at - timedelta(days=1),
        )
        path = ["properties", "supportsHttpsTrafficOnly"]
        group = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/web"
        rule = {
            "id": f"{group}/securityRules/ssh",
            "name": "ssh",
            "properties": {
                "access": "Allow",
                "description": "",
                "destinationPortRanges": ["22", "3389"],
                "priority": 100,
                "provisioningState": "Succeeded",
            },
        }
        where = ["properties", "securityRules"]
        ResourceChange.objects.filter(pk=change.pk).update(
            approval=approval,
            approved_differences=[{"path": path, "before": True, "now": False}],
            differences=[
                {"path": [*where, rule["id"]], "now": rule},
                {"path": [*where, f"{group}/securityRules/old"], "before": {"sku": {"name": "Basic"}}},
            ],
        )
    found = comparison(world)
    (row,) = [one for one in found.results["resource_changes"]["changes"] if one["change"] == str(change.pk)]
    assert row["approved_at"].startswith(f"{approval.approved_at:%Y-%m-%d}")
    assert row["approved_differences"] == [
        {
            "path": "properties.supportsHttpsTrafficOnly",
            "label": "properties.supportsHttpsTrafficOnly",
            "summary": "",
            "change": "changed",
            "before": "true",
            "after": "false",
        }
    ]
    lines = list(csv.DictReader(io.StringIO(found.files["resource-changes.csv"].decode("utf-8-sig"))))
    assert {line["differs_from_approved"] for line in lines if line["change"] == str(change.pk)} == {
        "properties.supportsHttpsTrafficOnly"
    }
    values = "access Allow; destinationPortRanges 22, 3389; priority 100"
    assert [(one["label"], one["summary"]) for one in row["properties"]] == [
        ("properties.securityRules.ssh", values),
        ("properties.securityRules.old", "sku"),
    ]
    text = " ".join(found.text(tmp_path).split())
    assert all(
        words in text for words in ("securityRules.ssh", "added", "destinationPortRanges", "priority 100")
    )
    assert '"/subscriptions' not in text
    assert "Differs from the configuration approved on" in text


@pytest.mark.slow(seconds=1)
def test_a_report_without_names_has_ids_instead(world: World, change: ResourceChange, tmp_path: Path) -> None:
    found = comparison(world, without_names=True, language="de")
    (row,) = [one for one in found.results["resource_changes"]["changes"] if one["change"] == str(change.pk)]
    assert row["actors"] == [PERSON]
    everything = b"".join(found.files.values()).decode(errors="replace")
    for name in ("anna@contoso.com", "Anna Berg", "192.0.2.7"):
        assert name not in everything
    text = found.text(tmp_path)
    assert "Anna Berg" not in text
    assert "Änderungen von Ressourcen und ihre Verursacher" in text
    assert "Mögliche Verursacher" in text


@pytest.mark.slow(seconds=1)
def test_a_later_review_is_not_part_of_an_earlier_report(
    world: World, change: ResourceChange, monkeypatch: pytest.MonkeyPatch
) -> None:
    with factories.in_tenant(world.home):
        ResourceChange.objects.filter(pk=change.pk).update(reviewed_at=timezone.now() + timedelta(days=1))
    (row,) = [
        one
        for one in comparison(world).results["resource_changes"]["changes"]
        if one["change"] == str(change.pk)
    ]
    assert (row["review"], row["reviewed_by"], row["review_reason"]) == ("waiting", "", "")


@pytest.mark.slow(seconds=2)
@pytest.mark.parametrize("without_names", [False, True])
def test_an_earlier_report_has_the_review_of_its_time(
    world: World, change: ResourceChange, without_names: bool
) -> None:
    """A change was reviewed as unexpected before the end of the report's assessment, and rolled back after it."""
    reviewer = world.people["owner"]
    with factories.in_tenant(world.home):
        ended = Assessment.objects.get(tenant=world.home, number=2).ended_at
        assert ended is not None
        Assessment.objects.create(
            tenant=world.home, number=99, state="finished", started_at=timezone.now(), ended_at=timezone.now()
        )
        ResourceChange.objects.filter(pk=change.pk).update(
            state="rolled_back", severity="high", rules=["Storage"], reviewed_by=None,
            reviewed_at=timezone.now(), reason="",
        )  # fmt: skip
        text = (
            f"Nobody asked for it\nTicket CHG-7\nOwner {reviewer.name or reviewer.email}, due on 2026-12-01"
        )
        for days, kind, by, words in (
            (-2, "caught", None, "Storage"), (-1, "unexpected", reviewer, text), (1, "rolled_back", None, "Again"),
        ):  # fmt: skip
            ReviewEvent.objects.create(
                tenant=world.home,
                change=change,
                at=ended + timedelta(minutes=days),
                by=by,
                kind=kind,
                text=words,
            )
        assessment = Assessment.objects.get(tenant=world.home, number=2)
    found = comparison(world, assessment=assessment, without_names=without_names).results["resource_changes"]
    (row,) = [one for one in found["changes"] if one["change"] == str(change.pk)]
    assert (row["review"], row["review_reason"], row["ticket"]) == (
        "unexpected", "Nobody asked for it", "CHG-7",
    )  # fmt: skip
    assert found["review_counts"]["unexpected"] == 1
    assert reviewer.email not in row["reviewed_by"] or not without_names
    assert row["reviewed_by"]


@pytest.mark.slow(seconds=2)
@pytest.mark.parametrize("minutes", [-1, 1])
def test_an_earlier_report_does_not_name_a_later_owner(
    world: World, change: ResourceChange, minutes: int
) -> None:
    """An unexpected change was handed over to another person before or after the end of the report's assessment."""
    owner, ended = world.people["owner"], timezone.now()
    with factories.in_tenant(world.home):
        assessment = Assessment.objects.get(tenant=world.home, number=2)
        assessment.ended_at = ended
        assessment.save()
        Assessment.objects.create(
            tenant=world.home, number=99, state="finished", started_at=timezone.now(), ended_at=timezone.now()
        )
        ResourceChange.objects.filter(pk=change.pk).update(
            state="unexpected", severity="high", rules=["Storage"], owner=owner,
            due_at=timezone.now() + timedelta(days=1), reviewed_at=ended - timedelta(minutes=2),
        )  # fmt: skip
        ReviewEvent.objects.create(
            tenant=world.home,
            change=change,
            at=ended + timedelta(minutes=minutes),
            by=owner,
            kind="assigned",
        )
    found = comparison(world, assessment=assessment).results["resource_changes"]
    (row,) = [one for one in found["changes"] if one["change"] == str(change.pk)]
    assert row["review"] == "unexpected"
    assert bool(row["owner"]) is (minutes < 0)


@pytest.mark.slow(seconds=2)
def test_more_changes_than_the_limit_are_counted(
    world: World, change: ResourceChange, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with factories.in_tenant(world.home):
        row = ResourceChange.objects.get(pk=change.pk)
        for number in range(4):
            row.pk, row.key, row.worsened, row._state.adding = None, f"copy-{number}", "", True
            row.save()
    monkeypatch.setattr(resource_changes, "MAX_LISTED", 3)
    monkeypatch.setattr(resource_changes, "MAX_PRINTED", 1)
    found = comparison(world)
    stated = found.results["resource_changes"]
    assert (len(stated["changes"]), stated["not_listed"]) == (3, stated["total"] - 3)
    text = found.text(tmp_path)
    assert "2 more in resource-changes.csv." in text
    assert f"{stated['not_listed']} further changes are counted above, but not listed in this file." in text
    assert sum(stated["attribution_counts"].values()) == stated["total"] >= 5
    assert stated["changes"][0]["change"] == str(change.pk), "what made a finding fail comes first"


@pytest.mark.parametrize(
    ("given", "attribution"),
    [
        ({"candidates": [candidate()]}, "one"),
        ({"candidates": [candidate(), candidate(correlation="c-2")]}, "one"),
        ({"candidates": [candidate(), candidate(actor="bob@contoso.com")]}, "several"),
        ({"candidates": [candidate(), candidate(actor="", kind="unknown")]}, "several"),
        ({"candidates": [candidate(actor="", name="", kind="unknown")]}, "not_named"),
        (
            {
                "candidates": [candidate()],
                "gap": "The activity log was read for only a part of this time, or not at all.",
            },
            "incomplete",
        ),
        (
            {"gap": "The activity log could not be read completely: no.", "gap_kind": "unreadable"},
            "incomplete",
        ),
        ({"gap": "No operation, in other words.", "gap_kind": "no_operation"}, "no_operation"),
        ({"gap": "Not read, in other words.", "gap_kind": "not_read"}, "incomplete"),
        (
            {
                "gap": "No operation, in other words.",
                "gap_kind": "no_operation",
                "is_attributed": False,
            },
            "not_final",
        ),
    ],
)
def test_how_far_a_change_is_attributed(given: dict[str, Any], attribution: str) -> None:
    assert _attribution(ResourceChange(**{"is_attributed": True, **given})) == attribution


def test_a_spilled_list_reads_like_a_list() -> None:
    items = list(range(1003))
    found = SpilledList(iter(items))
    assert (len(found), list(found), list(found)) == (1003, items, items)
    assert (found[0], found[-1], found[450], found[990:]) == (0, 1002, 450, items[990:])
    assert found[::-1] == items[::-1]
    with pytest.raises(IndexError):
        found[1003]
    assert list(SpilledList(())) == []
