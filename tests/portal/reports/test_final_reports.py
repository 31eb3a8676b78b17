"""Finished reports are final: SQL of the application's role cannot change what they prove."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from portal.reports.create import create_report
from portal.reports.models import Report
from portal.reports.records.revocation import revoke_report
from tests import factories
from tests.portal.reports.conftest import Built

# {column that must not change once a report is finished: the SQL of the value that the test tries to store}
CHANGES = {
    "id": "gen_random_uuid()",
    "number": "number + 100",
    "kind": "'executive'",
    "title": "'Another title'",
    "classification": "'Public'",
    "paper": "'letter'",
    "language": "'de'",
    "state": "'failed', error = 'x'",
    "baseline_number": "1",
    "supersedes_number": "1",
    "framework": "'cis-5.0.0'",
    "period_first": "'2026-01-01', period_last = '2026-01-31'",
    "period_last": "'2026-01-31', period_first = '2026-01-01'",
    "without_names": "NOT without_names",
    "as_of": "as_of - interval '1 day'",
    "created_at": "created_at + interval '1 day'",
    "requested_as": "'Somebody else'",
    "level": "'B-LTA'",
    "signer": "'Another signer'",
    "self_made": "NOT self_made",
    "pages": "pages + 1",
    "file": "'other.pdf'",
    "sha256": "repeat('a', 64)",
    "size": "size + 1",
    "archive_until": "now()",
    "archive_algorithm": "'sha1'",
    "page_content": "'{}'",
    "tenant_id": "tenant_id",
    "assessment_id": "assessment_id",
    "branding_id": "branding_id",
    "requested_by_id": "requested_by_id",
}
# All other columns. They may change in a final report: they describe its build, or a failed renewal of its time stamps.
WORKING = {
    "error",
    "step",
    "attempt",
    "lease_until",
    "build_until",
    "worker",
    "renewal_failed_at",
    "renewal_error",
}


def update(change: str, report: Report) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE reports_report SET {change} WHERE id = %s", [report.pk])
        assert cursor.rowcount == 1


def test_every_column_is_considered() -> None:
    assert {field.column for field in Report._meta.concrete_fields} == set(CHANGES) | WORKING


def test_sql_cannot_change_a_finished_report(built: Built) -> None:
    world, report = built.world, built.report
    with factories.in_tenant(world.home):
        earlier = create_report(
            world.home, factories.BY, {"assessment": built.report.assessment}
        ).assessment_id
        other = {
            "tenant_id": f"'{world.foreign.pk}'",
            "assessment_id": f"(SELECT id FROM assessments_assessment WHERE id <> '{earlier}' LIMIT 1)",
            "branding_id": "gen_random_uuid()",
            "requested_by_id": f"'{world.people['auditor'].pk}'",
        }
        for column, value in {**CHANGES, **other}.items():
            with pytest.raises(
                DatabaseError, match=r"final|finished report|become older|another organization"
            ):
                update(f"{column} = {value}", report)
        assert Report.objects.values().get(pk=report.pk)["sha256"] == report.sha256


def test_what_proves_nothing_can_change(built: Built) -> None:
    with factories.in_tenant(built.world.home):
        update("renewal_failed_at = now(), renewal_error = 'No answer', requested_by_id = NULL", built.report)
        revoke_report(
            report=built.report,
            reason="A subscription was missing.",
            by=built.world.people["organization_administrator"],
        )
        building = create_report(built.world.home, factories.BY, {})
        update("title = 'Another title', classification = 'Public'", building)


def test_the_record_of_a_time_stamp_permits_only_its_own_file(built: Built) -> None:
    """After a renewal was recorded, the report may only change to a larger file with the recorded hash."""
    report = built.report
    record = (
        "INSERT INTO reports_renewedfile (sha256, report, previous_sha256, time_stamp_authorities)"
        " VALUES (repeat('a', 64), %s, %s, '')"
    )
    with factories.in_tenant(built.world.home), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(record, [report.pk, report.sha256])
        for change in (
            "sha256 = repeat('b', 64), size = size + 1",
            "sha256 = repeat('a', 64)",
            "size = size + 1",
            "sha256 = repeat('a', 64), size = size + 1, title = 'Another title'",
        ):
            with pytest.raises(DatabaseError, match="finished report"):
                update(change, report)
        update("sha256 = repeat('a', 64), size = size + 1, file = 'renewed.pdf'", report)
        connection.check_constraints()
