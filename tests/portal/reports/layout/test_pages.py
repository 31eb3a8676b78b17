"""The pages of a report as readers see them: ids have names, words are not broken, and no title ends a page."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from assessments.models import Finding, ObjectName
from portal.reports import render as rendering
from portal.reports.actions import request_report
from portal.reports.attachments.files import attach, unit_manifests
from portal.reports.gather import gather_facts
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.kinds import KINDS
from tests import factories
from tests.portal.reports.layout.embedded_fonts import fonts
from tests.portal.web.world import World

GUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b(?! *\d{2}:\d{2})")
NAMED, UNREADABLE = "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"
# The example id in comments of fix commands. People replace it with an id of their own.
EXAMPLE = "00000000-0000-0000-0000-000000000000"


class Texts(HTMLParser):
    """Collects the words of all texts, and the texts of titles and of heads of tables."""

    def __init__(self) -> None:
        super().__init__()
        self.words: set[str] = set()
        self.titles: set[str] = set()
        self.heads: set[str] = set()
        self._open: list[str] = []
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("h2", "h3", "h4", "thead"):
            self._open.append(tag)
            self._text = ""

    def handle_endtag(self, tag: str) -> None:
        if self._open and tag == self._open[-1]:
            self._open.pop()
            (self.heads if tag == "thead" else self.titles).add(squeezed(self._text))

    def handle_data(self, data: str) -> None:
        self._text += data
        self.words.update(re.findall(r"[^\W\d_]+", data))


def squeezed(text: str) -> str:
    return "".join(text.split())


@dataclass
class Pages:
    """The rendered report: its file, the text of each page in reading order and as laid out, and the HTML's texts."""

    content: bytes
    reading: list[str]
    lines: list[list[str]]
    texts: Texts
    results: dict[str, Any]

    @property
    def kind(self) -> str:
        kind: str = self.results["identity"]["kind"]
        return kind


