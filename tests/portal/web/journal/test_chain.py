"""Verifying the chain on the page, comparing it with a printed head, and verifying its export offline."""

from __future__ import annotations

import csv
import io
import json
import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.notify.models import Channel
from portal.web.journal.check import Check
from portal.web.journal.export import HEADERS, json_lines, table
from tenants import journal
from tenants.actors import System
from tenants.journal import GENESIS, Head
from tenants.models import JournalEntry
from tenants.roles import Role
from tenants.scope import person_scope
from tenants.secrets import unseal
from tests import factories
from tests.as_owner import change_as_owner
from tests.portal.web.journal.journal_pages import address, entries, forge, note
from tests.portal.web.journal.offline_verification import script, verify_offline
from tests.portal.web.world import SignIn, World

pytestmark = pytest.mark.slow(seconds=20)

HTMX = {"HX-Request": "true"}


def verified(client: Client, world: World, query: str = "", **headers: str) -> Any:
    url = reverse("journal-verify", args=[world.home.slug]) + (f"?{query}" if query else "")
    return client.get(url, headers=headers)


def head_of(world: World) -> Head:
    with factories.in_tenant(world.home):
        return journal.head(world.home)


def wrong_entry(world: World, **given: Any) -> int:
    """Write an entry with a wrong hash directly into the table, as an attacker could. Return its number."""
    with factories.in_tenant(world.home):
        last = journal.head(world.home)
        values: dict[str, Any] = {
            "sequence": last.sequence + 1,
            "at": timezone.now(),
            "actor": "system:nobody",
            "action": "view.saved",
            "target": "x",
            "previous_hash": last.hash,
            "hash": "f" * 64,
            **given,
        }
        return JournalEntry.objects.create(tenant=world.home, **values).sequence


def test_intact_chain_is_reported_as_intact(world: World, approver: Client) -> None:
    count = len(entries(world))
    for response in (verified(approver, world), verified(approver, world, **HTMX)):
        html = response.content.decode()
        assert response.status_code == 200
        assert "The chain is intact." in html
        assert f"All {count} entries up to number {count}" in html
    assert "<html" not in verified(approver, world, **HTMX).content.decode()


@pytest.mark.django_db
def test_a_single_entry_is_named_in_the_singular(sign_in: SignIn) -> None:
    organization = factories.organization()
    client = sign_in(factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization))
    tenant = factories.tenant(organization)
    with factories.in_tenant(tenant):
        assert [entry.action for entry in JournalEntry.objects.filter(tenant=tenant)] == ["tenant.registered"]
    html = client.get(reverse("journal-verify", args=[tenant.slug])).content.decode()
    assert (
        "One entry up to number 1 was verified: the entry is unchanged and follows the previous one." in html
    )


@pytest.mark.django_db(transaction=True)
def test_problems_are_listed_with_their_entries(sign_in: SignIn) -> None:
    tenant = factories.tenant()
    client = sign_in(factories.member(Role.APPROVER, tenant))
    with factories.in_tenant(tenant):
        first = journal.head(tenant).sequence + 1
        for _ in range(5):
            journal.record(tenant=tenant, actor=System("tests"), action="view.saved", target="x")
    table = "tenants_journalentry"
    change_as_owner(table, tenant, f"UPDATE {table} SET actor = 'x' WHERE sequence = {first}")
    change_as_owner(table, tenant, f"DELETE FROM {table} WHERE sequence IN ({first + 1}, {first + 2})")
    html = client.get(reverse("journal-verify", args=[tenant.slug])).content.decode()
    assert "The chain is broken: 2 problems" in html
    assert f"Entry {first} was changed after it was written." in html
    assert f"Entries {first + 1} to {first + 2} are missing." in html
    assert reverse("journal-entry", args=[tenant.slug, first]) in html
    response = client.get(reverse("journal-entry", args=[tenant.slug, first]))
    assert not response.context["as_written"]
    assert "was changed after it was written" in response.content.decode()
    assert not client.get(reverse("journal-entry", args=[tenant.slug, first + 3])).context["linked"]


