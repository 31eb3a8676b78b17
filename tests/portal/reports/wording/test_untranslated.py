"""A sentence without a translation is printed in English, and marked as English."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.utils.translation import gettext, ngettext, pgettext, trans_real

from portal.reports import render
from portal.reports.layout.markup import read_document
from portal.reports.templatetags.pdf import reason_stated, stated
from portal.reports.wording.dates import dated
from portal.reports.wording.languages import forget_translated, in_language, printed_in, translated
from portal.reports.wording.untranslated import with_english_marked
from tests import factories
from tests.portal.reports.kinds.rendering import rendered
from tests.portal.web.world import World

REASON = "The flow log is kept for 1,234 days; 91 are required"
TEMPLATE = "The flow log is kept for {number} days; {number2} are required"
ENGLISH = '<span lang="en">{}</span>'.format


class Untranslated:
    """Removes translations from the German catalogue, for one test."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        translations: Any = trans_real.translation("de")
        self._catalogues: list[dict[Any, str]] = translations._catalog._catalogs

    def remove(self, *texts: str) -> None:
        """Remove sentences. For a sentence with a plural, name its singular."""
        for catalogue in self._catalogues:
            for key in [key for key in catalogue if (key[0] if isinstance(key, tuple) else key) in texts]:
                self._patch.delitem(catalogue, key)
        forget_translated()

    def remove_all(self) -> set[str]:
        """Remove all sentences, and return them."""
        texts = {key[0] if isinstance(key, tuple) else key for part in self._catalogues for key in part}
        self.remove(*texts)
        return texts


@pytest.fixture
def untranslated() -> Iterator[Untranslated]:
    with pytest.MonkeyPatch.context() as patch:
        yield Untranslated(patch)
    forget_translated()


def test_sentences_of_code_and_templates_are_marked(untranslated: Untranslated) -> None:
    untranslated.remove(
        "No failure is open", "%(number)s finding is overdue.", "column\x04Met", "date\x04Y-m-d"
    )
    with printed_in("de"):
        assert with_english_marked(gettext("No failure is open")) == ENGLISH("No failure is open")
        plural = ngettext("%(number)s finding is overdue.", "%(number)s findings are overdue.", 2)
        assert with_english_marked(plural % {"number": 2}) == ENGLISH("2 findings are overdue.")
        assert with_english_marked(pgettext("column", "Met")) == ENGLISH("Met")
        assert dated("2026-03-04", "Y-m-d") == "2026-03-04"
        assert with_english_marked(gettext("All")) == "Alle"
    with printed_in("en"):
        assert gettext("No failure is open") == "No failure is open"


def test_a_reason_without_a_translation_is_english_with_its_values(untranslated: Untranslated) -> None:
    with printed_in("de"):
        assert translated(REASON, "logging") is not None
        untranslated.remove(TEMPLATE)
        assert translated(REASON, "logging") is None
        assert reason_stated(REASON, "logging-flow-logs") == ENGLISH(REASON)
        assert reason_stated("No template fits 7 words", "logging-flow-logs") == ENGLISH(
            "No template fits 7 words"
        )


def test_facts_are_marked_inside_of_translated_sentences(untranslated: Untranslated) -> None:
    untranslated.remove("Fail")
    with printed_in("de"):
        assert stated("Fail") == ENGLISH("Fail")
        text = gettext("Fix “%(problem)s” first: %(failures)s.") % {
            "problem": in_language("Fail"),
            "failures": 3,
        }
        assert with_english_marked(text) == f"Beheben Sie zuerst „{ENGLISH('Fail')}“: 3."


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<p title="[x]">[a [b] c]</p>', f'<p title="x">{ENGLISH("a " + ENGLISH("b") + " c")}</p>'),
        ("<title>[x] y</title>", "<title>x y</title>"),
        ("<p>[a <strong>b</strong><br>c]</p>", f"<p>{ENGLISH('a <strong>b</strong><br>c')}</p>"),
        ("<tr><td>[a</td><td>b]</td></tr>", "<tr><td>a</td><td>b</td></tr>"),
        ("<p><bdi>[a</bdi> <bdi>b]</bdi></p>", "<p><bdi>a</bdi> <bdi>b</bdi></p>"),
        ("<p>]a[</p><p>[b]</p>", f"<p>a</p><p>{ENGLISH('b')}</p>"),
    ],
    ids=["attribute", "title", "elements", "two cells", "two elements", "alone"],
)
def test_marks_never_damage_the_page(html: str, expected: str) -> None:
    """Azure's texts can contain the characters that mark English. Here, `[` and `]` stand for them."""
    marks = str.maketrans("[]", "\ufdd0\ufdd1")
    assert with_english_marked(html.translate(marks)) == expected


