"""Reports in German: all texts are translated, pages are German, data are English, and texts state their language."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.template import engines
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from assessments.display.names import Name, Status
from assessments.display.text import Named, Text
from portal.reports.templatetags.pdf import lowered, stated
from portal.reports.wording.languages import DATE_FORMS, dated, printed_in, translated, with_reasons_stated
from tenants.errors import InvalidInput
from tests import factories
from tests.portal.reports.kinds.rendering import rendered
from tests.portal.web.world import World

PLACEHOLDERS = re.compile(r"%\(\w+\)s|{\w*}|<[^>]+>")


@pytest.mark.slow(seconds=3, always=True)
def test_the_catalogue_is_up_to_date(tool: Any, sentences: dict[str, list[Any]]) -> None:
    """`make translations` enters all sentences, also those without a translation, and compiles the catalogue without
    GNU gettext.
    """
    for language, rows in sentences.items():
        assert len(rows) > 2800
        assert not tool.is_outdated(language, rows), "run make translations"


def test_a_merge_keeps_the_finished_translations_of_both_sides(
    tool: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a conflict, stage 1 of git's index has the common ancestor, stage 2 our side, and stage 3 the other side."""
    stages = {
        "1": {"Same": "Gleich", "Changed": "Alt"},
        "2": {"Same": "Gleich", "Changed": "Alt", "Both": "Beide", "Ours": "Unser"},
        "3": {"Same": "Gleich", "Changed": "Neu", "Both": "", "Theirs": "Anderes"},
    }

    def git(command: str, *arguments: str) -> str:
        if command == "ls-files":
            return "unmerged"
        texts = stages[arguments[0][1]]
        return tool.written("de", [tool.Entry(tool.Key(text), {"x"}, [made]) for text, made in texts.items()])

    (tmp_path / "de" / "LC_MESSAGES").mkdir(parents=True)
    for name, value in (("ROOT", tmp_path), ("LOCALE", tmp_path), ("_git", git)):
        monkeypatch.setattr(tool, name, value)
    tool.merge("de")
    assert {row.key.text: row.forms for row in tool.stored("de")} == {
        "Same": ["Gleich"], "Changed": ["Neu"], "Both": ["Beide"], "Ours": ["Unser"], "Theirs": ["Anderes"],
    }  # fmt: skip


def test_only_sentences_of_reports_without_a_plural_are_filled_from_json(tool: Any, tmp_path: Path) -> None:
    rows = [
        tool.Entry(tool.Key("Pass"), {"x"}, [""]),
        tool.Entry(tool.Key("1 day", "2 days"), {"x"}, ["", ""]),
    ]
    file = tmp_path / "de.json"
    file.write_text('{"Pass": "Erfüllt"}', encoding="utf-8")
    tool._filled("de", rows, str(file))
    assert [row.forms for row in rows] == [["Erfüllt"], ["", ""]]
    for text, reason in (("1 day", "django.po, because it has a plural"), ("Unknown", "does not use")):
        file.write_text(f'{{"{text}": "x"}}', encoding="utf-8")
        with pytest.raises(SystemExit, match=reason):
            tool._filled("de", rows, str(file))


@pytest.mark.parametrize(
    "text",
    [
        '<<<<<<< HEAD\nmsgid "Pass"\nmsgstr "Erfüllt"\n=======\n',
        'msgid "Pass"\nmsgstr "Erfüllt"\n\nmsgid "Pass"\nmsgstr "Bestanden"\n',
    ],
    ids=["markers of a conflict", "a sentence twice"],
)
def test_a_damaged_catalogue_is_refused(tool: Any, tmp_path: Path, text: str) -> None:
    file = tmp_path / "django.po"
    file.write_text(text)
    with pytest.raises(tool.InvalidPoFile, match=r"django\.po: "):
        tool.read(file)


@pytest.mark.parametrize(
    ("language", "number", "sentence"),
    [
        ("en", 1, "1 further change is counted above, but not listed in this file."),
        ("en", 2, "2 further changes are counted above, but not listed in this file."),
        ("de", 1, "1 weitere Änderung ist oben gezählt, aber in dieser Datei nicht aufgeführt."),
        ("de", 2, "2 weitere Änderungen sind oben gezählt, aber in dieser Datei nicht aufgeführt."),
    ],
)
def test_changes_that_are_not_listed_are_counted_in_singular_and_plural(
    language: str, number: int, sentence: str
) -> None:
    with printed_in(language):
        html = render_to_string("reports/pdf/_not_listed.html", {"number": number})
    assert sentence in html


