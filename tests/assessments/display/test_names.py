"""Names of foreign directories are untrusted: they are cleaned, limited, escaped and isolated."""

from __future__ import annotations

import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.display.names import MAX_MARKS, MAX_NAME, Kind, Name, Names, Status, clean
from assessments.display.sentences import sentence
from assessments.display.subjects import subject_text
from assessments.display.text import Named, Text, joined
from portal.files.spreadsheets import escape_formula
from tests.for_each import for_each

GUID = "aaaaaaaa-0000-0000-0000-000000000001"
ANNA = Name(GUID, Kind.USER, display_name="Anna Berg", principal_name="anna@contoso.com")
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"


@pytest.mark.slow(seconds=1)
@given(st.text(max_size=400))
def test_cleaned_names_are_one_short_line_without_control_characters(text: str) -> None:
    shown = clean(text)
    assert len(shown) <= MAX_NAME
    assert not [c for c in shown if unicodedata.category(c)[0] == "C" or c in BIDI]
    assert shown == " ".join(shown.split())
    assert clean(shown) == shown


@for_each(
    ("text", "shown"),
    [
        (f"An{BIDI}na", "Anna"),
        ("Anna\x00\x1b[31m Berg\r\n", "Anna[31m Berg"),
        ("A" + "\u0301" * 50, "Á" + "\u0301" * MAX_MARKS),
        ("Zero\u200bwidth\ufeff", "Zerowidth"),
        ("\ud800Anna", "Anna"),
        ("x" * 500, "x" * (MAX_NAME - 1) + "…"),
        ("\u2800\u3164", ""),
    ],
)
def test_deceptive_characters_are_removed(text: str, shown: str) -> None:
    assert clean(text) == shown


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.data = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data: str) -> None:
        self.data += data


@pytest.mark.slow(seconds=1)
@given(st.text(max_size=200), st.text(max_size=200))
def test_a_name_adds_no_markup(display: str, principal: str) -> None:
    name = Name(GUID, Kind.USER, display_name=display, principal_name=principal)
    parsed = _Elements()
    parsed.feed(Text(Named(GUID, name)).__html__())
    assert set(parsed.tags) <= {"span", "bdi", "small", "code"}
    assert set(parsed.attributes) <= {"class"}
    assert GUID in parsed.data


def test_markup_in_a_name_is_escaped_and_isolated() -> None:
    name = Name(GUID, Kind.USER, display_name="<script>alert(1)</script>")
    html = sentence(f"Could not read {GUID}", Names([name])).__html__()
    assert "<script>" not in html
    assert "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>" in html


@pytest.mark.slow(seconds=1)
@given(st.sampled_from("=+-@\t\r"), st.text(max_size=20))
def test_a_name_is_no_formula_in_a_spreadsheet(first: str, rest: str) -> None:
    name = Name(GUID, Kind.USER, display_name=first + rest)
    cell = escape_formula(str(Text(Named(GUID, name))))
    assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r")


def test_operations_are_not_ids_of_resources() -> None:
    for operation in ("Microsoft.Resources/subscriptions/*", "Microsoft.Authorization/providers/read"):
        assert sentence(f"The role grants {operation}, */read") == f"The role grants {operation}, */read"
    assert sentence(f"The role is assigned at /subscriptions/{GUID}") == (
        f"The role is assigned at subscription {GUID}"
    )


def test_the_name_is_shown_with_the_id_beside_it() -> None:
    text = sentence(f"Group {GUID.upper()} has a role", Names([ANNA]))
    assert text == "Group Anna Berg (anna@contoso.com) has a role"
    assert f'<small class="id">{GUID}</small>' in text.__html__()


def test_a_heading_shows_the_name_without_the_id() -> None:
    text = sentence(f"Group {GUID} has a role", Names([ANNA])).without_ids()
    assert text == "Group Anna Berg (anna@contoso.com) has a role"
    assert text.__html__() == (
        'Group <span class="named"><bdi>Anna Berg (anna@contoso.com)</bdi></span> has a role'
    )
    unknown = sentence(f"Group {GUID} has a role").without_ids()
    assert GUID in unknown.__html__()


@for_each(
    ("status", "permission", "problem"),
    [
        (Status.NOT_READABLE, "User.Read.All", "name not readable: missing permission User.Read.All"),
        (Status.GONE, "", "not in the directory"),
        (Status.ERASED, "", "name erased on request"),
        (Status.WANTED, "", "name not read yet"),
    ],
)
def test_without_a_name_the_id_and_the_reason_are_shown(
    status: Status, permission: str, problem: str
) -> None:
    names = Names([Name(GUID, Kind.USER, status, permission=permission)])
    assert subject_text(f"directory:x/users/{GUID}", GUID, names) == f"{GUID} ({problem})"


def test_resources_are_named_without_their_ids() -> None:
    account = (
        "/subscriptions/10000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Storage"
    )
    text = sentence(f"The storage account {account}/storageAccounts/logs1 no longer exists.")
    assert text == "The storage account logs1 no longer exists."
    assert f'title="{account}/storageAccounts/logs1"' in text.__html__()


def test_subscriptions_have_their_names() -> None:
    scope = "/subscriptions/10000000-0000-0000-0000-000000000001"
    assert (
        sentence(f"Not readable: {scope}.", Names((), {scope: "Production"})) == "Not readable: Production."
    )


def test_entries_of_a_list_stay_apart_in_one_line() -> None:
    text = joined([Named(GUID, ANNA), Text("tcp: all of IPv4\nudp: none")], "\n").in_one_line()
    assert text == "Anna Berg (anna@contoso.com); tcp: all of IPv4; udp: none"
    assert "<bdi>Anna Berg" in text.__html__()


def test_shortening_keeps_whole_names() -> None:
    text = joined([Named(GUID, ANNA), "and some more words"])
    assert text.shortened(40).startswith("Anna Berg (anna@contoso.com), and")
    assert len(text.shortened(40)) <= 40
    assert "<bdi>" not in text.shortened(10).__html__()
    nested = Text("Owners: ", text)
    assert nested.shortened(45).startswith("Owners: Anna Berg (anna@contoso.com), and")
    assert len(nested.shortened(45)) <= 45
    assert "<bdi>Anna Berg" in nested.shortened(45).__html__()