def test_many_problems_are_counted_and_the_first_listed(world: World, approver: Client) -> None:
    first = wrong_entry(world)
    for _ in range(29):
        wrong_entry(world)
    check = verified(approver, world).context["check"]
    assert check.problem_count == 30
    assert [number for number, _ in check.problems] == list(range(first, first + 20))
    assert "And 10 more." in verified(approver, world).content.decode()


def steps(client: Client, world: World, query: str = "") -> Iterator[Any]:
    """Start a verification, and yield the responses to all requests that htmx sends for it."""
    response = verified(client, world, query, **HTMX)
    yield response
    while following := re.search(r'hx-get="([^"]+)"', response.content.decode()):
        response = client.get(following[1], headers=HTMX)
        yield response


def test_the_page_verifies_one_step_in_each_request(
    world: World, approver: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first request must not verify a whole journal, which can have millions of entries."""
    monkeypatch.setattr(Check.advance, "__defaults__", (10,))
    answer = verified(approver, world)
    number = 0
    while (check := answer.context["check"]).done is False:
        number += 1
        assert check.entries == 10 * number
        html = answer.content.decode()
        assert 'id="chain-checked"' in html
        assert f'<noscript><a href="{answer.context["next"]}">'.replace("&", "&amp;") in html
        answer = approver.get(answer.context["next"])
    assert number > 0
    assert "The chain is intact." in answer.content.decode()


@pytest.mark.parametrize("size", [1, 7, 10, 1000])
def test_verification_in_steps_finds_the_same_as_in_one_run(
    world: World, approver: Client, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    bad = wrong_entry(world)
    forge(world, [timezone.now()] * 3)
    whole = verified(approver, world).context["check"]
    monkeypatch.setattr(Check.advance, "__defaults__", (size,))
    answers = list(steps(approver, world, f"sequence={bad}&hash={'f' * 64}"))
    count = len(entries(world))
    assert len(answers) == -(-count // size)
    assert all("Entries verified" in answer.content.decode() for answer in answers[:-1])
    last = answers[-1].context["check"]
    assert last.done
    assert (last.entries, last.problems, last.problem_count) == (
        whole.entries,
        whole.problems,
        whole.problem_count,
    )
    assert last.matches
    assert "this head, but verification found problems" in " ".join(answers[-1].content.decode().split())


def test_entries_added_during_verification_do_not_prolong_it(
    world: World, approver: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Check.advance, "__defaults__", (10,))
    count = len(entries(world))
    for answer in steps(approver, world):
        note(world)
        last = answer.context["check"]
    assert last.intact
    assert (last.entries, last.through) == (count, count)


def test_forged_state_restarts_the_verification(world: World, approver: Client) -> None:
    """A forged link cannot hide problems."""
    wrong_entry(world)
    with factories.in_tenant(world.home):
        check = Check.start(world.home)
    last = head_of(world)
    token = Check(str(world.home.pk), last.sequence, last, last.sequence).token()
    assert Check.from_token(token, world.home) is not None
    assert Check.from_token(token, world.foreign) is None
    forged = signing.dumps([str(world.home.pk), 1, 1, GENESIS, 1, [], 0, "", None, None], salt="another")
    for bad in (forged, token[:-1], "", "x:y:z", check.token() + "x"):
        assert Check.from_token(bad, world.home) is None
        response = verified(approver, world, f"step={bad}", **HTMX)
        assert response.context["check"].problem_count == 1


def test_state_of_another_person_restarts_the_verification(
    world: World, sign_in: SignIn, approver: Client
) -> None:
    """The state in a colleague's link is not used: the journal may have changed since the colleague verified it."""
    count = len(entries(world))
    with person_scope(world.people["tenant_administrator"]):
        last = journal.head(world.home)
        token = Check(str(world.home.pk), count, last, count).token()
    assert verified(approver, world, f"step={token}", **HTMX).context["check"].entries == count
    wrong_entry(world)
    assert not verified(approver, world, f"step={token}", **HTMX).context["check"].intact
    theirs = sign_in(world.people["tenant_administrator"])
    assert verified(theirs, world, f"step={token}", **HTMX).context["check"].last == last


def test_entries_removed_during_verification_are_reported_missing(world: World) -> None:
    with factories.in_tenant(world.home):
        count = journal.head(world.home).sequence
        for most, through, words in (
            (5, count + 2, f"Entries {count + 1} to {count + 2} are missing."),
            (None, count + 2, f"Entries {count + 1} to {count + 2} are missing."),
            (5, count + 1, f"Entry {count + 1} is missing."),
        ):
            state = replace(Check.start(world.home), through=through).advance(world.home, most)
            while not state.done:
                state = state.advance(world.home, most)
            assert not state.intact
            assert state.problems == ((through, words),)


def test_state_expires_after_ten_minutes(world: World) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock, factories.in_tenant(world.home):
        token = Check.start(world.home).token()
        clock.shift(timedelta(seconds=599))
        assert Check.from_token(token, world.home) is not None
        clock.shift(timedelta(seconds=2))
        assert Check.from_token(token, world.home) is None


def test_printed_head_matches(world: World, approver: Client) -> None:
    printed = head_of(world)
    for _ in range(3):
        note(world)
    html = verified(approver, world, f"sequence={printed.sequence}&hash={printed.hash}").content.decode()
    assert "The journal contains this head." in html
    assert "3 entries were added after this one" in html
    assert "The chain is intact." in html


@pytest.mark.parametrize("spelt", ["{0} {1}", "{0}%0A{1}", "%20{0}{1}%20", "SHA256:{0}{1}"])
def test_hash_copied_with_spaces_and_line_breaks_is_accepted(
    world: World, approver: Client, spelt: str
) -> None:
    printed = head_of(world)
    text = spelt.format(printed.hash[:40].upper(), printed.hash[40:])
    assert verified(approver, world, f"sequence={printed.sequence}&hash={text}").context["check"].matches


def test_head_of_the_empty_chain_matches_every_chain(world: World, approver: Client) -> None:
    check = verified(approver, world, f"sequence=0&hash={GENESIS}").context["check"]
    assert check.matches
    assert check.intact
    assert not verified(approver, world, f"sequence=0&hash={'1' * 64}").context["check"].matches


def test_unknown_head_does_not_match(world: World, approver: Client) -> None:
    printed = head_of(world)
    other = f"sequence={printed.sequence}&hash={'0' * 64}"
    beyond = f"sequence={printed.sequence + 1}&hash={printed.hash}"
    html = verified(approver, world, other).content.decode()
    assert "The journal does not contain this head." in html
    assert printed.hash in html
    html = verified(approver, world, beyond).content.decode()
    assert f"There is no entry {printed.sequence + 1}: the last entry has number {printed.sequence}" in html


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("sequence=7&hash=abcd", "This text with 4 characters is not a hash"),
        ("sequence=seven&hash=" + "0" * 64, "Enter a number"),
        ("sequence=-1&hash=" + "0" * 64, "Enter at least 0."),
        ("sequence=9999999999999999999999&hash=" + "0" * 64, "Enter at most "),
        ("sequence=7", "required"),
        ("hash=" + "0" * 64, "required"),
        ("sequence=7&hash=" + "g" * 64, "0 to 9 and a to f"),
    ],
)
def test_malformed_head_is_refused(world: World, approver: Client, query: str, sentence: str) -> None:
    page, part = verified(approver, world, query), verified(approver, world, query, **HTMX)
    assert (page.status_code, part.status_code) == (400, 200)
    for response in (page, part):
        assert sentence in response.content.decode()
        assert response.context["check"] is None


