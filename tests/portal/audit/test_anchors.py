"""Anchored heads and `manage.py verify_journal`: a rewritten or shortened journal is detected."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.core import mail
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from portal import celery
from portal.audit import heads, tasks
from portal.audit.actions import anchors
from portal.audit.actions.anchors import anchor_organization
from portal.audit.models import Anchor, StreamCursor
from portal.audit.verify import verify_chain
from portal.reports.signatures import time_stamps
from portal.reports.signatures.pyhanko_thread import run_in_own_thread
from portal.web.journal.export import json_lines
from tenants import journal
from tenants.models import Organization, Tenant
from tenants.scope import organization_scope
from tests import factories
from tests.as_owner import change_as_owner
from tests.factories import BY, in_tenant
from tests.portal.audit.conftest import time_stamper
from tests.portal.notify.receivers import Receiver
from tests.portal.web.journal.offline_verification import verify_offline

pytestmark = pytest.mark.django_db


def verify(*args: str, **options: Any) -> str:
    out = StringIO()
    try:
        call_command("verify_journal", *args, stdout=out, **options)
    except CommandError as error:
        return f"{out.getvalue()}{error} (exit status {error.returncode})"
    return out.getvalue()


def record(tenant: Tenant, note: str = "") -> None:
    with in_tenant(tenant):
        journal.record(
            tenant=tenant, actor=BY, action="report.built", target="report:1", details={"note": note}
        )


def test_all_chains_are_verified(tenant: Tenant) -> None:
    said = verify()
    assert f"intact  {tenant.name}: 1 entries, 0 anchors, 0 time stamps; head tenant:{tenant.pk}:1:" in said
    assert f"intact  {tenant.organization.name}: 2 entries" in said
    assert "exit status" not in said
    assert (
        "No customer or organization has the short name nobody-is-called-so, so no journal was verified."
        " (exit status 2)" in verify("nobody-is-called-so")
    )


def test_an_installation_without_organizations_has_no_journal() -> None:
    assert verify() == "No organization is registered, so no journal was verified. (exit status 2)"


def test_an_organization_without_customers_is_verified() -> None:
    assert f"intact  {factories.organization('Alone').name}: 1 entries" in verify()


def test_heads_are_mailed(tenant: Tenant, organization: Organization, settings: Any) -> None:
    settings.SURETY_ANCHOR_MAIL = "archive@example.com"
    made = anchor_organization(organization.pk)
    (message,) = mail.outbox
    assert message.to == ["archive@example.com"]
    for anchor in made:
        assert heads.text(anchor) in message.body
        assert anchor.mailed_at is not None
    mail.outbox.clear()
    assert anchor_organization(organization.pk) == []
    assert mail.outbox == []
    record(tenant)
    assert [anchor.owner for anchor in anchor_organization(organization.pk)] == [tenant]


def test_the_scheduler_anchors_every_organization_once_a_day(
    tenant: Tenant, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = factories.organization("Fabrikam")
    entry = settings.CELERY_BEAT_SCHEDULE["journal-anchors"]
    assert entry["task"] == tasks.anchor_all.name
    assert (entry["schedule"].hour, entry["schedule"].minute) == ({0}, {11})
    assert entry["schedule"].day_of_week == set(range(7))
    # Run each task at once instead of sending it to a worker.
    monkeypatch.setattr(current_app, "send_task", lambda name, args, retry: celery.app.tasks[name].run(*args))
    tasks.anchor_all.run()
    assert mail.outbox == [], "Without a receiver, nothing is sent."
    settings.SURETY_ANCHOR_MAIL = "archive@example.com"
    tasks.anchor_all.run()
    said = "".join(str(message.body) for message in mail.outbox)
    for organization in (tenant.organization, other):
        assert f"chain organization:{organization.pk}" in said
    assert f"chain tenant:{tenant.pk}" in said


def test_heads_are_posted_with_a_signature(
    organization: Organization, receiver: Receiver, settings: Any
) -> None:
    settings.SURETY_ANCHOR_WEBHOOK = receiver.url(path="/heads")
    made = anchor_organization(organization.pk)
    (post,) = receiver.received
    assert all(heads.text(anchor).encode() in post.body for anchor in made)
    assert post.headers["Surety-Event"] == "journal_heads"
    assert post.headers["Surety-Signature"].startswith("v1=")


def test_a_failed_receiver_is_tried_again(
    organization: Organization, receiver: Receiver, settings: Any
) -> None:
    settings.SURETY_ANCHOR_WEBHOOK = receiver.url()
    receiver.answer(500)
    made = anchor_organization(organization.pk)
    assert all("status 500" in anchor.error for anchor in made)
    receiver.answer(204)
    assert all(anchor.posted_at for anchor in anchor_organization(organization.pk))


def test_a_head_that_the_chain_does_not_contain_is_reported(tenant: Tenant) -> None:
    chain = journal.chain_of(tenant)
    assert "Entry 7 is missing, although the given head refers to it." in verify(
        head=[f"{chain}:7:{'0' * 64}"]
    )
    said = verify(head=[f"{chain}:1:{'0' * 64}"])
    assert "The hash of entry 1 differs from the hash in the given head." in said
    assert "exit status 1" in said
    with in_tenant(tenant):
        head = journal.head(tenant)
    assert "exit status" not in verify(head=[f"{chain}:{head.sequence}:{head.hash}"])
    said = verify(head=["nonsense"])
    assert "is not the head of a journal" in said
    assert "exit status 2" in said, "a mistyped head is no broken journal"
    unknown = f"tenant:00000000-0000-0000-0000-000000000000:1:{'0' * 64}"
    assert "this head does not belong to a verified journal" in verify(head=[unknown])


def test_a_mistyped_name_beside_a_right_one_is_reported(tenant: Tenant) -> None:
    said = verify(tenant.slug, "contosso")
    assert "1 journal is intact." in said
    assert "short name contosso, so not all journals were verified" in said
    assert "exit status 2" in said
    assert "exit status" not in verify(tenant.slug, tenant.organization.slug)


@pytest.mark.django_db(transaction=True)
def test_an_anchor_that_the_chain_does_not_contain_is_reported(
    tenant: Tenant, organization: Organization, settings: Any
) -> None:
    """A rewritten chain is intact, but does not contain the anchored head. This test changes the anchor, which has the
    same effect.
    """
    settings.SURETY_ANCHOR_MAIL = "archive@example.com"
    record(tenant)
    anchor_organization(organization.pk)
    change_as_owner("audit_anchor", tenant, f"UPDATE audit_anchor SET hash = '{'f' * 64}'")
    said = verify(tenant.slug)
    assert "The hash of entry 2 differs from the hash in its anchor." in said
    assert "exit status 1" in said


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["tenants_journalentry", "tenants_organizationjournalentry"])
def test_an_emptied_journal_is_reported(tenant: Tenant, table: str) -> None:
    """An emptied journal is noticed even if no head was ever anchored."""
    change_as_owner(table, tenant, f"DELETE FROM {table}")
    said = verify()
    assert "The journal is empty, although every journal starts with an entry about a registration." in said
    assert "1 of 2 journals is not intact. (exit status 1)" in said


@pytest.mark.django_db(transaction=True)
def test_a_journal_that_began_anew_is_reported(tenant: Tenant) -> None:
    change_as_owner(
        "tenants_organizationjournalentry", tenant, "DELETE FROM tenants_organizationjournalentry"
    )
    change_as_owner("tenants_journalentry", tenant, "DELETE FROM tenants_journalentry")
    record(tenant)
    with organization_scope(tenant.organization):
        journal.record(
            organization=tenant.organization, actor=BY, action="organization.registered", target="again"
        )
    said = verify()
    assert "Entry 1 has the action report.built, but must have the action tenant.registered." in said
    assert f"The journal of the organization has no entry about the registration of {tenant.name}." in said
    assert "2 of 2 journals are not intact. (exit status 1)" in said


def test_a_journal_that_lost_streamed_entries_is_reported(tenant: Tenant, organization: Organization) -> None:
    with organization_scope(organization.pk):
        StreamCursor.objects.create(organization=organization, tenant=tenant, sequence=9)
        StreamCursor.objects.create(organization=organization, tenant=None, sequence=2)
    said = verify()
    assert "Entry 9 was sent to the receiver of the stream, but is missing from the journal." in said
    assert "1 of 2 journals is not intact. (exit status 1)" in said


def test_a_list_of_redacted_entries_without_an_erasure_is_reported(
    tenant: Tenant, organization: Organization
) -> None:
    """Only erasures redact entries. An attacker who can write to the database appends an entry that lists redacted
    entries, although there was no erasure.
    """
    listed = {"reason": "00000000-0000-0000-0000-000000000000", "entries": [[1, "a" * 64, "b" * 64]]}
    with in_tenant(tenant):
        entry = journal.record(
            tenant=tenant, actor=BY, action="journal.redacted", target="erasure:1", details=listed
        )
    said = verify(tenant.slug)
    assert (
        f"Entry {entry.sequence} says that other entries were redacted, but the register of erasures contains no"
        " erasure" in said
    )
    assert "exit status 1" in said
    with in_tenant(tenant):
        assert verify_chain(tenant).problems == (), "people of one customer cannot read the register"


GENUINE = {"reason": "00000000-0000-0000-0000-000000000000", "entries": [[1, "a" * 64, "b" * 64]]}
MALFORMED: dict[str, Any] = {
    "no object": [],
    "no list": {"reason": "x"},
    "null": {"reason": "x", "entries": None},
    "a number": {"reason": "x", "entries": 7},
    "numbers": {"reason": "x", "entries": [7]},
    "two parts": {"reason": "x", "entries": [[1, "a" * 64]]},
    "four parts": {"reason": "x", "entries": [[1, "a" * 64, "b" * 64, 0]]},
    "a list as number": {"reason": "x", "entries": [[[1], "a" * 64, "b" * 64]]},
    "an object as number": {"reason": "x", "entries": [[{}, "a" * 64, "b" * 64]]},
    "no hash": {"reason": "x", "entries": [[1, None, "b" * 64]]},
    "no reason": {"entries": [[1, "a" * 64, "b" * 64]]},
    "a list as reason": {"reason": [], "entries": [[1, "a" * 64, "b" * 64]]},
}


def forged(tenant: Tenant, details: Any) -> list[Any]:
    """Return the values of a forged entry with correct hashes, which an attacker with write access to the database
    could append.
    """
    chain = journal.chain_of(tenant)
    with in_tenant(tenant):
        last = journal.head(tenant)
    entry = {
        "sequence": last.sequence + 1,
        "at": datetime.now(UTC),
        "actor": "x",
        "action": "journal.redacted",
    }
    values = {**entry, "target": "x", "details": details, "previous_hash": last.hash}
    known = journal.entry_hash(chain, **values)
    return [tenant.pk, *({**values, "details": json.dumps(details)}).values(), known]


FORGE = (
    "INSERT INTO tenants_journalentry"
    " (id, tenant_id, sequence, at, actor, action, target, details, previous_hash, hash)"
    " VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


@pytest.mark.parametrize("form", sorted(MALFORMED))
def test_the_database_refuses_a_list_of_redacted_entries_in_another_form(tenant: Tenant, form: str) -> None:
    with in_tenant(tenant), connection.cursor() as cursor:
        with pytest.raises(DatabaseError, match=r"journal entry|redacted entries"), transaction.atomic():
            cursor.execute(FORGE, forged(tenant, MALFORMED[form]))
        cursor.execute(FORGE, forged(tenant, GENUINE))
    assert "but the register of erasures contains no erasure" in verify(tenant.slug)


@pytest.mark.parametrize("number", ["1.5", "1e999", f"{'9' * 5000}"])
def test_the_database_refuses_numbers_that_cannot_be_read(tenant: Tenant, number: str) -> None:
    values = forged(tenant, GENUINE)
    values[4], values[6] = "report.built", f'{{"a": [{{"b": {number}}}]}}'
    refused = pytest.raises(DatabaseError, match="are integers")
    with in_tenant(tenant), connection.cursor() as cursor, refused, transaction.atomic():
        cursor.execute(FORGE, values)
    assert "exit status" not in verify(tenant.slug)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("form", sorted(MALFORMED))
def test_a_list_of_redacted_entries_in_another_form_is_reported(
    tenant: Tenant, form: str, tmp_path: Path
) -> None:
    """A trigger of the database refuses a malformed list, but the owner of the tables can still store one."""
    record(tenant)
    with in_tenant(tenant):
        entry = journal.entries(tenant).latest("sequence")
    sequence, entry.action, entry.details = entry.sequence, "journal.redacted", MALFORMED[form]
    known = journal.content_hash(journal.chain_of(tenant), entry)
    change_as_owner(
        "tenants_journalentry",
        tenant,
        f"UPDATE tenants_journalentry SET action = 'journal.redacted', details = '{json.dumps(entry.details)}',"
        f" hash = '{known}' WHERE sequence = {sequence}",
    )
    said = verify(tenant.slug)
    assert f"Entry {sequence} should list redacted entries, but does not." in said
    assert "exit status 1" in said
    with in_tenant(tenant):
        code, words = verify_offline(tmp_path, b"".join(json_lines(tenant)))
    # The offline script reports the entry only if `details["entries"]` is not a list. It ignores a malformed item
    # of the list. This does no harm, because a malformed item does not make any entry count as redacted.
    is_list = isinstance(entry.details, dict) and isinstance(entry.details.get("entries"), list)
    assert code == (0 if is_list else 1), words
    assert is_list or f"Entry {sequence} should list redacted entries" in words
    assert "Traceback" not in words


ANCHOR_ATTACKS = {
    "another hash": f"UPDATE audit_anchor SET hash = '{'f' * 64}'",
    "another entry": "UPDATE audit_anchor SET sequence = 7",
    "an earlier day": "UPDATE audit_anchor SET made_at = '2020-01-01'",
    "deleted": "DELETE FROM audit_anchor",
    "never mailed": "UPDATE audit_anchor SET mailed_at = NULL",
    "mailed earlier": "UPDATE audit_anchor SET mailed_at = '2020-01-01'",
    "another stamp": "UPDATE audit_anchor SET token = 'x'",
    "stamped at another time": "UPDATE audit_anchor SET stamped_at = '2020-01-01'",
    "an invented head": (
        "INSERT INTO audit_anchor (id, organization_id, tenant_id, sequence, hash, made_at, error, authority)"
        " SELECT gen_random_uuid(), organization_id, tenant_id, 9, repeat('e', 64), now(), '', ''"
        " FROM audit_anchor"
    ),
}


@pytest.mark.parametrize("attack", sorted(ANCHOR_ATTACKS))
def test_the_application_cannot_change_what_was_anchored(
    organization: Organization, tenant: Tenant, stamping: Callable[..., None], settings: Any, attack: str
) -> None:
    settings.SURETY_ANCHOR_MAIL = "archive@example.com"
    made = anchor_organization(organization.pk)
    assert all(anchor.token and anchor.mailed_at for anchor in made)
    with (
        organization_scope(organization.pk),
        pytest.raises(DatabaseError, match=r"permission denied|anchor"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(ANCHOR_ATTACKS[attack])
    assert "exit status" not in verify()


def test_two_workers_that_anchor_at_once_keep_the_first_results(
    organization: Organization, tenant: Tenant, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SURETY_ANCHOR_MAIL = "archive@example.com"
    send = anchors._mail
    first: set[Any] = set()

    def other_worker_first(organization: Organization, made: list[Anchor]) -> None:
        monkeypatch.setattr(anchors, "_mail", send)
        first.update(anchor.mailed_at for anchor in anchor_organization(organization.pk))
        send(organization, made)

    monkeypatch.setattr(anchors, "_mail", other_worker_first)
    anchor_organization(organization.pk)
    with organization_scope(organization.pk):
        times = set(Anchor.objects.values_list("mailed_at", flat=True))
    assert len(mail.outbox) == 2
    assert None not in first
    assert times == first
    assert "exit status" not in verify()


def test_heads_are_stamped(tenant: Tenant, organization: Organization, stamping: Callable[..., None]) -> None:
    made = anchor_organization(organization.pk)
    assert all(anchor.token and not anchor.error for anchor in made)
    said = verify(tenant.slug)
    assert "1 anchors, 1 time stamps" in said
    assert "exit status" not in said


@pytest.mark.slow(seconds=1)
@pytest.mark.django_db(transaction=True)
def test_a_stamp_of_a_self_made_authority_is_not_accepted(
    tenant: Tenant, organization: Organization, stamping: Callable[..., None]
) -> None:
    """A person who can write to the database changes a head and adds a time stamp from their own authority."""
    anchor_organization(organization.pk)
    with organization_scope(organization.pk):
        anchor = Anchor.objects.select_related("tenant", "organization").get(tenant=tenant)
        digest = heads.digest(anchor)
    forged = run_in_own_thread(
        lambda: asyncio.run(time_stamper("Forger").async_timestamp(digest, "sha256"))
    ).dump()
    change_as_owner("audit_anchor", tenant, f"UPDATE audit_anchor SET token = '\\x{forged.hex()}'")
    said = verify(tenant.slug)
    assert "(Common Name: Forger) is not one whose certificate is in SURETY_TSA_CERTIFICATES" in said
    assert "exit status 1" in said


@pytest.mark.slow(seconds=1)
def test_an_impostor_of_the_authority_stamps_nothing(
    organization: Organization, stamping: Callable[..., None]
) -> None:
    """An impostor sends a stamp together with a certificate. Surety trusts only pinned certificates, so it refuses the
    stamp.
    """
    stamping(time_stamper("Forger"))
    made = anchor_organization(organization.pk)
    assert [anchor.token for anchor in made] == [None] * len(made)
    assert all("SURETY_TSA_CERTIFICATES" in anchor.error for anchor in made)
    assert not any(anchor.authority for anchor in made)


def test_without_pinned_authorities_nothing_is_stamped_and_no_stamp_counts(
    tenant: Tenant,
    organization: Organization,
    stamping: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    anchor_organization(organization.pk)
    monkeypatch.delenv("SURETY_TSA_CERTIFICATES")
    said = verify(tenant.slug)
    assert "no accepted time-stamp authority is configured (SURETY_TSA_CERTIFICATES)" in said
    assert "exit status 1" in said
    record(tenant)
    (anchor,) = anchor_organization(organization.pk)
    assert (anchor.token, "SURETY_TSA_CERTIFICATES is not" in anchor.error) == (None, True)


def test_stamps_count_while_no_authority_is_asked_any_more(
    tenant: Tenant,
    organization: Organization,
    stamping: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    anchor_organization(organization.pk)
    monkeypatch.delenv("SURETY_TSA_URL")
    said = verify(tenant.slug)
    assert "1 time stamps" in said
    assert "exit status" not in said


@pytest.mark.slow(seconds=1)
def test_a_stamp_over_another_head_or_from_the_future_is_not_accepted(
    organization: Organization, stamping: Callable[..., None]
) -> None:
    made = anchor_organization(organization.pk)
    first, second = made[0], made[1]
    assert "another hash" in time_stamps.problem(bytes(first.token), heads.digest(second))
    assert "cannot be read" in time_stamps.problem(b"nonsense", heads.digest(second))
    early = time_stamper()
    early.fixed_dt = datetime(2037, 1, 1, tzinfo=UTC)
    stamping(early, pin=True)
    with pytest.raises(time_stamps.NotStamped, match="future"):
        time_stamps.request(heads.digest(first))


def test_an_unreachable_authority_leaves_its_reason(
    organization: Organization, stamping: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURETY_TSA_URL", "http://127.0.0.1:9/")
    made = anchor_organization(organization.pk)
    assert all("did not return a valid time stamp" in anchor.error for anchor in made)
    assert all(anchor.token is None for anchor in made)