def test_placeholders_of_translations_are_those_of_the_sentences(sentences: dict[str, list[Any]]) -> None:
    for rows in sentences.values():
        for row in rows:
            for text in row.forms if row.is_translated else ():
                wanted = sorted(PLACEHOLDERS.findall(row.key.text))
                assert sorted(PLACEHOLDERS.findall(text)) == wanted, (row.key.text, text)
                assert text.count("%%") == row.key.text.count("%%"), text


def test_templates_have_no_words_outside_of_translated_sentences(tool: Any) -> None:
    found = {path.name: tool.literals(path.read_text()) for path in tool.template_files()}
    assert {name: words for name, words in found.items() if words} == {}


def test_the_tool_finds_sentences_and_words(tool: Any) -> None:
    engine: Any = engines["django"]
    source = (
        "{% load i18n %}<p>Loose words {% translate 'Yes' %}</p>{% blocktranslate %}No{% endblocktranslate %}"
    )
    assert tool.literals(source) == ["Loose", "words"]
    nodes = tool._nodes(engine.from_string(source).template.nodelist)
    assert [key.text for node in nodes for key in tool._of_node(node)] == ["Yes", "No"]
    inside = (
        "{% load pdf i18n %}{% pdf_table 'A' %}{% pdf_columns 'B|num' %}{% translate 'C' %}{% endpdf_table %}"
    )
    nodes = tool._nodes(engine.from_string(inside).template.nodelist)
    assert [key.text for node in nodes for key in tool._of_node(node)] == ["A", "B", "C"]


def test_dates_and_unknown_texts() -> None:
    at = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    with printed_in("de"):
        assert [dated(at, form) for form in DATE_FORMS] == [
            "04.03.2026", "04.03.2026 05:06", "04.03.2026 05:06:07", "4. März 2026", "4. März 2026, 05:06",
        ]  # fmt: skip
        assert dated("2026-03-04", "Y-m-d") == "04.03.2026"
        assert dated(None, "Y-m-d") == ""
        assert (translated("Fail"), translated("Who knows"), translated("12.5")) == (
            "Nicht erfüllt",
            None,
            "12.5",
        )
        assert stated("Fail") == "Nicht erfüllt"
        assert stated("<Who> knows") == '<span lang="en">&lt;Who&gt; knows</span>'
        assert stated("Who knows", 5) == '<span lang="en">Who …</span>'
        assert translated("signed in on 2026-03-04 05:06 UTC") == "angemeldet am 04.03.2026 05:06 UTC"
        assert translated("2 critical overdue") == "2 kritisch überfällig"
        named = Text("Reader of ", Named("aaaaaaaa-0000-0000-0000-000000000002", None))
        assert stated(named) == f'<span lang="en">{named.__html__()}</span>'
    with printed_in("en"):
        assert isinstance(stated(named), SafeString)
        assert stated(named) == named.__html__()
        assert dated(at, "j F Y, H:i") == "4 March 2026, 05:06"
        assert stated("<Who> knows") == "&lt;Who&gt; knows"
    with pytest.raises(ValueError, match="Use one of DATE_FORMS"):
        dated(at, "H:i")


def test_scopes_of_exceptions_and_urgent_controls_are_translated_in_portfolio_reports() -> None:
    with printed_in("de"):
        assert translated("2 × RDP open to the Internet; SSH open to the Internet") == (
            "2 × RDP aus dem Internet erreichbar; SSH aus dem Internet erreichbar"
        )
        assert translated("Customers with the label “Gold, Wien”") == "Kunden mit dem Label „Gold, Wien“"


def tagged_languages(pdf: pikepdf.Pdf) -> set[str]:
    """Return the languages that are stated by tags and by texts inside of tags."""
    tags = {
        str(item.Lang)
        for item in pdf.objects
        if isinstance(item, pikepdf.Dictionary) and "/Lang" in item and "/S" in item
    }
    texts = b"".join(page.Contents.read_bytes() for page in pdf.pages)
    return tags | {found.decode() for found in re.findall(rb"/Lang ?\((\w+)\)", texts)}


