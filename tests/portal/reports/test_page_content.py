"""What the page of a report shows is stored with the report: it agrees with the file, is small, and never changes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from portal.reports import edition as editions
from portal.reports import page_content
from portal.reports.edition import Edition, EditionTooLarge, Heading, read_edition
from portal.reports.models import Report
from portal.reports.page_content import content_of_edition
from tests import factories
from tests.portal.reports.conftest import Built


def test_the_stored_content_is_that_of_the_file(built: Built) -> None:
    with factories.in_tenant(built.world.home):
        report = Report.objects.defer(None).get(pk=built.report.pk)
    assert report.page_content["failing"] > 0
    assert report.page_content["controls"]
    assert report.page_content["exceptions"]
    assert len(report.page_content["headings"]) > 10
    assert report.page_content == content_of_edition(read_edition(built.data))


def test_lists_of_reports_do_not_read_it(built: Built) -> None:
    with factories.in_tenant(built.world.home):
        report = Report.objects.get(pk=built.report.pk)
        assert report.get_deferred_fields() == {"page_content"}


def test_the_content_of_a_finished_report_cannot_be_changed(built: Built) -> None:
    with factories.in_tenant(built.world.home):
        rows = Report.objects.filter(pk=built.report.pk)
        with pytest.raises(IntegrityError, match="is final"), transaction.atomic():
            rows.update(page_content={"failing": 0})
        assert rows.update(renewal_error="The authority does not answer.") == 1


def test_a_large_report_has_small_content() -> None:
    long = "x" * 5000
    finding = {"outcome": "fail", "severity": "high", "shown": "open", "overdue_days": 1, "subject_name": long,
               "unit_name": long, "reason": long}  # fmt: skip
    control = {"severity": "high", "expected": long, "counts": {"fail": 30}, "findings": [finding] * 30}
    controls = [{"slug": f"control-{n}", **control} for n in range(60)]
    row = dict.fromkeys(("about", "reason", "requested_by", "decided_by", "state", "ends_at"), long)
    results: dict[str, Any] = {
        "identity": {"provider": "P", "classification": "C", "customer": "C", "as_of": "2026-11-27T12:00:00Z"},
        "score": 1.0, "adjusted": 1.0, "coverage": 1.0, "counts": {"fail": 1800}, "due_days": {"high": 30},
        "sections": [{"name": "S", "counts": {"fail": 1800}, "controls": controls}],
        "exceptions": [{"number": n, **row} for n in range(500)],
        "attestations": [{"standing": "met"}] * 9,
        "units": [{"gaps": 1, "state": "done"}] * 3,
        "gaps": [dict.fromkeys(("collection", "unit", "reason", "permission"), long)] * 500,
        "integrity": {"evidence_items": 1, "journal_sequence": 2, "journal_hash": "ab"},
    }  # fmt: skip
    found = content_of_edition(Edition(results, [Heading("Summary", 2)]))
    assert len(json.dumps(found)) < 2 * 2**20
    assert (found["failing"], found["open"], found["incomplete"]) == (1800, 1800, 3)
    assert len(found["controls"]) == page_content.MAX_CONTROLS
    assert {control["more"] for control in found["controls"]} == {30 - page_content.MAX_FINDINGS}
    assert (found["more_exceptions"], found["more_gaps"]) == (480, 480)
    assert found["headings"] == [{"title": "Summary", "page": 2}]


def test_the_web_server_does_not_read_large_results(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editions, "MAX_RESULTS", 1000)
    with pytest.raises(EditionTooLarge):
        read_edition(built.data)
