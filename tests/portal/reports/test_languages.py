"""Reports in German: complete catalogue, pages in German, data in English, and texts marked with their language."""

from __future__ import annotations

import importlib.util
import io
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.conf import settings
from django.template import engines

from portal.reports.languages import DATE_FORMS, dated, printed_in, translated
from portal.reports.templatetags.pdf import stated
from tenants.errors import InvalidInput
from tests import factories
from tests.portal.reports.kinds.rendering import rendered
from tests.portal.web.world import World

# Templates of kinds of reports that are printed in English only.
NOT_YET = {
    *(
        f"templates/reports/pdf/{name}.html"
        for name in (
            "identity attestations exceptions covered_failures _undecided_controls exposure sign_off framework "
            "integrity _answers exceptions_overview _failing_control differences results limitations by_owner "
            "_framework_figures _status comparison changes framework_overview _decisions cover scope summary coverage "
            "_fix method by_subscription _files contents"
        ).split()
    ),
    *(
        f"templates/reports/portfolio/{name}.html"
        for name in (
            "exceptions urgent report integrity customers _figures cover summary method reading".split()
        )
    ),
}
PLACEHOLDERS = re.compile(r"%\(\w+\)s|{\w*}|<[^>]+>")


@pytest.fixture(scope="module")
def tool() -> Any:
    """The program that updates the catalogues."""
    path = Path(settings.BASE_DIR) / ".ci" / "translations.py"
    spec = importlib.util.spec_from_file_location("translations", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_every_sentence_of_a_report_has_a_translation(tool: Any) -> None:
    for language in tool.languages():
        rows = tool.translations(language)
        required = [row for row in rows if row.is_required and not row.files <= NOT_YET]
        assert len(required) > 150
        assert [row.key.text for row in required if not row.is_translated] == []


def test_files_are_up_to_date(tool: Any) -> None:
    """`make translations` writes them, without GNU gettext."""
    for language in tool.languages():
        rows, folder = tool.translations(language), tool.LOCALE / language / "LC_MESSAGES"
        assert (folder / "django.po").read_text() == tool.written(language, rows)
        assert (folder / "django.mo").read_bytes() == tool.compiled(language, rows)


def test_placeholders_of_translations_are_those_of_the_sentences(tool: Any) -> None:
    for language in tool.languages():
        for row in tool.translations(language):
            for text in row.found if row.is_translated else ():
                wanted = sorted(PLACEHOLDERS.findall(row.key.text))
                assert sorted(PLACEHOLDERS.findall(text)) == wanted, (row.key.text, text)
                assert text.count("%%") == row.key.text.count("%%"), text


def test_templates_have_no_words_outside_of_translated_sentences(tool: Any) -> None:
    found = {
        path.name: tool.literals(path.read_text())
        for path in tool.template_files()
        if str(path.relative_to(settings.BASE_DIR)) not in NOT_YET
    }
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
    with printed_in("en"):
        assert dated(at, "j F Y, H:i") == "4 March 2026, 05:06"
        assert stated("<Who> knows") == "&lt;Who&gt; knows"
    with pytest.raises(ValueError, match="Use one of DATE_FORMS"):
        dated(at, "H:i")


def tagged_languages(pdf: pikepdf.Pdf) -> set[str]:
    """Return the languages of parts of the document: of tags, and of texts inside of tags."""
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
        german = rendered(world.home, kind="executive", language="de")
        english = rendered(world.home, kind="executive")
    assert german.pages == 2
    text = german.text(tmp_path)
    for words in ("Zusammenfassung für die Leitung zu Microsoft Azure", "Größte Risiken", "Seite 2 von 2"):
        assert words in text
    results, expected = german.results, english.results
    assert (results["identity"].pop("language"), expected["identity"].pop("language")) == ("de", "en")
    for key in ("kind_name", "title", "classification"):
        assert results["identity"][key] == expected["identity"][key]
    for key in ("sections", "units", "attestations", "exceptions", "changes", "framework_numbers"):
        assert results[key] == expected[key]
    with pikepdf.open(io.BytesIO(german.content)) as pdf:
        assert pdf.Root.Lang == "de"
        assert str(pdf.docinfo["/Title"]) == f"Azure-Zusammenfassung für die Leitung für {world.home.name}"
        assert "en" in tagged_languages(pdf)  # a risk without a translation


@pytest.mark.slow
def test_the_language_of_the_organization_is_the_default(world: World) -> None:
    with factories.in_tenant(world.home):
        world.home.organization.report_language = "de"
        german = rendered(world.home, kind="executive")
        assert german.report.language == "de"
        assert rendered(world.home, kind="executive", language="en").report.language == "en"
        with pytest.raises(InvalidInput, match="cannot be printed in the language 'fr'"):
            rendered(world.home, kind="executive", language="fr")
