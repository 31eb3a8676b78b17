"""How parameters of queries are read, whatever text they contain."""

from __future__ import annotations

from django.http import QueryDict

from portal.queries.parameters import MAX_SEARCH_LENGTH, parse_query_string, text_of, values_of
from portal.web.shared.parameters import parameters_of


def test_a_query_string_and_a_request_give_the_same_parameters() -> None:
    text = "state=open&state=unknown&q=100%25+used&owner="
    expected = {"state": ["open", "unknown"], "q": ["100% used"], "owner": [""]}
    assert parse_query_string(text) == parameters_of(QueryDict(text)) == expected


def test_nul_characters_are_removed() -> None:
    assert values_of({"tag": ["a\0b", "c"]}, "tag") == ["ab", "c"]
    assert values_of({}, "tag") == []


def test_a_repeated_value_counts_once() -> None:
    assert values_of({"state": ["open", "fixed", "op\0en"]}, "state") == ["open", "fixed"]


def test_a_text_is_the_last_value_trimmed_and_bounded() -> None:
    assert text_of({"q": ["first", "  \0last "]}, "q") == "last"
    assert len(text_of({"q": ["x" * 1000]}, "q")) == MAX_SEARCH_LENGTH
    assert text_of({}, "q") == ""