def chain_file(client: Client, world: World) -> bytes:
    response = client.get(reverse("journal-chain", args=[world.home.slug]))
    assert response["Content-Disposition"] == (
        f'attachment; filename="journal-{world.home.slug}-{timezone.now():%Y-%m-%d}.jsonl"'
    )
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def test_the_documented_script_verifies_an_export(world: World, approver: Client, tmp_path: Path) -> None:
    note(
        world,
        "other.thing",
        'quote " é 漢 \u2028 \\ \r\n \x01 \x7f',
        big=2**80,
        nested={"b": [None, True], "a": {}},
    )
    printed = head_of(world)
    note(world)
    last, content = head_of(world), chain_file(approver, world)
    assert len(script().strip().splitlines()) <= 57
    whole = f"Intact: {last.sequence} entries of tenant:{world.home.pk}; head {last.sequence} {last.hash}\n"
    assert verify_offline(tmp_path, content) == (0, whole)
    assert verify_offline(tmp_path, content, str(printed.sequence), printed.hash.upper()) == (0, whole)
    code, words = verify_offline(tmp_path, content, str(printed.sequence), last.hash)
    assert (code, words) == (
        1,
        f"{whole}The chain does not contain the head {printed.sequence} {last.hash}.\n",
    )
    assert verify_offline(tmp_path, content, str(last.sequence + 1), last.hash)[0] == 1
    absent = "journal.json cannot be read: No such file or directory.\n"
    assert verify_offline(tmp_path, content, file="journal.json") == (1, absent)


