"""The stored search texts are exactly the texts of a tenant's findings. Each text is stored once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from assessments.actions.units.finding_texts import delete_unused_texts
from assessments.actions.units.finish import finish
from assessments.controls.registry import known_controls
from assessments.models import Assessment, Finding, FindingText
from assessments.selectors import MAX_WORDS, search_words, text_filter, text_kinds
from tenants.models import Tenant
from tests import factories
from tests.for_each import for_each
from tests.portal.treatment.findings import FAILING, NOW, make

CONTROL = "storage-secure-transfer"


def texts() -> set[str]:
    return set(FindingText.objects.values_list("text", flat=True))


def said(tenant: Tenant) -> set[str]:
    """Return the expected texts of the tenant's findings."""
    rows = Finding.objects.filter(tenant=tenant).values_list("subject", "control", "reason")
    return {text.lower() for subject, control, reason in rows for text in (subject, f"{control}\n{reason}")}


def said_of_control(row: Finding) -> str:
    control = known_controls()[row.control]
    return f"{row.control}\n{row.reason}\n{control.title}\n{control.problem}"


def test_each_text_is_stored_once(db: None) -> None:
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


def test_every_finding_refers_to_its_texts(db: None) -> None:
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
def test_texts_follow_every_kind_of_write(db: None, write: Any) -> None:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        row = make(tenant, {**FAILING, "reason": "One."})
        other = make(tenant, {**FAILING, "reason": "One."}, 1)
        write(row)
        assert texts() == said(tenant) | {f"{CONTROL}\none."}
        # Another finding still uses the text.
        assert delete_unused_texts(tenant.pk) == 0
        write(other)
        assert delete_unused_texts(tenant.pk) == 1
        assert texts() == said(tenant) == {"/subscriptions/x/0", "/subscriptions/x/1", f"{CONTROL}\nanother."}


def test_unused_texts_are_deleted_when_an_assessment_ends(db: None) -> None:
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


def test_search_finds_gone_findings(db: None) -> None:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        make(tenant, {**FAILING, "state": "gone", "gone_at": NOW})
        assert delete_unused_texts(tenant.pk) == 0
        assert texts() == said(tenant)


def test_tenants_do_not_share_texts(db: None) -> None:
    first, second = factories.tenant(), factories.tenant()
    for tenant in (first, second):
        with factories.in_tenant(tenant):
            make(tenant, {**FAILING, "reason": f"Of {tenant.slug}."})
    for tenant in (first, second):
        with factories.in_tenant(tenant):
            assert texts() == said(tenant)
            assert len(texts()) == 2
    with factories.in_tenant(first), connection.cursor() as cursor:
        # Delete without the ORM. The ORM would also delete timeline entries, which the application may not delete.
        cursor.execute("DELETE FROM assessments_finding")
        assert delete_unused_texts(first.pk) == 2
    with factories.in_tenant(second):
        assert len(texts()) == 2


@for_each(
    ("text", "words", "left"),
    [
        ("", [], 0),
        ("port 22", ["port", "22"], 0),
        ("a a a", ["a"], 0),
        # A word that is part of another word is not searched separately.
        ("s st storage st", ["storage"], 0),
        ("A storage", ["A", "storage"], 0),
        (" ".join(f"w{number:02}" for number in range(14)), [f"w{number:02}" for number in range(12)], 2),
        # Words that are parts of other words do not count towards the limit.
        (
            "w " + " ".join(f"w{number:02}" for number in range(12)),
            [f"w{number:02}" for number in range(12)],
            0,
        ),
    ],
)
def test_words_of_a_search_are_chosen(text: str, words: list[str], left: int) -> None:
    assert search_words(text) == (words, left)


SEARCHES = [
    "",
    "port",
    "p por port PORT",
    "% _ \\",
    "22%",
    "_pen",
    "a b c",
    "x" * 200,
    "open /subscriptions/a nothing-of-it",
    "/SUBSCRIPTIONS/A closed",
    "storage ä",
    "Storage ACCOUNT accepts unencrypted",
    "encrypted 22 connections",
]


@pytest.mark.parametrize("text", SEARCHES)
def test_search_finds_the_same_as_comparing_each_finding(db: None, text: str) -> None:
    tenant, other = factories.tenant(), factories.tenant()
    reasons = ["Port 22 is open.", "Port 22% _ \\ is closed.", "Ä", ""]
    for one in (tenant, other):
        with factories.in_tenant(one):
            for number, reason in enumerate(reasons):
                make(
                    one,
                    {**FAILING, "subject": f"/subscriptions/{'ab'[number % 2]}", "reason": reason},
                    number,
                )
    with factories.in_tenant(tenant):
        by_hand = {
            row.pk
            for row in Finding.objects.all()
            if all(
                any(word.lower() in part.lower() for part in (row.subject, said_of_control(row)))
                for word in text.split()
            )
        }
        for kinds in (None, text_kinds(tenant, text)):
            found = Finding.objects.filter(text_filter(tenant, text, kinds))
            assert set(found.values_list("pk", flat=True)) == by_hand


def test_search_finds_the_names_that_pages_show(db: None) -> None:
    """Pages name a failing finding by the control's problem, and any other finding by the control's title."""
    tenant = factories.tenant()
    control = known_controls()[CONTROL]
    with factories.in_tenant(tenant):
        row = make(tenant, FAILING)
        make(tenant, {**FAILING, "control": "identity-mfa-privileged"}, 1)
        for text in (control.title, control.problem.upper()):
            for kinds in (None, text_kinds(tenant, text)):
                assert list(Finding.objects.filter(text_filter(tenant, text, kinds))) == [row]


def test_number_of_searched_words_is_limited(db: None) -> None:
    """A search of 200 characters can contain a hundred words, and each would scan all texts twice."""
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        for text in (" ".join("a" * 100), " ".join(map(chr, range(0x3B1, 0x3B1 + 100)))):
            statement = str(Finding.objects.filter(text_filter(tenant, text)).query)
            assert statement.count('FROM "assessments_findingtext"') <= 2 * MAX_WORDS


def test_unused_texts_are_found_by_joins(db: None) -> None:
    """Without joins, a scan of all findings for each text would take hours for a large tenant."""
    tenant = factories.tenant()
    with factories.in_tenant(tenant), CaptureQueriesContext(connection) as captured:
        delete_unused_texts(tenant.pk)
    deletes = [query["sql"] for query in captured.captured_queries if query["sql"].startswith("DELETE")]
    assert len(deletes) == 2
    with factories.in_tenant(tenant), connection.cursor() as cursor:
        for statement in deletes:
            cursor.execute(f"EXPLAIN {statement}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert "Anti Join" in plan
            assert "SubPlan" not in plan


def test_search_uses_hashed_subplans(db: None) -> None:
    """The search uses no joins: their plans depend on statistics, which a new tenant's findings do not have yet."""
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        make(tenant, {**FAILING, "subject": "/subscriptions/storage", "reason": "It speaks http."})
        kinds = text_kinds(tenant, "storage http speaks")
        assert kinds == {"storage": {"subject", "reason"}, "http": {"reason"}, "speaks": {"reason"}}
        for text in ("http speaks", "storage http speaks"):
            found = Finding.objects.filter(text_filter(tenant, text, kinds), tenant=tenant)
            plan = found.explain()
            assert "Join" not in plan
            assert "Nested Loop" not in plan
            assert plan.count("(hashed SubPlan") == len(text.split()) + text.count("storage")
            assert found.count() == 1
