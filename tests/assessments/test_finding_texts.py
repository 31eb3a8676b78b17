"""The texts that a search looks through: as the findings say them, each once a tenant, and no others."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from assessments.actions.finding_texts import forget_unsaid
from assessments.actions.finish import finish
from assessments.models import Assessment, Finding, FindingText
from tenants.models import Tenant
from tests import factories
from tests.treatment.test_states import FAILING, NOW, make

CONTROL = "storage-secure-transfer"


def texts() -> set[str]:
    return set(FindingText.objects.values_list("text", flat=True))


def said(tenant: Tenant) -> set[str]:
    """What the tenant's findings say, by hand."""
    rows = Finding.objects.filter(tenant=tenant).values_list("subject", "control", "reason")
    return {text.lower() for subject, control, reason in rows for text in (subject, f"{control}\n{reason}")}


def test_each_text_once(db: None) -> None:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        make(tenant, {**FAILING, "subject": "/Subscriptions/A", "reason": "Port 22 is open."})
        make(
            tenant,
            {**FAILING, "subject": "/subscriptions/a", "reason": "port 22 is open.", "control": "b"},
            1,
        )
        make(tenant, {**FAILING, "subject": "/subscriptions/b", "reason": "PORT 22 IS OPEN."}, 2)
        assert sorted(FindingText.objects.values_list("kind", "text")) == [
            ("reason", "b\nport 22 is open."),
            ("reason", f"{CONTROL}\nport 22 is open."),
            ("subject", "/subscriptions/a"),
            ("subject", "/subscriptions/b"),
        ]


def test_every_finding_has_its_keys(db: None) -> None:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        for number, reason in enumerate(["", "ÄÖÜ ß İ Σ", "a\nb", "x" * 20_000, "100 % _ \\ ' \x01"]):
            make(tenant, {**FAILING, "reason": reason, "subject": f"/subscriptions/{reason[:200]}"}, number)
        for row in Finding.objects.all():
            of_subject = FindingText.objects.get(kind="subject", key=row.subject_ref)
            of_reason = FindingText.objects.get(kind="reason", key=row.reason_ref)
            with connection.cursor() as cursor:
                cursor.execute("SELECT lower(%s), lower(%s)", [row.subject, f"{row.control}\n{row.reason}"])
                assert cursor.fetchone() == (of_subject.text, of_reason.text)


def _save(row: Finding) -> None:
    row.reason = "Another."
    row.save()


def _update(row: Finding) -> None:
    Finding.objects.filter(pk=row.pk).update(reason="Another.")


def _bulk_update(row: Finding) -> None:
    row.reason = "Another."
    Finding.objects.bulk_update([row], ["reason"])


def _upsert(row: Finding) -> None:
    row.reason = "Another."
    Finding.objects.bulk_create([row], update_conflicts=True, unique_fields=["id"], update_fields=["reason"])


@pytest.mark.parametrize("write", [_save, _update, _bulk_update, _upsert])
def test_whoever_writes(db: None, write: Any) -> None:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        row = make(tenant, {**FAILING, "reason": "One."})
        other = make(tenant, {**FAILING, "reason": "One."}, 1)
        write(row)
        assert texts() == said(tenant) | {f"{CONTROL}\none."}
        # Another finding says it still.
        assert forget_unsaid(tenant.pk) == 0
        write(other)
        assert forget_unsaid(tenant.pk) == 1
        assert texts() == said(tenant) == {"/subscriptions/x/0", "/subscriptions/x/1", f"{CONTROL}\nanother."}


def test_what_nobody_says_goes_when_an_assessment_ends(db: None) -> None:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        row = make(tenant, {**FAILING, "reason": "One."})
        Finding.objects.filter(pk=row.pk).update(reason="Another.", changed_at=F("changed_at"))
        assert len(texts()) == 3
        run = Assessment.objects.create(
            tenant=tenant, number=1, catalogue_hash="0" * 64, product_version="1", state="running"
        )
        finish(run)
        assert texts() == said(tenant)
        assert len(texts()) == 2


def test_what_is_gone_is_still_found(db: None) -> None:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        make(tenant, {**FAILING, "state": "gone", "gone_at": NOW})
        assert forget_unsaid(tenant.pk) == 0
        assert texts() == said(tenant)


def test_two_tenants_have_their_own(db: None) -> None:
    first, second = factories.tenant(), factories.tenant()
    for tenant in (first, second):
        with factories.in_tenant(tenant):
            make(tenant, {**FAILING, "reason": f"Of {tenant.slug}."})
    for tenant in (first, second):
        with factories.in_tenant(tenant):
            assert texts() == said(tenant)
            assert len(texts()) == 2
    with factories.in_tenant(first):
        Finding.objects.all().delete()
        assert forget_unsaid(first.pk) == 2
    with factories.in_tenant(second):
        assert len(texts()) == 2