def test_the_documented_script_detects_tampering_with_an_export(
    world: World, approver: Client, tmp_path: Path
) -> None:
    lines = chain_file(approver, world).splitlines(keepends=True)
    fifth = json.loads(lines[4])
    cases = {
        "changed": [*lines[:4], json.dumps({**fifth, "actor": "somebody else"}).encode() + b"\n", *lines[5:]],
        "gone": [*lines[:4], *lines[5:]],
        "first gone": lines[1:],
        "swapped": [*lines[:3], lines[4], lines[3], *lines[5:]],
        "another's": [*lines[:4], lines[4].replace(str(world.home.pk).encode(), b"0" * 36), *lines[5:]],
        "no JSON": [*lines[:4], lines[4][:20] + b"\n", *lines[5:]],
        "a field gone": [*lines[:4], lines[4].replace(b'"action"', b'"bction"'), *lines[5:]],
        "no UTF-8": [*lines[:4], b"\xff" + lines[4], *lines[5:]],
        "a key twice": [*lines[:4], b'{"actor":"Mallory",' + lines[4][1:], *lines[5:]],
        "too deep": [*lines[:4], b'{"details":' + b"[" * 200_000 + b"\n", *lines[5:]],
        "no character": [*lines[:4], lines[4].replace(b'"target":"', b'"target":"\\ud800'), *lines[5:]],
    }
    found = {name: verify_offline(tmp_path, b"".join(case)) for name, case in cases.items()}
    assert {name: code for name, (code, _) in found.items()} == dict.fromkeys(cases, 1)
    for name in ("no JSON", "a field gone", "no UTF-8", "a key twice", "too deep"):
        assert found[name][1] == "Entry 5 is damaged: line 5 of the file is no entry of a journal.\n"
    assert verify_offline(tmp_path, b"") == (1, "The file has no entries.\n")
    # Without HASH, the script could not compare the entry NUMBER with anything, so it refuses.
    assert verify_offline(tmp_path, b"".join(lines), "3") == (
        1,
        "Usage: python verify_journal.py [--period] FILE [NUMBER HASH]\n",
    )
    assert "Entry 5 was changed" in found["changed"][1]
    assert found["no character"][1] == "Entry 5 was changed after it was written.\n"
    assert "Entry 5 is missing" in found["gone"][1]
    assert "Entry 1 is missing" in found["first gone"][1]
    printed = head_of(world)
    cut = b"".join(lines[:-1])
    assert verify_offline(tmp_path, cut)[0] == 0
    assert verify_offline(tmp_path, cut, str(printed.sequence), printed.hash)[0] == 1


def test_the_documented_script_verifies_the_file_of_a_review_period(
    world: World, approver: Client, tmp_path: Path
) -> None:
    """The file of an auditor with a review period lacks the entries before and after the period."""
    lines = chain_file(approver, world).splitlines(keepends=True)
    of_period = [json.loads(line) for line in lines[3:6]]
    part, last = b"".join(lines[3:6]), of_period[-1]
    code, words = verify_offline(tmp_path, part)
    assert (code, words.partition(". ")[2]) == (1, "For the file of a review period, add --period.\n")
    head = f"head 6 {last['hash']}"
    whole = f"Intact: 3 entries of tenant:{world.home.pk} from number 4; {head}\n"
    assert verify_offline(tmp_path, part, "--period") == (0, whole)
    assert verify_offline(tmp_path, part, "--period", "6", last["hash"]) == (0, whole)
    earlier = json.loads(lines[1])["hash"]
    assert verify_offline(tmp_path, part, "2", earlier, "--period") == (
        1,
        f"{whole}The file does not contain the head 2 {earlier}.\n",
    )
    assert "Entry 5 is missing" in verify_offline(tmp_path, lines[3] + lines[5], "--period")[1]
    changed = json.dumps({**of_period[1], "actor": "somebody else"}).encode() + b"\n"
    assert verify_offline(tmp_path, lines[3] + changed + lines[5], "--period") == (
        1,
        "Entry 5 was changed after it was written, or an entry after the period lists it as redacted.\n",
    )
    damaged = verify_offline(tmp_path, lines[3] + b"{}\n", "--period")
    assert damaged == (1, "Entry 5 is damaged: line 2 of the file is no entry of a journal.\n")


