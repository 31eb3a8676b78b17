"""`make release-check` fails while a sentence has no translation, or no template fits a reason. `make check` does not
fail, but prints what is missing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portal.settings.env import BASE_DIR

REASON = "The flow log is kept for 1,234 days; 91 are required"
SENTENCE = "Widgets are blue"


@pytest.fixture(scope="module")
def catalogue(tool: Any) -> list[Any]:
    """The sentences of the German catalogue. They are read once, because this takes two seconds."""
    return list(tool.stored("de"))


@pytest.fixture
def complete(tool: Any, catalogue: list[Any], monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The sentences of the catalogue. Each one has a translation, and a template fits each printed text."""
    found = [
        tool.Entry(row.key, {"x"}, row.forms if row.is_translated else ["…", "…"][: 1 + bool(row.key.plural)])
        for row in catalogue
    ]
    monkeypatch.setattr(tool, "languages", lambda: ["de"])
    monkeypatch.setattr(tool, "translations", lambda language: found)
    monkeypatch.setattr(tool, "is_outdated", lambda language, rows: False)
    print_only(tool, monkeypatch, REASON)
    return found


def print_only(tool: Any, monkeypatch: pytest.MonkeyPatch, *reasons: str) -> None:
    """Let reasons of a control be the only texts that are compared with the templates."""
    printed = [tool.printed_texts.Printed("logging-flow-logs", reason, "logging") for reason in reasons]
    monkeypatch.setattr(tool.printed_texts, "texts", lambda: printed)


def test_a_complete_catalogue_passes(
    tool: Any, complete: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert tool.main("--check", "--require-all") == 0
    assert "NOT TRANSLATED" not in capsys.readouterr().out


def test_a_sentence_without_a_translation_fails_only_before_a_release(
    tool: Any, complete: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    complete.append(tool.Entry(tool.Key(SENTENCE), {"assessments/controls"}))
    for arguments, status in (("--check",), 0), (("--check", "--require-all"), 1):
        assert tool.main(*arguments) == status
        said = capsys.readouterr().out
        assert said.startswith(
            "NOT TRANSLATED: 1 text has no translation into “de”. Reports show English instead."
        )
        assert f"  “{SENTENCE}” (assessments/controls)\n" in said


@pytest.mark.parametrize("text", ["Widgets with 7 colours", "Widgets of storage accounts"])
def test_a_reason_without_a_template_fails_only_before_a_release(
    text: str,
    tool: Any,
    complete: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_only(tool, monkeypatch, REASON, text)
    for arguments, status in (("--check",), 0), (("--check", "--require-all"), 1):
        assert tool.main(*arguments) == status
        said = capsys.readouterr().out
        assert (
            f"  “{text}” (logging-flow-logs): no sentence or template of portal/reports/wording fits\n"
            in said
        )


def test_a_template_without_a_translation_is_named_once(
    tool: Any, complete: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the template is named, and not also each reason that fits it."""
    template = "The flow log is kept for {number} days; {number2} are required"
    (row,) = (row for row in complete if row.key.text == template)
    row.forms = [""]
    assert len(tool.missing("de", complete)) == 1
    assert tool.main("--check") == 0
    assert f"  “{template}” (" in capsys.readouterr().out


def test_a_long_list_is_cut_in_make_check(
    tool: Any, complete: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    complete += [tool.Entry(tool.Key(f"{SENTENCE} {number}"), {"x"}) for number in range(30)]
    tool.main("--check")
    assert "  and 10 more, which `make translations` prints\n" in capsys.readouterr().out
    tool.main("--check", "--require-all")
    assert f"{SENTENCE} 29" in capsys.readouterr().out


def test_catalogues_that_are_out_of_date_fail(
    tool: Any, complete: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tool, "is_outdated", lambda language, rows: True)
    assert tool.main("--check") == 1
    assert "run `make translations`" in capsys.readouterr().out


@pytest.mark.slow(seconds=3)
def test_texts_of_all_controls_are_compared(tool: Any) -> None:
    printed = set(tool.printed_texts.texts())
    assert len({one.text for one in tool.printed_texts._of_cases() if one.section}) > 800
    assert len({one.text for one in printed if one.where == "observed values"}) > 250
    assert {"Owner changed", "Newest assessment: retry: 0 of 1 unit read"} <= {one.text for one in printed}
    assert len(printed) > 4000


def test_the_makefile_requires_all_before_a_release() -> None:
    lines = (Path(BASE_DIR) / "Makefile").read_text().splitlines()
    assert "\t$(PYTHON) .ci/translations.py --check" in lines
    assert "\t$(PYTHON) .ci/translations.py --check --require-all" in lines