@pytest.mark.parametrize("pairs", [60, 400, 100_000])
def test_deeply_nested_marks_take_little_time_and_leave_few_elements(pairs: int) -> None:
    page = with_english_marked(f"<p>{'\ufdd0' * pairs}name{'\ufdd1' * pairs}</p><p>after</p>")
    assert page == f"<p>{ENGLISH(ENGLISH(ENGLISH(ENGLISH('name'))))}</p><p>after</p>"


def texts_of(part: Any, language: str = "") -> Iterator[tuple[str, str]]:
    """Yield the texts of a report's data for Typst, each with the language with which it is marked."""
    if isinstance(part, str):
        yield part, language
    elif isinstance(part, list):
        for inner in part:
            yield from texts_of(inner, language)
    else:
        if part.get("caption"):
            yield part["caption"], part["language"]
        for key in ("x", "title", "entries", "head", "rows", "cells"):
            yield from texts_of(part.get(key, []), part.get("lang", language))


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The data of each report that is rendered, as Typst gets it."""
    found: list[dict[str, Any]] = []

    def read(*arguments: Any, **options: Any) -> dict[str, Any]:
        found.append(read_document(*arguments, **options))
        return found[-1]

    monkeypatch.setattr(render, "read_document", read)
    return found


@pytest.mark.slow(seconds=7)
def test_a_german_report_marks_what_is_not_translated_yet(
    world: World, tmp_path: Path, untranslated: Untranslated, data: list[dict[str, Any]]
) -> None:
    new = (
        "Most new failures:",  # of a template
        "Storage account accepts unencrypted connections",  # of a control
        "The account accepts plain HTTP",  # a reason
    )
    untranslated.remove(*new)
    with factories.in_tenant(world.home):
        found = rendered(world.home, kind="changes", language="de")
    text = found.text(tmp_path)
    texts = list(texts_of(data[0]["body"]))
    for words in new:
        assert words in text
        assert (words, "en") in texts
        assert (words, "") not in texts
    assert ("Neue Abweichungen", "") in texts
    assert ("Speicherkonto erlaubt anonymen Blobzugriff", "") in texts


@pytest.mark.slow(seconds=10)
@pytest.mark.parametrize("kind", ["changes", "executive"])
def test_a_report_without_any_translation_is_english(
    kind: str, world: World, tmp_path: Path, untranslated: Untranslated, data: list[dict[str, Any]]
) -> None:
    """No sentence has a German translation. Everything except names, numbers and times is marked as English."""
    sentences = untranslated.remove_all()
    with factories.in_tenant(world.home):
        found = rendered(world.home, kind=kind, language="de")
    assert not re.search("[\ufdd0\ufdd1]", found.text(tmp_path))
    texts = list(texts_of(data[0]["body"]))
    assert len([text for text, language in texts if language == "en"]) > 100
    left = {text.strip() for text, language in texts if language != "en" and " " in text.strip()}
    assert left & sentences == set()
    with pikepdf.open(io.BytesIO(found.content)) as pdf:
        assert pdf.Root.Lang == "de"
        headings = [
            tag for tag in pdf.objects if isinstance(tag, pikepdf.Dictionary) and tag.get("/S") == "/H2"
        ]
        assert "en" in {str(tag.get("/Lang")) for tag in headings}
