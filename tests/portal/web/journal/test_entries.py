"""The journal's pages: access, entries, links and filters."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Finding
from portal.queries.journal.actions import kind_of
from portal.queries.journal.actors import key_of
from portal.treatment.actions.acknowledge import acknowledge
from portal.treatment.actions.attestations.attest import attest
from portal.treatment.actions.exceptions import approve
from portal.treatment.models import OwnerRule
from tenants import journal
from tenants.actions import change_tenant
from tenants.models import JournalEntry
from tenants.roles import CAPABILITIES, Capability, Role
from tests import factories
from tests.portal.treatment.undo import undo
from tests.portal.web.journal.journal_pages import address, entries, forge, note, numbers, text
from tests.portal.web.treatments import ask
from tests.portal.web.world import SignIn, World

READERS = [role for role in Role if Capability.JOURNAL in CAPABILITIES[role]]


@pytest.mark.slow(seconds=2)
@pytest.mark.parametrize("role", list(Role))
def test_navigation_links_the_journal_for_readers_only(world: World, sign_in: SignIn, role: Role) -> None:
    client, allowed = sign_in(world.people[role.value]), role in READERS
    own = world.of(world.home)
    link = f'href="{address(world)}'
    assert client.get(address(world)).status_code == (200 if allowed else 403)
    for page in (
        reverse("tenant", args=[world.home.slug]),
        reverse("finding", args=[world.home.slug, own["owned"].pk]),
        reverse("palette") + f"?q=journal&tenant={world.home.slug}",
    ):
        assert (link in client.get(page).content.decode()) is allowed, page


def test_owners_may_not_read_the_journal() -> None:
    assert set(Role) - set(READERS) == {Role.OWNER}


def test_pages_of_objects_link_to_their_entries(world: World, approver: Client) -> None:
    own = world.of(world.home)
    for name, kind, page in (
        ("finding", "finding", "finding"),
        ("exception", "findingexception", "exception"),
    ):
        html = approver.get(reverse(page, args=[world.home.slug, own[name].pk])).content.decode()
        assert f'href="{address(world)}?of={kind}:{own[name].pk}"' in html


def test_entries_are_listed_newest_first_with_details(world: World, approver: Client) -> None:
    everything = entries(world)
    assert numbers(approver, address(world)) == [entry.sequence for entry in reversed(everything)]
    shown = text(approver, address(world))
    last = everything[-1]
    for words in ("Findings assigned", "Mira Okafor", last.hash, f"{len(everything)} entries, newest first"):
        assert words in shown


def test_changes_show_old_and_new_values(world: World, approver: Client) -> None:
    engineer = world.people["organization_engineer"]
    with factories.in_tenant(world.home):
        change_tenant(by=engineer, tenant=world.home, name="Alder Clinics", exception_cap_days=90)
    html = approver.get(address(world)).content.decode()
    assert "<del>Alder &amp; Finch Clinics</del>" in html
    assert "<ins>Alder Clinics</ins>" in html
    assert "<del>180</del>" in html


def test_exact_time_is_in_utc_and_in_the_tenants_time_zone(world: World, approver: Client) -> None:
    with factories.in_tenant(world.home):
        change_tenant(by=factories.BY, tenant=world.home, timezone="Asia/Kathmandu")
    last = entries(world)[-1]
    there = last.at + timedelta(hours=5, minutes=45)
    assert approver.get(address(world)).context["rows"][0].exact == (
        f"{last.at:%Y-%m-%d %H:%M:%S.%f} UTC ({there:%Y-%m-%d %H:%M:%S} Asia/Kathmandu)"
    )
    with factories.in_tenant(world.home):
        change_tenant(by=factories.BY, tenant=world.home, timezone="UTC")
    newest = approver.get(address(world)).context["rows"][0].exact
    assert newest == f"{entries(world)[-1].at:%Y-%m-%d %H:%M:%S.%f} UTC"


def test_targets_are_linked_while_they_exist(world: World, engineer: Client) -> None:
    own, slug = world.of(world.home), world.home.slug
    with factories.in_tenant(world.home):
        rule = OwnerRule.objects.get(pk=own["rule"].pk)
    targets = {
        f"finding:{own['finding'].pk}": reverse("finding", args=[slug, own["finding"].pk]),
        journal.target_of(own["exception"]): reverse("exception", args=[slug, own["exception"].pk]),
        journal.target_of(own["attestation"]): reverse("attest", args=[slug, own["manual"].pk]),
        f"assessment:{own['assessment'].number}": reverse("assessment", args=[slug, own["assessment"].pk]),
        "report:1": reverse("reports", args=[slug]),
        journal.target_of(own["principal"]): reverse("tenant-settings", args=[slug]),
        journal.target_of(own["directory"]): reverse("tenant-settings", args=[slug]),
        journal.target_of(own["subscription"]): reverse("tenant-settings", args=[slug]),
        journal.target_of(own["channel"]): reverse("channel", args=[slug, own["channel"].pk]),
        journal.target_of(own["view"]): reverse("findings", args=[slug]) + "?verdict=fail",
        journal.target_of(rule): reverse("owner-rule", args=[slug, rule.pk]),
        journal.target_of(world.home): reverse("tenant", args=[slug]),
        "control:storage-sas-expiry": reverse("control", args=["storage-sas-expiry"]),
        journal.target_of(world.people["owner"]): reverse("findings", args=[slug])
        + f"?owner={world.people['owner'].pk}",
    }
    gone = "0198c0de-0000-7000-8000-00000000dead"
    none = [
        *(f"{target.split(':')[0]}:{gone} Its name" for target in targets if "-" in target.split(" ")[0]),
        "assessment:999",
        "report:99999999999999999999",
        "control:no-such-control",
        "channel:no-id",
        "12 findings",
        "nobody",
    ]
    for target in (*targets, *none):
        note(world, target=target)
    first = engineer.get(address(world, "by=system:note")).context["rows"]
    found = {entry.target: row for entry, row in zip(reversed(entries(world)), first, strict=False)}
    assert {target: found[target].target.url for target in (*targets, *none)} == {
        **targets,
        **dict.fromkeys(none, ""),
    }
    assert found[f"finding:{own['finding'].pk}"].target.label == str(own["finding"])
    assert found[f"channel:{gone} Its name"].target.label == "Its name"


def test_foreign_objects_are_neither_linked_nor_named(world: World, engineer: Client) -> None:
    theirs = world.of(world.foreign)
    for name, kind in (("finding", "finding"), ("exception", "findingexception"), ("channel", "channel")):
        note(world, target=f"{kind}:{theirs[name].pk}")
    note(world, target=f"assessment:{theirs['assessment'].number + 900}")
    html = engineer.get(address(world, "by=system:note")).content.decode()
    assert world.foreign.slug not in html
    assert theirs["finding"].subject_name not in html


@pytest.mark.parametrize("kind", ["person", "finding", "findingexception", "attestation", "channel", "savedview",
                                  "serviceprincipal", "directory", "subscription", "ownerrule", "tenant"])  # fmt: skip
def test_filter_for_a_foreign_object_reveals_nothing(world: World, engineer: Client, kind: str) -> None:
    theirs = world.of(world.foreign)
    objects: dict[str, Any] = {
        "findingexception": theirs["exception"],
        "savedview": theirs["view"],
        "serviceprincipal": theirs["principal"],
        "ownerrule": theirs["rule"],
        "tenant": world.foreign,
        "person": theirs["report"].requested_by,
    }
    found = objects.get(kind) or theirs[kind]
    response = engineer.get(address(world, f"of={kind}:{found.pk}"))
    assert response.context["rows"] == []
    assert response.context["of"].url == ""
    assert response.context["of"].named is False
    html = response.content.decode()
    assert world.foreign.name not in html
    if kind == "person":
        assert found.email not in html


@pytest.mark.slow(seconds=1)
def test_links_require_the_right_to_open_them(world: World, sign_in: SignIn) -> None:
    own = world.of(world.home)
    note(world, target=journal.target_of(own["channel"]))
    note(world, target=journal.target_of(own["rule"]))
    for role in READERS:
        rows = sign_in(world.people[role.value]).get(address(world, "by=system:note")).context["rows"]
        allowed = CAPABILITIES[role]
        assert [bool(row.target.url) for row in rows] == [
            Capability.ASSIGN in allowed,
            Capability.ADMINISTER in allowed,
        ]
        assert all(
            sign_in(world.people[role.value]).get(row.target.url).status_code == 200
            for row in rows
            if row.target.url
        )


def test_deleted_objects_are_named_by_the_details(world: World, approver: Client) -> None:
    gone = "channel:0198c0de-0000-7000-8000-00000000dead"
    note(world, "channel.deleted", gone, name="Old tickets", host="hooks.example.com")
    note(world, "channel.post_dropped", gone, channel="Old tickets")
    note(world, "channel.tested", gone)
    rows = approver.get(address(world)).context["rows"][:3]
    assert [row.target.label for row in rows] == ["channel 0198c0de", "Old tickets", "Old tickets"]


def test_access_entries_name_person_and_role(world: World, approver: Client) -> None:
    shown = text(approver, address(world, "kind=people"))
    assert "Access granted" in shown
    assert "membership auditor@example.com as auditor" in shown


QUERIES = [
    "",
    "kind=findings",
    "kind=findings&kind=exceptions",
    "kind=nothing",
    "by=system:note",
    "by={engineer}",
    "by={engineer}&by=system:tests&kind=azure",
    "q=EXAMPLE.com",
    "q=auditor@",
    "q=100%25",
    "q=under_score back\\slash",
    "q=nothing-is-called-so",
    "q={account}&kind=findings",
    "from={yesterday}",
    "to={yesterday}",
    "from={today}&to={today}&kind=people",
]


@pytest.mark.parametrize("query", QUERIES)
def test_filters_match_a_reference_implementation(world: World, approver: Client, query: str) -> None:
    note(world, target="100% under_score back\\slash")
    engineer, own = world.people["organization_engineer"], world.of(world.home)
    today = timezone.now().date()
    filled = query.format(
        engineer=engineer.pk, account=own["finding"].subject_name, today=today, yesterday=today - timedelta(1)
    )
    everything = entries(world)
    wanted = [entry.sequence for entry in reversed(everything) if matches(entry, filled)]
    assert numbers(approver, address(world, filled)) == wanted
    response = approver.get(address(world, filled))
    assert response.context["page"].paginator.count == len(wanted)
    assert response.context["count"] == len(everything)
    for facet in response.context["facets"]:
        of = kind_of if facet.name == "kind" else key_of
        field = "action" if facet.name == "kind" else "actor"
        counted = Counter(
            of(getattr(entry, field)) for entry in everything if matches(entry, filled, but=facet.name)
        )
        assert {o.count for o in facet.options if o.count} <= set(counted.values())
        assert sum(option.count or 0 for option in facet.options) == sum(counted.values())


def matches(entry: JournalEntry, query: str, but: str = "") -> bool:
    """Return whether the filters select the entry, computed in Python. Ignore the filter with the name `but`."""
    asked: dict[str, list[str]] = {}
    for part in filter(None, query.split("&")):
        name, _, value = part.partition("=")
        asked.setdefault(name, []).append(value.replace("%25", "%"))
    asked.pop(but, None)
    day = f"{entry.at.astimezone(UTC):%Y-%m-%d}"
    said = [entry.target.lower(), entry.actor.lower()]
    said += [str(entry.details.get(key, "")).lower() for key in ("person", "email")]
    return (
        ("kind" not in asked or kind_of(entry.action) in asked["kind"])
        and ("by" not in asked or key_of(entry.actor) in asked["by"])
        and all(any(word in one for one in said) for word in asked.get("q", [""])[0].lower().split())
        and asked.get("from", [day])[0] <= day <= asked.get("to", [day])[0]
    )


def test_search_with_very_many_matches_is_not_cached(
    world: World, approver: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = address(world, "q=example.com&kind=people")
    few = numbers(approver, url)
    monkeypatch.setattr("portal.queries.journal.filters.MAX_MATCHING_ENTRIES", 2)
    assert numbers(approver, url) == few != []


def test_days_are_days_in_utc(world: World, approver: Client) -> None:
    """Two entries are at the first and last moment of a day, the others just outside. `journal.record` cannot write
    them, because it uses the current time.
    """
    at = [
        datetime(2020, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2020, 2, 29, tzinfo=UTC),
        datetime(2020, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2020, 3, 1, tzinfo=UTC),
    ]
    first = forge(world, at)
    assert numbers(approver, address(world, "from=2020-02-29&to=2020-02-29")) == [first + 2, first + 1]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=yesterday", "“yesterday” is not a date"),
        ("to=2026-02-30", "“2026-02-30” is not a date"),
        ("from=2026-11-25&to=2026-11-24", "“From” is later than “To”"),
        ("of=spaceship:1", "is not an object in the form kind:id"),
        ("of=<script>alert(1)</script>", "is not an object in the form kind:id"),
        ("of=finding:' OR 1=1", "is not an object in the form kind:id"),
        # The number of words is limited, because each word is searched for in four places of every entry.
        (
            "q=" + "+".join(f"w{number}" for number in range(10, 25)),
            "Only the first 12 words are searched for. Words that were ignored: 3.",
        ),
    ],
)
def test_invalid_filters_are_explained(world: World, approver: Client, query: str, sentence: str) -> None:
    response = approver.get(address(world, query))
    assert response.status_code == 200
    html = response.content.decode()
    assert sentence in html
    assert "<script>alert" not in html


@pytest.mark.parametrize(
    "query", ["q=%00", "by=%00x", "of=finding:%00", "page=0", "page=x", "kind=%00", "q=%F0%28"]
)
def test_unusual_addresses_are_answered(world: World, approver: Client, query: str) -> None:
    assert approver.get(address(world, query)).status_code == 200


def test_entries_of_a_finding_include_bulk_actions_exceptions_and_undo(
    world: World, approver: Client
) -> None:
    """The entries of a finding include those of its exception, of an undo, and of bulk actions. Not all of these name
    the finding.
    """
    engineer, own = world.people["organization_engineer"], world.of(world.home)
    with factories.in_tenant(world.home):
        before = journal.head(world.home).sequence
        failing = Finding.objects.filter(tenant=world.home, outcome="fail")
        batch = acknowledge(tenant=world.home, findings=failing, by=engineer)
        undo(batch=batch, by=engineer)
        unlisted = JournalEntry.objects.get(tenant=world.home, sequence=before + 1)
        assert unlisted.details["batch"] == str(batch.pk)
        approve(exception=own["exception"], by=world.people["approver"])
    after = [entry for entry in entries(world) if entry.sequence > before]
    mine = numbers(approver, address(world, f"of=finding:{own['finding'].pk}"))
    said = {entry.action: entry.sequence in mine for entry in after}
    assert said["finding.acknowledged"]
    assert said["finding.undone"]
    assert said["exception.approved"]
    asked = [e.sequence for e in entries(world) if e.action in ("exception.requested", "comment.added")]
    assert set(asked) <= set(mine)
    others = [e.sequence for e in entries(world) if e.action in ("tenant.registered", "attestation.given")]
    assert others
    assert not set(others) & set(mine)
    theirs = numbers(approver, address(world, f"of=findingexception:{own['exception'].pk}"))
    assert {e.action for e in entries(world) if e.sequence in theirs} >= {
        "exception.requested",
        "exception.approved",
    }
    assert {e.action.split(".")[0] for e in entries(world) if e.sequence in theirs} == {"exception"}


def test_entries_of_a_finding_include_its_attestations(world: World, approver: Client) -> None:
    manual = world.of(world.home)["manual"]
    mine = numbers(approver, address(world, f"of=finding:{manual.pk}"))
    with factories.in_tenant(world.home):
        end = timezone.now() + timedelta(days=9)
        attest(
            finding=manual,
            by=world.people["organization_engineer"],
            met=False,
            statement="No longer.",
            valid_until=end,
        )
    more = numbers(approver, address(world, f"of=finding:{manual.pk}"))
    assert len(more) == len(mine) + 1 == 2


@pytest.mark.slow(seconds=1)
def test_entries_of_an_exception_exclude_other_exceptions(world: World, approver: Client) -> None:
    first, second = ask(world), world.of(world.home)["exception"]
    of = [numbers(approver, address(world, f"of=findingexception:{one.pk}")) for one in (first, second)]
    assert of[0]
    assert of[1]
    assert not set(of[0]) & set(of[1])


def test_empty_result_offers_to_clear_filters(world: World, approver: Client) -> None:
    shown = text(approver, address(world, "q=nothing-is-called-so"))
    assert "No entries match" in shown
    assert "Clear filters" in shown


@pytest.mark.slow(seconds=1)
def test_page_has_fifty_entries(world: World, approver: Client) -> None:
    count = len(entries(world))
    for _ in range(120 - count):
        note(world)
    assert len(approver.get(address(world)).context["rows"]) == 50
    assert numbers(approver, address(world)) == list(range(120, 0, -1))


def test_texts_are_escaped(world: World, approver: Client) -> None:
    number = note(world, target="<b>bold</b>", note="<img src=x onerror=alert(1)>")
    for url in (address(world), reverse("journal-entry", args=[world.home.slug, number])):
        html = approver.get(url).content.decode()
        assert "<b>bold" not in html
        assert "<img" not in html
        assert "&lt;b&gt;bold" in html


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2027-13-45T99:99:99Z",
        "0000-00-00T00:00:00Z",
    ],
)
def test_nobody_hides_the_journal_with_a_text_that_looks_like_a_moment(
    world: World, approver: Client, text: str
) -> None:
    """Entries cannot be deleted, so a text that breaks the page would break it for good. Anybody can write such a text,
    for example as their own name.
    """
    number = note(world, reason=text, name={"from": text, "to": "Jo"})
    page = approver.get(address(world))
    assert page.status_code == 200
    assert text in page.content.decode()
    assert approver.get(reverse("journal-entry", args=[world.home.slug, number])).status_code == 200
    assert approver.get(reverse("journal-csv", args=[world.home.slug])).status_code == 200


def test_entry_page_shows_hash_and_neighbours(world: World, approver: Client) -> None:
    everything = entries(world)
    for entry in (everything[0], everything[7], everything[-1]):
        response = approver.get(reverse("journal-entry", args=[world.home.slug, entry.sequence]))
        shown = response.content.decode()
        assert response.context["as_written"]
        assert response.context["linked"]
        for words in (entry.hash, entry.previous_hash, entry.action):
            assert words in shown
        assert response.context["older"] == (entry.sequence - 1 or None)
        assert response.context["newer"] == (None if entry is everything[-1] else entry.sequence + 1)


def test_entry_page_tells_removed_text_from_forged_text(world: World, approver: Client) -> None:
    with factories.in_tenant(world.home):
        last = journal.head(world.home)
        entry = JournalEntry.objects.create(
            tenant=world.home,
            sequence=last.sequence + 1,
            at=timezone.now(),
            actor="system:tests",
            action="view.saved",
            target="redacted",
            details={"redacted": "erasure"},
            previous_hash=last.hash,
            hash="e" * 64,  # stands for the hash of the text before it was redacted
        )
        remaining = journal.content_hash(journal.chain_of(world.home), entry)
    url = reverse("journal-entry", args=[world.home.slug, entry.sequence])
    forged = text(approver, url)
    assert "the entry was changed after it was written" in forged
    assert "The SHA-256 of this text is not the hash of the entry." in forged
    for listed, is_redacted in (("f" * 64, False), (remaining, True)):
        listing = [entry.sequence, entry.hash, listed]
        later = note(world, "journal.redacted", "erasure:1", reason="erasure", entries=[listing])
        shown = text(approver, url)
        assert approver.get(url).context["redacted_by"] == (later if is_redacted else None)
        assert ("Text of this entry was removed or replaced later" in shown) is is_redacted
        assert (f"Entry {later} records this change" in shown) is is_redacted
        assert ("the entry was changed after it was written" in shown) is not is_redacted


@pytest.mark.parametrize("number", ["0", "99999", "9223372036854775807", "99999999999999999999999999"])
def test_missing_entry_is_404(world: World, approver: Client, number: str) -> None:
    url = reverse("journal-entry", args=[world.home.slug, int(number)])
    assert approver.get(url).status_code == 404
