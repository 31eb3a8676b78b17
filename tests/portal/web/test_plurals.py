"""In sentences with a number, the verb agrees with the number: "1 finding has", "2 findings have".

The test looks at every template and every f-string of the product. If a noun's ending depends on a number, the form
of the verb after it must depend on the number too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
# Forms of verbs that differ between singular and plural.
_VERBS = (
    "is|are|was|were|has|have|does|do|fails?|needs?|waits?|matches|match|ends?|covers?|follows?|keeps?|remains?|"
    "stays?|becomes?|wants?|depends?|concerns?|counts?|expires?|applies|apply|appears?|belongs?"
)
# A noun with `pluralize`, and right after it a verb whose form does not depend on the number.
IN_TEMPLATE = re.compile(
    r"\|pluralize(?::\"[\w,]*\")? ?\}\}(?:\s|</strong>|</b>|</a>|</span>)+"
    rf"(?:also |still |now |already )?({_VERBS})\b"
)
IN_TEXT = re.compile(rf"^ (?:that )?(?:also |still |now |already )?({_VERBS})\b")


def templates() -> Iterator[Path]:
    return (ROOT / "templates").rglob("*.html")


def sources() -> Iterator[Path]:
    for package in ("portal", "assessments", "tenants"):
        yield from (ROOT / package).rglob("*.py")


def wrong_in_template(text: str) -> list[str]:
    """Return the places where a noun depends on a number, but the verb after it does not."""
    flat = re.sub(r"\s+", " ", text)
    return [flat[max(0, found.start() - 60) : found.end() + 20] for found in IN_TEMPLATE.finditer(flat)]


def wrong_in_source(text: str) -> list[str]:
    """Return the f-strings in which the ending of a noun depends on a number, but the verb after it does not."""
    wrong = []
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.JoinedStr):
            continue
        for part, after in zip(node.values, node.values[1:], strict=False):
            is_ending = isinstance(part, ast.FormattedValue) and _is_plural_ending(part.value)
            if is_ending and isinstance(after, ast.Constant) and IN_TEXT.match(str(after.value)):
                wrong.append(ast.unparse(node))
    return wrong


def _is_plural_ending(value: ast.expr) -> bool:
    """Whether the value is an ending like `'' if n == 1 else 's'`, or a call such as `count_of_findings(n)`."""
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id.startswith(("count_of_", "counted"))
    if not isinstance(value, ast.IfExp):
        return False
    words = {one.value for one in (value.body, value.orelse) if isinstance(one, ast.Constant)}
    return words == {"", "s"}


@pytest.mark.parametrize("path", sorted(templates()), ids=lambda path: str(path.relative_to(ROOT)))
def test_verbs_of_templates_agree_with_numbers(path: Path) -> None:
    assert wrong_in_template(path.read_text(encoding="utf-8")) == []


@pytest.mark.slow(seconds=2)
def test_verbs_of_sentences_in_code_agree_with_numbers() -> None:
    found = {
        str(path.relative_to(ROOT)): wrong
        for path in sources()
        if "migrations" not in path.parts and (wrong := wrong_in_source(path.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("text", "is_wrong"),
    [
        ("{{ n }} finding{{ n|pluralize }} have no owner", True),
        ("<strong>{{ n }}</strong> finding{{ n|pluralize }}\n  are assigned", True),
        ('{{ n }} finding{{ n|pluralize }} {{ n|pluralize:"has,have" }} no owner', False),
        ("{{ n }} open finding{{ n|pluralize }}, sorted", False),
    ],
)
def test_the_program_recognizes_a_wrong_verb(text: str, is_wrong: bool) -> None:
    assert bool(wrong_in_template(text)) is is_wrong


def test_the_program_recognizes_a_wrong_verb_in_code() -> None:
    assert wrong_in_source("""f"{n} finding{'' if n == 1 else 's'} have no owner" """)
    assert wrong_in_source("""f"The rule matches {count_of_findings(n)} that fail now" """)
    assert not wrong_in_source("""f"{n} finding{'' if n == 1 else 's'}, sorted" """)