@pytest.fixture(params=KINDS)
def pages(
    request: pytest.FixtureRequest, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Pages:
    """A report with values that are hard to print: ids with and without names, objects in objects, long lists."""
    own = world.of(world.home)
    with factories.in_tenant(world.home):
        common = {"tenant": world.home, "directory": own["directory"], "kind": "user"}
        read_at = datetime(2026, 11, 26, tzinfo=UTC)
        ObjectName.objects.create(
            **common, status="known", guid=NAMED, display_name="Anna Berg", read_at=read_at
        )
        ObjectName.objects.create(
            **common, status="not_readable", guid=UNREADABLE, permission="User.Read.All", read_at=read_at
        )
        finding: Finding = own["finding"]
        finding.observed = {
            "owners": [NAMED, UNREADABLE],
            "networkRules": {"defaultAction": "Allow", "bypass": {"services": ["Logging", "Metrics"]}},
            "assignments": [{"name": f"assignment {n}", "principal": {"id": NAMED}} for n in range(60)],
            "expiresAt": "2027-01-31T23:59:00Z",
        }
        finding.reason = f"The user {NAMED} can read everything"
        finding.save(update_fields=["observed", "reason"])
        report = request_report(tenant=world.home, by=factories.BY, kind=request.param)
        facts, files = attach(
            gather_facts(report, ensure_signing_identity()), world.home, unit_manifests(report.assessment)
        )
    html: list[str] = []
    whole = rendering.render_document

    def noted(text: str, **options: Any) -> rendering.RenderedReport:
        html.append(text)
        return whole(text, **options)

    monkeypatch.setattr(rendering, "render_document", noted)
    content = rendering.render(facts, files).content
    path = tmp_path / "report.pdf"
    path.write_bytes(content)
    texts = Texts()
    texts.feed(html[0])
    laid_out = [[line.strip() for line in page.splitlines()] for page in extracted(path, "-layout")]
    results = next(json.loads(file.content) for file in files if file.name == "results.json")
    return Pages(content, extracted(path), laid_out, texts, results)


def extracted(path: Path, *options: str) -> list[str]:
    """Return the text of each page."""
    done = subprocess.run(["pdftotext", *options, str(path), "-"], capture_output=True, text=True, check=True)
    return done.stdout.removesuffix("\f").split("\f")


def ids_printed_below_names(results: dict[str, object]) -> Iterator[str]:
    """Yield the ids that a report prints below names, such as those of subscriptions and service principals."""
    for part in ("identity", "units", "excluded", "principals", "subscription_remarks"):
        yield from GUID.findall(json.dumps(results[part]))


@pytest.mark.slow(seconds=2)
def test_pages_read_well(pages: Pages) -> None:
    text = "\n".join(pages.reading)
    if pages.kind == "full":
        assert "Anna Berg" in text
        assert "missing permission User.Read.All" in " ".join(text.split())
    problems = [
        *bare_ids(text, pages.results),
        *raw_values(without_requests(text)),
        *cut_times(without_requests(text), pages),
        *broken_words(text, {*pages.texts.words, "Page"}),
        *stranded(pages),
    ]
    assert not problems, "\n".join(problems)
    assert fonts(pages.content) <= {
        "LiberationSans",
        "LiberationSans-Bold",
        "LiberationMono",
        "LiberationMono-Bold",
    }


def bare_ids(text: str, results: dict[str, object]) -> Iterator[str]:
    known = {*ids_printed_below_names(results), NAMED, UNREADABLE, EXAMPLE}
    yield from (f"bare id {guid}" for guid in set(GUID.findall(text)) - known)
    # Beside an id without a name, the report says why the name is unknown.
    for place in re.finditer(UNREADABLE, text):
        if "(name not" not in " ".join(text[place.end() : place.end() + 20].split()):
            yield f"no reason beside {UNREADABLE}"


def without_requests(text: str) -> str:
    """Return the text without the JSON and the api-versions of `az rest` commands.

    Readers copy these commands into a shell, so raw values and dates are correct in them.
    """
    return re.sub(r"--body\s+'\{.*?\}'|api-version=[0-9-]+", "", text, flags=re.DOTALL)


def raw_values(text: str) -> Iterator[str]:
    """Yield Python or JSON that was not turned into words."""
    for found in re.finditer(r"\{['\"]|\[['\"{]|['\"]:|\bNone\b,|\bTrue\b|\bFalse\b|None\}", text):
        yield f"raw value {text[max(0, found.start() - 30) : found.end() + 30]!r}"


def cut_times(text: str, pages: Pages) -> Iterator[str]:
    """Yield dates without a time. Such dates are permitted only in the executive summary, and in the sources of
    frameworks.
    """
    if pages.kind == "executive":
        return
    joined = re.sub(r"\(commit [0-9a-f]+, [0-9-]+\)", "", " ".join(text.split()))
    yield from (
        f"date without a time: {joined[max(0, found.start() - 40) : found.end() + 10]!r}"
        for found in DATE.finditer(joined)
    )


def broken_words(text: str, words: set[str]) -> Iterator[str]:
    """Yield pieces of words that a line break cut: starts and ends of lines that are not words in the report's HTML."""
    for line in text.splitlines():
        pieces = line.split()
        for piece in {*pieces[:1], *pieces[-1:]}:
            # Check only words of letters, because ids, addresses and hashes may be broken anywhere.
            word = piece.strip(".,;:()“”?!…")
            if re.fullmatch(r"[^\W\d_]{1,}", word) and word not in words:
                yield f"broken word {word!r} in {line!r}"


def stranded(pages: Pages) -> Iterator[str]:
    """Yield titles and heads of tables that end a page."""
    ends = pages.texts.titles | pages.texts.heads
    for number, lines in enumerate(pages.lines, 1):
        content = [line for line in lines if line and not re.search(r"\bPage \d+ of \d+$", line)]
        if content and squeezed(content[-1]) in ends:
            yield f"page {number} ends with {content[-1]!r}"
