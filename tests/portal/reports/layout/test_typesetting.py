"""Typesetting a report in a separate process."""

from __future__ import annotations

import io
import re
import resource
import subprocess
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest

from portal.reports.layout import typesetting
from portal.reports.layout.markup import read_document
from portal.reports.layout.typesetting import TypesettingFailed, typeset
from portal.reports.render import render_document

# Do not replace the typesetting process by a fork: some tests check its limits and memory.
pytestmark = pytest.mark.usefixtures("real_children")

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


@pytest.mark.slow(seconds=1)
def test_the_memory_for_setting_ends_with_the_process() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(3):
        assert pdf(f"<p>Text {number}</p>" * 3000).startswith(b"%PDF-1.7")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60 * 1024


def pages(content: str, path: Path) -> list[str]:
    """Return the text of each page."""
    path.write_bytes(pdf(content))
    done = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True
    )
    return done.stdout.split("\f")[:-1]


@pytest.mark.slow(seconds=1)
def test_whole_sections_and_commands_with_their_sentence_stay_on_one_page(tmp_path: Path) -> None:
    """A section with the class `whole` stays on one page. So does a command with the sentence above it."""
    text = "<p>Filled</p>" * 35
    section = '<div class="whole"><h2>Verify</h2>' + "<p>Step</p>" * 8 + "<p>Last</p></div>"
    first, second = pages(f"{text}{section}", tmp_path / "whole.pdf")
    assert "Verify" not in first
    assert ("Verify" in second, "Last" in second) == (True, True)
    for number in range(39, 43):
        code = '<p class="intro">Commands follow</p><pre>command</pre>'
        found = pages("<p>Filled</p>" * number + code, tmp_path / "intro.pdf")
        (page,) = [page for page in found if "Commands follow" in page]
        assert "command\n" in page, number


@pytest.mark.parametrize("filled", range(22, 36))
def test_a_heading_and_its_sentences_stand_on_the_page_of_their_table(filled: int, tmp_path: Path) -> None:
    """Wherever the page ends, the first row of the table is on the page of the headings and sentences above it."""
    rows = "".join(f"<tr><td>Row {number}</td><td>Text</td></tr>" for number in range(4))
    table = f"<table><thead><tr><th>Head</th><th>Value</th></tr></thead><tbody>{rows}</tbody></table>"
    section = f"<h2>Part</h2><p>Sentence</p><p>More</p><h3>Topic</h3><p>Introduction</p>{table}"
    found = pages("<p>Filled</p>" * filled + section, tmp_path / "section.pdf")
    places = {
        next(place for place, page in enumerate(found) if word in page)
        for word in ("Part", "Sentence", "More", "Topic", "Introduction", "Head", "Row 0")
    }
    assert len(places) == 1, found


@pytest.mark.parametrize("is_compact", [True, False])
@pytest.mark.parametrize("number", ["not known", "nicht bekannt", "1234567"])
def test_long_numbers_stay_in_their_columns(number: str, is_compact: bool, tmp_path: Path) -> None:
    figure = f'<div class="figure"><div class="big">{number}</div><div class="what">verdicts</div></div>'
    html = HTML.format(f'<div class="figures">{figure * 6}</div>')
    if is_compact:
        html = html.replace("<body>", '<body class="compact">')
    path = tmp_path / "figures.pdf"
    path.write_bytes(render_document(html, created=datetime.now(UTC)).content)
    done = subprocess.run(
        ["pdftotext", "-bbox", str(path), "-"], capture_output=True, text=True, check=True
    ).stdout
    words = re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="[\d.]+">([^<]+)<', done)
    line = [(float(left), float(right)) for left, _, right, word in words if word in number.split()]
    assert len(line) == 6 * len(number.split())
    assert all(right < left for (_, right), (left, _) in pairwise(sorted(line)))


@pytest.mark.parametrize("is_compact", [True, False])
def test_viewers_show_the_bookmarks_except_those_of_a_summary(is_compact: bool) -> None:
    html = HTML.format("<h2>Part</h2><p>Text</p>")
    if is_compact:
        html = html.replace("<body>", '<body class="compact">')
    content = render_document(html, created=datetime.now(UTC)).content
    with pikepdf.open(io.BytesIO(content)) as found:
        assert found.Root.get("/PageMode") == (None if is_compact else "/UseOutlines")
        assert [str(item.title) for item in found.open_outline().root[0].children] == ["Part"]