def test_chain_export_ignores_filters(world: World, approver: Client) -> None:
    everything = entries(world)
    lines = [json.loads(line) for line in chain_file(approver, world).splitlines()]
    assert [(line["sequence"], line["hash"], line["details"]) for line in lines] == [
        (entry.sequence, entry.hash, entry.details) for entry in everything
    ]


def as_csv(client: Client, world: World, query: str = "") -> list[dict[str, str]]:
    response = client.get(reverse("journal-csv", args=[world.home.slug]) + f"?{query}")
    assert response["Content-Type"].startswith("text/csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("query", ["", "kind=exceptions", "q=engineer&kind=findings", "kind=nothing"])
def test_csv_contains_the_filtered_entries(world: World, approver: Client, query: str) -> None:
    page = approver.get(address(world, query)).context["rows"]
    rows = as_csv(approver, world, query)
    assert [int(row["Number"]) for row in rows] == [row.sequence for row in page]
    assert [(row["What"], row["By"], row["Hash"]) for row in rows] == [
        (row.label, row.actor.name, row.hash) for row in page
    ]
    assert set(rows[0] if rows else HEADERS) == set(HEADERS)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_formulas_are_exported_as_text(world: World, approver: Client, start: str) -> None:
    note(world, target=f"{start}cmd|' /C calc'!A0")
    assert as_csv(approver, world)[0]["Target"] == f"'{start}cmd|' /C calc'!A0"


def test_memory_of_exports_does_not_grow_with_entries(world: World) -> None:
    def most(count: int) -> int:
        forge(world, [timezone.now()] * count, details={"note": "x" * 3000})
        with factories.in_tenant(world.home):
            tracemalloc.start()
            for _ in json_lines(world.home):
                pass
            for _ in table(JournalEntry.objects.filter(tenant=world.home).order_by("-sequence"), {}):
                pass
            Check.start(world.home).advance(world.home, None)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return peak

    few = most(3000)
    assert most(6000) < few * 1.5


@pytest.mark.parametrize("name", ["journal", "journal-csv", "journal-chain", "journal-entry"])
def test_no_page_or_export_contains_a_secret(world: World, engineer: Client, name: str) -> None:
    with factories.in_tenant(world.home):
        sealed = [
            (channel, field)
            for channel in Channel.objects.filter(tenant=world.home)
            for field in ("address", "secret")
        ]
        secrets = [unseal(row, field).reveal() for row, field in sealed if getattr(row, field)]
        numbers = [entry.sequence for entry in entries(world) if entry.action.startswith("channel.")]
    assert len(secrets) > 1
    assert numbers
    extra = [[number] for number in numbers] if name == "journal-entry" else [[]]
    for arguments in extra:
        response = engineer.get(reverse(name, args=[world.home.slug, *arguments]))
        text = response.getvalue().decode()
        assert "channel" in text
        assert [secret for secret in secrets if secret in text] == []
        assert factories.PASSWORD not in text


@pytest.mark.parametrize("name", ["journal", "journal-verify", "journal-csv", "journal-chain"])
def test_owners_are_refused(world: World, sign_in: SignIn, name: str) -> None:
    client = sign_in(world.people[Role.OWNER.value])
    response = client.get(reverse(name, args=[world.home.slug]))
    assert response.status_code == 403
    assert entries(world)[0].hash not in response.content.decode()


def test_each_tenant_has_its_own_chain(world: World, engineer: Client) -> None:
    with factories.in_tenant(world.foreign):
        foreign = journal.head(world.foreign)
    query = f"sequence={foreign.sequence}&hash={foreign.hash}"
    assert not verified(engineer, world, query).context["check"].matches
