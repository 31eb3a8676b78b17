"""For a file with any content, the reader either returns facts or refuses the file. It raises no other error."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.scan_files.facts import MAX_TEXT, ScanFile, Severity, normal_address, normal_name, rated
from assessments.scan_files.read import read_scan
from assessments.scan_files.times import read_seconds, read_time
from tenants.errors import InvalidInput
from tests.assessments.scan_files import examples

NOW = datetime(2026, 11, 28, tzinfo=UTC)
EXAMPLES = [value for name, value in vars(examples).items() if name.isupper() and isinstance(value, bytes)]
# Only characters that XML 1.0 permits.
XML_TEXT = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"), max_size=400
)


def outcome(content: bytes) -> ScanFile | None:
    try:
        return read_scan(content, now=NOW, scanned_at=NOW)
    except InvalidInput:
        return None


def consistent(file: ScanFile) -> None:
    for host in file.hosts:
        assert host.scanned_at is not None
        assert host.scanned_at.tzinfo is not None
        keys = [one.key for one in host.vulnerabilities]
        assert len(keys) == len(set(keys))
        counted = sum(number for severity, number in host.counts.items() if severity != Severity.INFO)
        assert counted == len(host.vulnerabilities)
        assert all(one.title.isprintable() and len(one.title) <= MAX_TEXT for one in host.vulnerabilities)


@given(st.binary(max_size=400))
def test_any_bytes(content: bytes) -> None:
    if file := outcome(content):
        consistent(file)


@pytest.mark.slow(seconds=1)
@settings(max_examples=300)
@given(st.sampled_from(EXAMPLES), st.data())
def test_damaged_examples(content: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(content)))
    length = data.draw(st.integers(0, 40))
    file = outcome(content[:start] + data.draw(st.binary(max_size=8)) + content[start + length :])
    if file is not None:
        consistent(file)


@pytest.mark.slow(seconds=1)
@given(st.lists(st.tuples(XML_TEXT, XML_TEXT, st.integers(0, 4)), min_size=1, max_size=12))
def test_any_texts_of_nessus(items: list[tuple[str, str, int]]) -> None:
    rows = "".join(
        f'<ReportItem severity="{severity}" pluginID={quoteattr(key)} pluginName={quoteattr(title)}>'
        f"<description>{escape(title)}</description></ReportItem>"
        for key, title, severity in items
    )
    content = f"<NessusClientData_v2><Report><ReportHost name='h'>{rows}</ReportHost></Report></NessusClientData_v2>"
    file = outcome(content.encode())
    assert file is not None
    consistent(file)
    assert file.hosts[0].counts.get(Severity.INFO, 0) == sum(severity == 0 for *_, severity in items)


@given(st.text(max_size=60))
def test_any_text_as_time_score_address_or_name(text: str) -> None:
    for time in (read_time(text), read_seconds(text)):
        assert time is None or time.tzinfo is not None
    assert rated(text) in Severity
    assert normal_address(text) == normal_address(normal_address(text))
    assert normal_name(text) == normal_name(normal_name(text))


@given(st.floats(0, 10))
def test_a_higher_score_is_never_less_severe(score: float) -> None:
    order = list(Severity)
    lower = rated(str(score / 2))
    assert order.index(rated(str(score))) <= order.index(lower)
