"""Typesetting a report in a separate process."""

from __future__ import annotations

import resource
from datetime import UTC, datetime

import pytest

from portal.reports.layout import typesetting
from portal.reports.layout.markup import read_document
from portal.reports.layout.typesetting import TypesettingFailed, typeset

HTML = '<html lang="en"><head><title>T</title></head><body><h1>T</h1>{}</body></html>'


def pdf(content: str) -> bytes:
    report = read_document(HTML.format(content), width=176)
    return typeset({**report, "page": {"width": 210, "height": 297}}, created=datetime.now(UTC))


def test_a_broken_rule_of_accessibility_is_an_error_with_its_reason() -> None:
    with pytest.raises(TypesettingFailed, match="heading"):
        pdf("<h4>Below nothing</h4>")


def test_a_report_beyond_the_limit_of_processor_time_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "PROCESSOR_SECONDS", 0)
    with pytest.raises(TypesettingFailed, match="status -"):
        pdf("<p>Text</p>" * 1000)


def test_the_memory_for_setting_ends_with_the_process() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(3):
        assert pdf(f"<p>Text {number}</p>" * 3000).startswith(b"%PDF-1.7")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60 * 1024
