"""Read texts with styles from the HTML of a report.

A **run** is a part of a line. It is a string or one of these mappings:

- ``{"c": [style, …], "lang": "en", "x": [run, …]}``: a text with styles (`c`), in another language than the
  report (`lang`), or both
- ``{"to": anchor, "x": [run, …]}``: a link
- ``{"k": "break"}``: the end of a line
- ``{"k": "shape"}``: the symbol beside a word, such as a verdict or severity (the element `<i>`)
- ``{"w": [piece, …]}``: a word that may break between its pieces
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from portal.reports.layout.errors import UnknownMarkup
from portal.reports.layout.line_breaks import Place

type Run = str | dict[str, Any]

# Inline elements, with the style of their text.
_ELEMENTS: Final[Mapping[str, str]] = {
    "span": "", "small": "", "bdi": "", "code": "", "strong": "strong", "b": "strong",
}  # fmt: skip
INLINE: Final = frozenset({*_ELEMENTS, "a", "br", "i"})
_STYLES: Final = frozenset(
    {"strong", "muted", "small", "mono", "sub", "id", "named", "no", "stamp", "item", "mark", "more"}
)
_BLANKS: Final = re.compile(r"[ \t\r\n\f]+")
# A number and its percent sign stay on one line.
_PERCENT: Final = re.compile(r"(?<=[0-9]) %")


def classes_of(element: Any) -> list[str]:
    return str(element.get("class") or "").split()


def runs_of(element: Any, place: Place) -> list[Run]:
    """Return the texts inside an element as runs. Words that are wider than `place` are divided."""
    return finished(raw_runs(element), place)


def raw_runs(element: Any) -> list[Run]:
    """Return the texts inside an element as runs, with all spaces and line ends of the HTML."""
    runs: list[Run] = [element.text] if element.text else []
    for child in element:
        if isinstance(child.tag, str):
            runs.extend(raw_run(child))
        if child.tail:
            runs.append(child.tail)
    return runs


def raw_run(element: Any) -> list[Run]:
    """Return an inline element as runs, with all spaces and line ends of the HTML."""
    tag, classes = element.tag, classes_of(element)
    if tag == "br":
        return [{"k": "break"}]
    if tag == "i":
        return [{"k": "shape"}]
    if tag == "a":
        if not element.get("href").startswith("#"):
            raise UnknownMarkup("A link in a report must lead to a place in the same report.")
        return [{"to": element.get("href").removeprefix("#"), "x": raw_runs(element)}]
    if tag not in _ELEMENTS:
        raise UnknownMarkup(f"Reports cannot show the element <{tag}> inside a text.")
    styles = [name for name in (_ELEMENTS[tag], *classes) if name]
    for name in styles:
        if name not in _STYLES and name[:2] not in ("o-", "s-"):
            raise UnknownMarkup(f"Reports have no style for texts with the class {name}.")
    content = raw_runs(element)
    run: dict[str, Any] = {"c": styles} if styles else {}
    if language := element.get("lang"):
        run["lang"] = language
    return [{**run, "x": content}] if run else content


def finished(runs: list[Run], place: Place) -> list[Run]:
    """Return the runs with single spaces between words, and without spaces at the start and the end of a line.

    Words that are wider than `place` are divided.
    """
    tidied = list(_tidy(runs, [True]))
    _strip_end(tidied)
    return list(_fitted(tidied, place))


def _tidy(runs: list[Run], after_blank: list[bool]) -> Iterator[Run]:
    """Yield the runs with single spaces between words.

    `after_blank` is a list with one item, which this function updates. The item is True at the start of a line and
    after a space. In both places, a further space is left out.
    """
    for run in runs:
        if isinstance(run, str):
            text = _PERCENT.sub("\u00a0%", _BLANKS.sub(" ", run))
            if after_blank[0]:
                text = text.removeprefix(" ")
            if text:
                after_blank[0] = text.endswith(" ")
                yield text
        elif "x" in run:
            content = list(_tidy(run["x"], after_blank))
            if content:
                yield {**run, "x": content}
        else:
            after_blank[0] = run["k"] == "break"
            yield run


def _strip_end(runs: list[Run]) -> None:
    """Remove the space at the end of the last run."""
    while runs:
        last = runs[-1]
        if isinstance(last, str):
            runs[-1] = last.removesuffix(" ")
            if runs[-1]:
                return
            runs.pop()
        else:
            if "x" in last:
                _strip_end(last["x"])
            return


def _fitted(runs: list[Run], place: Place) -> Iterator[Run]:
    for run in runs:
        if isinstance(run, str):
            yield from fitted_text(run, place)
        elif "x" in run:
            yield {**run, "x": list(_fitted(run["x"], place.styled(run.get("c", []))))}
        else:
            yield run


def fitted_text(text: str, place: Place) -> Iterator[Run]:
    """Yield the text as runs. A word that is wider than `place` becomes a run of pieces. A line may break after each
    piece.
    """
    if len(text) < 5 or place.measured("m" * max(map(len, text.split(" ")))) <= place.width:
        yield text
        return
    kept: list[str] = []
    for word in re.split("( +)", text):
        pieces = place.pieces(word)
        if len(pieces) == 1:
            kept.append(word)
        else:
            if kept:
                yield "".join(kept)
                kept = []
            yield {"w": pieces}
    if kept:
        yield "".join(kept)


def length(runs: list[Run]) -> int:
    """Return the number of characters of the runs."""
    total = 0
    for run in runs:
        if isinstance(run, str):
            total += len(run)
        elif "x" in run:
            total += length(run["x"])
        elif "w" in run:
            total += sum(map(len, run["w"]))
    return total
