"""Reading the HTML of the templates into the data that Typst typesets."""

from __future__ import annotations

from typing import Any

import pytest

from portal.reports.layout.errors import UnknownMarkup
from portal.reports.layout.line_breaks import Place
from portal.reports.layout.markup import read_document


def body(html: str) -> list[dict[str, Any]]:
    document = read_document(
        f'<html lang="en"><head><title>T</title></head><body>{html}</body></html>', width=176
    )
    found: list[dict[str, Any]] = document["body"]
    return found


def texts(html: str) -> Any:
    return body(html)[0]["x"]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>  one\n  two </p>", ["one two"]),
        ("<p>one <strong> two</strong>\n three</p>", ["one ", {"c": ["strong"], "x": ["two"]}, " three"]),
        ("<p>one<br>\n two</p>", ["one", {"k": "break"}, "two"]),
        ('<p><a href="#x">one</a> </p>', [{"to": "x", "x": ["one"]}]),
        ("<p>coverage is 27.3 %.</p>", ["coverage is 27.3\u00a0%."]),
        ("<p>#strong[x] *bold* &lt;b&gt;</p>", ["#strong[x] *bold* <b>"]),
    ],
)
def test_texts_keep_their_words_and_single_blanks(html: str, expected: Any) -> None:
    assert texts(html) == expected


@pytest.mark.parametrize(
    "html",
    [
        "<p><u>underlined</u></p>",
        "<p><span class='unheard-of'>text</span></p>",
        "<video></video>",
        "<p><a href='https://example.com'>elsewhere</a></p>",
        "<img src='https://example.com/x.png' alt='x'>",
        "<img src='file:///etc/hostname' alt='x'>",
        "<table><thead><tr><th>A</th><th>B</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>",
    ],
)
def test_what_reports_cannot_show_is_refused(html: str) -> None:
    with pytest.raises(UnknownMarkup):
        body(html)


def test_columns_without_a_width_share_the_rest() -> None:
    (table,) = body(
        '<table><thead><tr><th style="width: 26mm">A</th><th>B</th><th>C</th></tr></thead>'
        "<tbody><tr><td>1</td><td>2</td><td>3</td></tr></tbody></table>"
    )
    assert table["widths"] == [26, 75, 75]


def test_a_block_in_a_text_ends_the_line() -> None:
    (section,) = body('<section>Name<span class="sub">below</span>after</section>')
    assert [(block["k"], block["x"]) for block in section["x"]] == [
        ("line", ["Name"]),
        ("sub", ["below"]),
        ("line", ["after"]),
    ]


def test_only_words_wider_than_the_column_break() -> None:
    place = Place(width=20, size=8)
    assert place.pieces("applicable") == ["applicable"]
    assert place.pieces("Microsoft.Storage/accounts") == ["Microsoft.", "Storage/", "accounts"]
    assert Place(width=15, size=8).pieces("acknowledged,") == ["acknowledged,"]
    long = "x" * 60
    assert place.pieces(long) == list(long)


@pytest.mark.parametrize("name", ["W" * 200, "Rechenzentren und Beteiligungen " * 6, "Contoso"])
def test_a_long_name_does_not_cover_the_classification_in_the_header(name: str) -> None:
    shown = read_document(
        f'<html lang="en"><head><title>T</title></head><body data-customer="{name}"></body></html>', width=176
    )["customer"]
    header = Place(176, 7.5)
    assert header.measured(shown) + header.measured("Strictly confidential") + 4 < header.width
    assert shown == name if name == "Contoso" else shown.endswith("…") and name.startswith(shown[:-1])