@pytest.mark.slow
def test_pages_are_german_and_attachments_english(world: World, tmp_path: Path) -> None:
    with factories.in_tenant(world.home):
        german = rendered(world.home, kind="full", language="de")
        english = rendered(world.home, kind="full")
        summary = rendered(world.home, kind="executive", language="de")
    assert summary.pages == 2
    text = summary.text(tmp_path)
    for words in ("Zusammenfassung für die Leitung zu Microsoft Azure", "Größte Risiken", "Seite 2 von 2"):
        assert words in text
    text = german.text(tmp_path)
    for words in (
        "Vollständiger Prüfbericht zu Microsoft Azure",
        "Speicherkonto erlaubt anonymen Blobzugriff",
    ):
        assert words in text
    # The table of contents fits on page 2, so the summary begins on page 3.
    contents = text.partition(" Inhalt ")[2]
    assert contents.index("Abnahme und Verteiler") < contents.index("Seite 2 von")
    assert "Zusammenfassung Surety hat" in contents.partition("Seite 2 von")[2].partition("Seite 3 von")[0]
    results, expected = german.results, english.results
    assert (results["identity"].pop("language"), expected["identity"].pop("language")) == ("de", "en")
    for key in ("kind_name", "title", "classification"):
        assert results["identity"][key] == expected["identity"][key]
    for key in ("sections", "units", "attestations", "exceptions", "changes", "framework_numbers"):
        assert results[key] == expected[key]
    with pikepdf.open(io.BytesIO(german.content)) as pdf:
        assert pdf.Root.Lang == "de"
        assert str(pdf.docinfo["/Title"]) == f"Azure-Prüfbericht für {world.home.name}"
        assert "en" in tagged_languages(pdf)  # English parts, such as the words that pdfsig prints.


def test_labels_in_sentences_keep_the_capitals_of_nouns() -> None:
    with printed_in("de"):
        assert [lowered(word) for word in ("Active", "Not applicable")] == ["in Kraft", "nicht anwendbar"]
    assert lowered("Not applicable") == "not applicable"


@pytest.mark.slow
def test_the_language_of_the_organization_is_the_default(world: World) -> None:
    with factories.in_tenant(world.home):
        world.home.organization.report_language = "de"
        german = rendered(world.home, kind="executive")
        assert german.report.language == "de"
        assert rendered(world.home, kind="executive", language="en").report.language == "en"
        with pytest.raises(InvalidInput, match="There is no report language 'fr'"):
            rendered(world.home, kind="executive", language="fr")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Not regenerated since: 2026-99-99", "Nicht neu erzeugt seit: 2026-99-99"),
        ("signed in on 2026-99-99 UTC", None),
        ("2026-99-99 99:99 UTC", None),
        (", ".join(["Enabled"] * 2000), None),
        ("; ".join(["Enabled, Disabled"] * 500), None),
        (" and ".join(["Enabled"] * 2000) + " x", None),
    ],
)
def test_no_text_of_azure_ends_a_report(text: str, expected: str | None) -> None:
    with printed_in("de"):
        found = translated(text)
    if expected is None:
        assert found is None or found == text
    else:
        assert found is not None
        assert found.partition(":")[2] == expected.partition(":")[2]


def test_why_a_name_is_missing_is_stated_in_the_language_of_the_report() -> None:
    guid = "aaaaaaaa-0000-0000-0000-000000000002"
    for status in Status:
        name = Name(guid, status=status, permission="User.Read.All")
        html = f"<p>{Named(guid, name).html}</p>"
        with printed_in("en"):
            assert with_reasons_stated(html) == html
        with printed_in("de"):
            assert (translated(name.problem) is None) == (name.problem in with_reasons_stated(html))
    known = f"<p>{Named(guid, Name(guid, display_name='name not read yet')).html} (name not read yet)</p>"
    with printed_in("de"):
        assert with_reasons_stated(known) == known
        assert "(Name nicht lesbar: fehlende Berechtigung User.Read.All)" in with_reasons_stated(
            Named(guid, Name(guid, status=Status.NOT_READABLE, permission="User.Read.All")).html
        )
