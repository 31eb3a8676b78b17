"""The changes of a customer: list, facets, export, one change, and its review by each role."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from datetime import timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Finding, ObjectName
from portal.changes.models import ResourceChange, ReviewEvent
from portal.notify.models import Notice
from portal.queries.changes import search
from portal.queries.changes.export import COLUMNS
from portal.queries.changes.filters import ChangeFilter, ChangeSearch
from portal.treatment.naming import finding_title
from portal.web.changes.review import DUE_DAYS
from portal.web.components.icons import ICONS
from tenants.ids import uuid7
from tenants.models import Directory, JournalEntry
from tests import factories
from tests.assessments.collect import azure
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World, give


@pytest.fixture
def change(world: World) -> ResourceChange:
    """The change that made the first storage account insecure."""
    found: ResourceChange = world.of(world.home)["change"]
    return found


def current(world: World, change: ResourceChange) -> ResourceChange:
    with factories.in_tenant(world.home):
        return ResourceChange.objects.select_related("owner", "reviewed_by").get(pk=change.pk)


def text(client: Client, world: World, query: str = "") -> str:
    return " ".join(page(client, "resource-changes", world.home.slug, query=query).split())


def review(client: Client, world: World, change: ResourceChange, **given: Any) -> Any:
    return client.post(
        reverse("resource-changes-review", args=[world.home.slug]), {"change": change.pk, **given}
    )


@pytest.mark.slow(seconds=1)
def test_a_change_names_property_values_rules_and_verdicts(
    engineer: Client, world: World, change: ResourceChange
) -> None:
    assert change.rules == ["Worsened verdicts", "Network exposure"]
    html = text(engineer, world)
    assert change.name in html
    assert "allowBlobPublicAccess" in html
    assert "no → yes" in html
    html = " ".join(page(engineer, "resource-change", world.home.slug, change.pk).split())
    assert "supportsHttpsTrafficOnly" in html
    assert "The activity log was read for only a part of this time, or not at all." in html
    assert "Waiting for review" in html
    assert "Caught by a rule" in html
    assert "Pass → Fail" in html
    assert reverse("resource-changes", args=[world.home.slug]) in page(
        engineer, "resource", world.home.slug, world.of(world.home)["resource"].pk
    )


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ("?state=waiting&severity=high", True),
        ("?state=expected", False),
        ("?state=none", False),
        ("?kind=changed&type=Microsoft.Storage%2FstorageAccounts", True),
        ("?kind=deleted", False),
        ("?property=properties.allowBlobPublicAccess", True),
        ("?property=properties.other", False),
        ("?rule=Network+exposure", True),
        ("?actor=anna@contoso.com", True),
        ("?actor=somebody@contoso.com", False),
        ("?actor=nna@contoso.com", False),  # The filter needs the whole name of an actor.
        ("?actor=anna@contoso.com%0Abert@contoso.com", False),
        ("?q=nna@conto", True),
        ("?operation=Microsoft.Storage%2FstorageAccounts%2Fwrite", True),
        ("?q=ANNA@contoso.com", True),
        ("?q=storageaccounts", True),
        ("?q=nothing-is-called-so", False),
        ("?state=invented&days=never", True),
        ("?actor=%00", True),
    ],
)
def test_filters(engineer: Client, world: World, change: ResourceChange, query: str, finds: bool) -> None:
    with factories.in_tenant(world.home):
        ResourceChange.objects.filter(pk=change.pk).update(
            actors=["anna@contoso.com", "bert@contoso.com"],
            operations=["microsoft.storage/storageaccounts/write"],
        )
    if query == "?actor=%00":  # A name with NUL matches no actor.
        finds = False
    assert (f">{change.name}</a>" in text(engineer, world, query)) == finds


def test_spellings_of_a_resource_group_are_equal(
    engineer: Client, world: World, change: ResourceChange
) -> None:
    with factories.in_tenant(world.home):
        ResourceChange.objects.filter(pk=change.pk).update(resource_group="RG-PROD")
    for group in ("rg-prod", "RG-PROD", "Rg-Prod"):
        html = text(engineer, world, f"?group={group}")
        assert f">{change.name}</a>" in html
        assert "group=RG-PROD" not in html.replace(f"group={group}", "")
    assert f">{change.name}</a>" not in text(engineer, world, "?group=rg")


@pytest.mark.slow(seconds=1)
def test_a_search_finds_the_same_however_many_texts_match(
    engineer: Client, world: World, change: ResourceChange, monkeypatch: pytest.MonkeyPatch
) -> None:
    with factories.in_tenant(world.home):
        ResourceChange.objects.filter(pk=change.pk).update(actors=["anna@contoso.com"])
    queries = {"?q=STORAGE": True, "?q=Anna": True, "?q=anna+storage": True, "?q=anna+nothing": False}
    queries |= {"?actor=anna@contoso.com": True, "?actor=bert@contoso.com": False}
    for limit in (search.MAX_KEYS, 0):
        monkeypatch.setattr(search, "MAX_KEYS", limit)
        found = {query: f">{change.name}</a>" in text(engineer, world, query) for query in queries}
        assert found == queries, limit


def test_a_change_of_a_person_shows_their_name_and_the_old_and_new_values(
    engineer: Client, world: World, change: ResourceChange
) -> None:
    guid, directory = azure.guid(77), azure.DIRECTORY
    with factories.in_tenant(world.home):
        found = ResourceChange.objects.get(pk=change.pk)
        found.pk, found.key, found.kind, found.name = None, "0" * 64, "operation", guid
        found.azure_id = f"/directories/{directory}/providers/Microsoft.Graph/users/{guid}"
        found.differences = [{"path": ["AccountEnabled"], "before": [False], "now": [True]}]
        found.properties, found.difference_count = ["AccountEnabled"], 3
        found.candidates[:] = [{**operation_by("anna@contoso.com"), "operation": "Update user"}]
        found._state.adding = True
        found.save()
    url = [world.home.slug, found.pk]
    html = text(engineer, world)
    assert f"{guid} (name not read yet)" in html
    assert "Update user: AccountEnabled" in html
    with factories.in_tenant(world.home):
        ObjectName.objects.create(
            tenant=world.home,
            directory=Directory.objects.filter(tenant=world.home)[0],
            guid=guid,
            kind="user",
            status="known",
            display_name="Robin <b>Roth",
            read_at=timezone.now(),
        )
    for html in (text(engineer, world), " ".join(page(engineer, "resource-change", *url).split())):
        assert "Robin &lt;b&gt;Roth" in html
    for expected in ("AccountEnabled", "no", "yes", "2 more changed properties, which Surety does not store"):
        assert expected in html
    with factories.in_tenant(world.home):
        ResourceChange.objects.filter(pk=found.pk).update(differences=[], properties=[])
    html = " ".join(page(engineer, "resource-change", *url).split())
    assert "The audit log gives 3 changed properties in a form that Surety cannot read." in html


def operation_by(actor: str) -> dict[str, str]:
    return {
        "at": timezone.now().isoformat(),
        "operation": "",
        "target": "",
        "status": "Succeeded",
        "correlation": "c",
        "kind": "person",
        "actor": actor,
        "name": "",
        "object": "",
        "address": "",
    }


def test_old_changes_need_a_longer_period(engineer: Client, world: World, change: ResourceChange) -> None:
    with factories.in_tenant(world.home):
        ResourceChange.objects.filter(pk=change.pk).update(at=timezone.now() - timedelta(days=31))
    of_resource = f"?resource={world.of(world.home)['resource'].pk}"
    for query, finds in (("", False), ("?days=90", True), (of_resource, True)):
        assert (f">{change.name}</a>" in text(engineer, world, query)) == finds


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize("query", ["", "type=none&page=2&"])
def test_a_chosen_period_is_marked_and_can_be_removed(
    engineer: Client, world: World, change: ResourceChange, query: str
) -> None:
    def periods(query: str) -> dict[str, tuple[str, bool, bool]]:
        """Return {label of a period: (address, whether it is marked as chosen, whether it can be removed)}."""
        group = text(engineer, world, f"?{query}").split('id="facet-days-options"')[1].split("</ul>")[0]
        return {
            re.findall(r'title="([^"]+)"', link)[0]: (
                unescape(re.findall(r'href="([^"]+)"', link)[0]),
                'aria-current="true"' in link,
                ICONS["close"] in link,
            )
            for link in group.split("<li>")[1:]
        }

    rest = "type=none" if query else ""
    assert periods(query)["Last 30 days"] == (f"?{rest}", True, False)
    address, *marks = periods(query)["Any time"]
    assert (address, marks) == (f"?{'&'.join(filter(None, (rest, 'days=all')))}", [False, False])
    assert [label for label, (_, chosen, _) in periods(address[1:]).items() if chosen] == ["Any time"]
    assert periods(address[1:])["Any time"] == (f"?{rest}", True, True)
    resource = f"resource={world.of(world.home)['resource'].pk}"
    assert periods(resource)["Any time"] == (f"?{resource}", True, False)
    assert periods(f"{resource}&days=7")["Last 7 days"] == (f"?{resource}", True, True)


@pytest.mark.slow(seconds=1)
def test_the_list_names_older_changes_whose_review_is_open(
    engineer: Client, world: World, change: ResourceChange
) -> None:
    link = "?state=waiting&amp;state=unexpected&amp;days=all"
    assert link not in text(engineer, world), "the change is in the list"

    def store(**values: Any) -> None:
        with factories.in_tenant(world.home):
            ResourceChange.objects.filter(pk=change.pk).update(**values)

    old = timezone.now() - timedelta(days=31)
    store(at=old)
    for query in ("", "?state=waiting", "?days=7&type=none"):
        html = text(engineer, world, query)
        assert "1 change from before the period of the filter waits for a review or is unexpected." in html, (
            query
        )
        assert link in html, query
    for query in ("?days=90", "?days=all", f"?days=7&resource={world.of(world.home)['resource'].pk}"):
        assert link not in text(engineer, world, query), query
    assert f">{change.name}</a>" in text(engineer, world, link.replace("&amp;", "&"))
    store(state="unexpected", owner=world.people["owner"], due_at=timezone.now())
    assert link in text(engineer, world)
    store(state="expected")
    assert link not in text(engineer, world)


def test_facets_ignore_their_own_filter(world: World, change: ResourceChange) -> None:
    with factories.in_tenant(world.home):
        now = timezone.now()
        everything = ChangeSearch(world.home, ChangeFilter.parse({}), now)
        counts = everything.facet_counts()
        assert counts["state"] == {"waiting": 1}
        assert counts["rule"] == {"Worsened verdicts": 1, "Network exposure": 1}
        other = ChangeSearch(world.home, ChangeFilter.parse({"state": ["expected"]}), now)
        assert other.total() == 0
        assert other.facet_counts()["state"] == {"waiting": 1}
        assert not other.facet_counts()["rule"]


def test_each_facet_counts_what_its_value_would_list(
    world: World, change: ResourceChange, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = (
        {"state": "", "severity": "", "rules": [], "actors": ["a@x.com", "b@x.com"], "type": "t/one"},
        {"state": "expected", "rules": ["Network exposure"], "actors": ["a@x.com"], "type": "t/two"},
        {"state": "rolled_back", "rules": [], "actors": [], "type": "t/one", "kind": "deleted"},
    )
    chosen: list[dict[str, list[str]]] = [
        {},
        {"state": ["none"]},
        {"state": ["none", "waiting"], "actor": ["a@x.com"]},
        {"type": ["t/one"], "actor": ["b@x.com"], "kind": ["changed"]},
        {"approved": ["differs"], "rule": ["Network exposure"]},
    ]
    with factories.in_tenant(world.home):
        for number, given in enumerate(values):
            row = ResourceChange.objects.get(pk=change.pk)
            row.pk, row.key = uuid7(), str(number) * 64
            for name, value in given.items():
                setattr(row, name, value)
            row.save(force_insert=True)
        for limit in (5000, 1):
            monkeypatch.setattr("portal.queries.changes.filters.MAX_COUNTED", limit)
            for facets in chosen:
                search = ChangeSearch(world.home, ChangeFilter.parse(facets), timezone.now())
                assert search.total() == search.changes().count(), facets
                if limit == 1:
                    continue
                for name, counts in search.facet_counts().items():
                    for value, number in counts.items():
                        one = ChangeFilter.parse(facets | {name: [value]})
                        listed = ChangeSearch(world.home, one, timezone.now()).changes()
                        assert number == listed.count(), (facets, name, value)


def test_the_export_has_the_matching_changes(engineer: Client, world: World, change: ResourceChange) -> None:
    def exported(query: str) -> list[Mapping[str, str]]:
        answer: Any = engineer.get(reverse("resource-changes-csv", args=[world.home.slug]) + query)
        content = b"".join(answer.streaming_content).decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(content)))

    (row,) = exported("?state=waiting")
    assert list(row) == list(COLUMNS)
    assert (row["ID"], row["Review"], row["Severity"]) == (str(change.pk), "Waiting for review", "high")
    assert "properties.allowBlobPublicAccess" in row["Changed properties"]
    assert exported("?state=expected") == []


def test_an_expected_change_has_a_reason_a_journal_entry_and_a_timeline(
    engineer: Client, world: World, change: ResourceChange
) -> None:
    assert "Enter a reason." in review(engineer, world, change, decision="expected").content.decode()
    assert (
        "Enter a reason."
        in review(engineer, world, change, decision="expected", reason="\u200b \u2060").content.decode()
    ), "invisible characters are no reason"
    answer = review(
        engineer, world, change, decision="expected", reason="Migration of the site", ticket="CHG-7"
    )
    assert answer.status_code == 302
    found = current(world, change)
    assert (found.state, found.reason, found.ticket) == ("expected", "Migration of the site", "CHG-7")
    assert found.reviewed_by == world.people["organization_engineer"]
    with factories.in_tenant(world.home):
        entry = JournalEntry.objects.filter(tenant=world.home, action="change.expected").get()
        events = list(ReviewEvent.objects.filter(change=change).values_list("kind", "text"))
    assert entry.details["reason"] == "Migration of the site"
    assert events[-1] == ("expected", "Migration of the site\nTicket CHG-7")


def test_an_unexpected_change_becomes_work_of_an_owner(
    engineer: Client, world: World, change: ResourceChange
) -> None:
    owner = world.people["owner"]
    answer = review(
        engineer, world, change, decision="unexpected", reason="Nobody knows why", owner="", due=""
    )
    assert "Choose who works on the change." in answer.content.decode()
    assert "Enter a date." in answer.content.decode()
    past = review(
        engineer, world, change, decision="unexpected", reason="Why", owner=owner.pk, due="2020-01-01"
    )
    assert "Enter a date in the future that is at most twelve months from now." in past.content.decode()
    due = f"{timezone.now() + timedelta(days=3):%Y-%m-%d}"
    answer = review(
        engineer, world, change, decision="unexpected", reason="Nobody knows why", owner=owner.pk, due=due
    )
    assert answer.status_code == 302
    found = current(world, change)
    assert (found.state, found.owner) == ("unexpected", owner)
    with factories.in_tenant(world.home):
        assert Notice.objects.get(kind="change_assigned").person == owner


def test_a_change_that_was_rolled_back_has_a_ticket(
    engineer: Client, world: World, change: ResourceChange
) -> None:
    assert review(engineer, world, change, decision="rolled_back", ticket="CHG-8").status_code == 302
    assert current(world, change).ticket == "CHG-8"
    with factories.in_tenant(world.home):
        entry = JournalEntry.objects.filter(tenant=world.home, action="change.rolled_back").get()
        event = ReviewEvent.objects.filter(change=change, kind="rolled_back").get()
    assert (entry.details["ticket"], event.text) == ("CHG-8", "Ticket CHG-8")
    review(engineer, world, change, decision="rolled_back", reason="Once more", ticket="")
    assert current(world, change).ticket == "CHG-8"


@pytest.mark.slow(seconds=1)
def test_the_form_of_a_reviewed_change_has_its_ticket_owner_and_due_date(
    engineer: Client, world: World, change: ResourceChange
) -> None:
    owner, today = world.people["owner"], timezone.now().astimezone(ZoneInfo(world.home.timezone)).date()
    soon, proposed = today + timedelta(days=3), today + timedelta(days=DUE_DAYS)
    addresses = (
        reverse("resource-change", args=[world.home.slug, change.pk]),
        reverse("resource-changes-review", args=[world.home.slug]) + f"?change={change.pk}",
    )

    def shown() -> list[dict[str, Any]]:
        return [engineer.get(address).context["form"].initial for address in addresses]

    me = str(world.people["organization_engineer"].pk)
    assert shown() == [{"ticket": "", "owner": me, "due": proposed}] * 2
    given = {"decision": "unexpected", "reason": "Nobody knows why", "ticket": "INC-4"}
    assert review(engineer, world, change, **given, owner=owner.pk, due=f"{soon}").status_code == 302
    assert shown() == [{"ticket": "INC-4", "owner": str(owner.pk), "due": soon}] * 2
    with factories.in_tenant(world.home):
        ResourceChange.objects.filter(pk=change.pk).update(due_at=timezone.now() - timedelta(days=2))
    assert shown()[0]["due"] == proposed, "a due date must not be past"


def test_owners_see_only_their_changes(
    owner: Client, engineer: Client, world: World, change: ResourceChange
) -> None:
    address = reverse("resource-change", args=[world.home.slug, change.pk])
    assert owner.get(address).status_code == 404
    with factories.in_tenant(world.home):
        ResourceChange.objects.filter(pk=change.pk).update(
            state="unexpected", owner=world.people["owner"], due_at=timezone.now() + timedelta(days=1)
        )
    html = owner.get(address).content.decode()
    assert "Save review" in html
    by = world.people["organization_engineer"]
    choices = page(engineer, "resource-change", world.home.slug, change.pk)
    assert f'value="{by.pk}"' in choices
    assert f'value="{world.people["owner"].pk}"' in html
    assert f'value="{by.pk}"' not in html, "who sees only some findings does not learn who else is a member"
    assert "Changed verdicts" not in html, "the findings belong to others"
    with factories.in_tenant(world.home):
        moved = Finding.objects.get(pk=change.verdicts[0]["finding"])
        give(world.home, moved, world.people["owner"], by=by)
    html = owner.get(address).content.decode()
    assert html.count(reverse("finding", args=[world.home.slug, moved.pk])) == 1
    assert len(change.verdicts) > 1
    assert f">{finding_title(moved.control, change.verdicts[0]['after'])}</a>" in html
    assert reverse("finding", args=[world.home.slug, change.verdicts[1]["finding"]]) not in html
    assert owner.get(reverse("resource-changes", args=[world.home.slug])).status_code == 403
    assert review(owner, world, change, decision="rolled_back").status_code == 302
    assert current(world, change).state == "rolled_back"


def test_auditors_only_read(sign_in: SignIn, world: World, change: ResourceChange) -> None:
    auditor = sign_in(world.people["auditor"])
    assert "Review selected" not in text(auditor, world)
    html = page(auditor, "resource-change", world.home.slug, change.pk)
    assert "Save review" not in html
    assert review(auditor, world, change, decision="rolled_back").status_code == 403


def test_nobody_accepts_their_own_change(engineer: Client, world: World, change: ResourceChange) -> None:
    own = world.people["organization_engineer"].email.casefold()
    with factories.in_tenant(world.home):
        ResourceChange.objects.filter(pk=change.pk).update(actors=[own])
    for decision in ("expected", "rolled_back"):
        answer = review(engineer, world, change, decision=decision, reason="I had to")
        assert "Ask somebody else to review this change." in answer.content.decode()
        assert current(world, change).state == "waiting"


def test_several_changes_are_reviewed_together(
    engineer: Client, world: World, change: ResourceChange
) -> None:
    with factories.in_tenant(world.home):
        other = ResourceChange.objects.create(
            tenant=world.home,
            key="0" * 64,
            kind="operation",
            at=timezone.now(),
            azure_id="/subscriptions/x/providers/Microsoft.Authorization/locks/keep",
            name="keep",
            type="microsoft.authorization/locks",
            unit=change.unit,
            rules=["Locks removed"],
            severity="medium",
            state="waiting",
        )
    address = reverse("resource-changes-review", args=[world.home.slug])
    html = engineer.get(f"{address}?change={change.pk}&change={other.pk}").content.decode()
    assert "One decision for 2 changes." in html
    theirs = world.of(world.foreign)["change"]
    stolen = {"change": [change.pk, theirs.pk], "decision": "rolled_back"}
    assert engineer.post(address, stolen).status_code == 404, "nothing is stored for a foreign change"
    assert current(world, change).state == "waiting"
    assert (
        engineer.post(
            address, {"change": [change.pk, other.pk], "decision": "rolled_back", "reason": "Undone"}
        ).status_code
        == 302
    )
    with factories.in_tenant(world.home):
        states = set(ResourceChange.objects.filter(tenant=world.home).values_list("state", flat=True))
        entry = JournalEntry.objects.filter(tenant=world.home, action="change.rolled_back").get()
    assert states == {"rolled_back"}
    assert entry.details["count"] == 2


def test_a_customer_without_changes_is_told_why(engineer: Client, world: World) -> None:
    with factories.in_tenant(world.home):
        ResourceChange.objects.filter(tenant=world.home).update(at=timezone.now() - timedelta(days=500))
    assert "No changes match" in text(engineer, world)
