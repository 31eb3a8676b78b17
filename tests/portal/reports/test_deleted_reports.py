"""Revoking files whose report was deleted under the retention policy, or whose customer was erased."""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from portal.embedded import Valkey
from portal.notify.models import Notice
from portal.reports.errors import CannotRevoke
from portal.reports.models import DeletedReport, RegisterEntry
from portal.reports.records.register import find_by_hash, standing
from portal.reports.records.revocation import revoke_deleted_report
from portal.settings.env import BASE_DIR
from tenants.errors import InvalidInput
from tenants.models import JournalEntry
from tenants.roles import Role
from tenants.secrets import keys_file, ring
from tests import factories
from tests.databases import database_url
from tests.portal.reports.deletions import HASH, delete_report, record
from tests.portal.retention.customers import Customer, sha
from tests.signed_in import signed_in_client

REASON = "Two subscriptions were missing."
INSERT = (
    "INSERT INTO reports_deletedreport (id, tenant_id, report, number, sha256)"
    " SELECT gen_random_uuid(), tenant_id, gen_random_uuid(), 3, sha256 FROM reports_deletedreport"
)


@pytest.fixture
def deleted(db: None) -> tuple[Customer, UUID]:
    """A customer whose report was deleted under the retention policy, and the report's id."""
    customer = Customer()
    return customer, delete_report(customer)


def revoke(sha256: str, reason: str = REASON) -> str:
    out = StringIO()
    call_command("revoke_report", "--sha256", sha256, "--reason", reason, stdout=out)
    return out.getvalue()


def test_operator_revokes_the_file_of_a_deleted_report(deleted: tuple[Customer, UUID]) -> None:
    customer, report = deleted
    person = factories.member(Role.ORGANIZATION_ADMINISTRATOR, customer.tenant.organization)
    with pytest.raises(CommandError, match="Do not name the customer"):
        revoke(HASH, f"Wrong for {customer.tenant.slug.upper()}")
    assert "revoked on" in revoke(HASH)
    registered = find_by_hash(HASH)
    assert registered is not None
    assert registered.standing.reason == REASON
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("verify_report", "--sha256", HASH, stdout=out)
    assert end.value.code == 4
    assert "issued by this installation, but revoked on" in out.getvalue()
    answer = Client().post(reverse("verify"), {"sha256": HASH})
    assert f"because: {REASON}" in answer.content.decode()
    with factories.in_tenant(customer.tenant):
        (entry,) = JournalEntry.objects.filter(action="report.revoked")
        assert entry.details == {"report": str(report), "sha256": HASH, "reason": REASON}
        assert Notice.objects.filter(kind="report_revoked", person=person).exists()
    with pytest.raises(CommandError, match="Report 1 was already revoked"):
        revoke(HASH)


def test_operator_revokes_a_listed_report_and_no_unknown_hash(db: None) -> None:
    customer = Customer()
    report = customer.report(1, 10, customer.assessment(1, 11, ["one"]), sha256=HASH)
    with pytest.raises(CommandError, match="no record of a file with this SHA-256, so nothing was revoked"):
        revoke(HASH)
    record(report.pk, HASH)
    revoke(HASH)
    assert standing(report.pk).revoked_at is not None


def test_administrator_revokes_on_the_page(deleted: tuple[Customer, UUID]) -> None:
    customer, report = deleted
    slug = customer.tenant.slug
    administrator = signed_in_client(
        factories.member(Role.ORGANIZATION_ADMINISTRATOR, customer.tenant.organization)
    )
    page = reverse("reports-deleted", args=[slug])
    assert escape(page) in administrator.get(reverse("reports", args=[slug])).content.decode()
    assert HASH in administrator.get(page).content.decode()
    form = reverse("report-revoke-deleted", args=[slug])
    for wrong in (sha("newer"), sha("unknown"), "no hash"):
        refused = administrator.post(form, {"sha256": wrong, "reason": REASON})
        assert refused.status_code == 400
    assert not RegisterEntry.objects.exists()
    engineer = signed_in_client(factories.member(Role.ORGANIZATION_ENGINEER, customer.tenant.organization))
    assert engineer.post(form, {"sha256": HASH, "reason": REASON}).status_code == 403
    assert form not in engineer.get(page).content.decode()
    spaced = f"{HASH[:32].upper()} {HASH[32:].upper()}"
    assert administrator.post(form, {"sha256": spaced, "reason": REASON}).status_code == 302
    assert standing(report).reason == REASON
    assert f"because: {REASON}" in administrator.get(page).content.decode()
    with factories.in_tenant(customer.tenant), pytest.raises(CannotRevoke):
        revoke_deleted_report(tenant=customer.tenant, sha256=HASH, reason=REASON, by=factories.BY)


def test_another_customer_can_neither_see_nor_revoke_it(deleted: tuple[Customer, UUID]) -> None:
    _, report = deleted
    other = factories.tenant()
    with factories.in_tenant(other):
        assert not DeletedReport.objects.exists()
        with pytest.raises(InvalidInput, match="No deleted report"):
            revoke_deleted_report(tenant=other, sha256=HASH, reason=REASON, by=factories.BY)
        with (
            pytest.raises(DatabaseError, match="only finished reports within the scope"),
            transaction.atomic(),
        ):
            RegisterEntry.objects.create(report=report, state="revoked", reason=REASON)


@pytest.mark.parametrize(
    "statement",
    [
        INSERT,
        "UPDATE reports_deletedreport SET sha256 = repeat('b', 64)",
        "DELETE FROM reports_deletedreport",
        "UPDATE reports_registerentry SET reason = 'The reason was deleted together with the customer.'",
    ],
)
def test_sql_of_the_application_cannot_write(deleted: tuple[Customer, UUID], statement: str) -> None:
    customer, _ = deleted
    revoke(HASH)
    with (
        factories.in_tenant(customer.tenant),
        pytest.raises(DatabaseError, match=r"permission denied|are final"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.slow
def test_only_the_owner_revokes_a_file_without_a_customer(transactional_db: None) -> None:
    """The customer was erased, so only the record of the signed file is left."""
    ring()
    pk = uuid4()
    record(pk, HASH, kind="erasure")
    with pytest.raises(DatabaseError, match="only finished reports within the scope"), transaction.atomic():
        RegisterEntry.objects.create(report=pk, state="revoked", reason=REASON)
    environment = {
        **{
            k: v
            for k, v in os.environ.items()
            if k in ("PATH", "LANG", "TMPDIR", "SURETY_HOME", "LD_LIBRARY_PATH")
        },
        "SURETY_KEYS": os.environ.get("SURETY_KEYS") or keys_file().read_text(),
        "DATABASE_URL": database_url(),
        "BROKER_URL": "redis://127.0.0.1:1/0",
        "CACHE_URL": Valkey(django_settings.EMBEDDED_HOME).cache_url(),
    }
    command = [sys.executable, "manage.py", "revoke_report", "--sha256", HASH, "--reason", REASON]
    refused = subprocess.run(
        command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert "Set DATABASE_OWNER_URL, and run the command again" in refused.stderr
    environment["DATABASE_OWNER_URL"] = database_url("owner")
    subprocess.run(command, cwd=BASE_DIR, env=environment, check=True, capture_output=True)
    assert standing(pk).reason == REASON
