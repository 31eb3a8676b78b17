"""The command line derives the arguments of a bulk action from the model of its values in the API client."""

from __future__ import annotations

import datetime
from argparse import ArgumentParser
from enum import StrEnum

import pytest
from attrs import define

from surety_cli import bulk_values
from surety_cli.bulk_values import add_values, given_values
from surety_client.types import UNSET, Unset


class Risk(StrEnum):
    LOW = "low"
    HIGH = "high"


@define
class ReviewLaterValues:
    """The values of the action `review-later`.

    Attributes:
        owner (str): The person who reviews the findings (an email address), who is
            notified (at once)
        review_on (datetime.date): At 100 % certainty
        is_urgent (bool | Unset):  Default: False.
        remind_at (datetime.datetime | None | Unset): When to remind the person
        risk (None | Risk | Unset):
    """

    owner: str
    review_on: datetime.date
    is_urgent: bool | Unset = False
    remind_at: datetime.datetime | Unset | None = UNSET
    risk: Risk | Unset | None = UNSET


@define
class Request:
    action: str
    review_later: ReviewLaterValues | Unset = UNSET


@pytest.fixture
def parser(monkeypatch: pytest.MonkeyPatch) -> ArgumentParser:
    monkeypatch.setattr(bulk_values, "StartBulkJobRequest", Request)
    parser = ArgumentParser("bulk")
    parser.add_argument("--owner", help="filter")
    add_values(parser, "review-later", {"risk": "how bad it is"})
    return parser


def test_arguments_become_values(parser: ArgumentParser) -> None:
    least = parser.parse_args(
        ["--owner", "nobody", "--new-owner", "a@example.com", "--review-on", "2099-01-31"]
    )
    assert given_values(least, "review-later") == {
        "review_later": {"owner": "a@example.com", "review_on": "2099-01-31"}
    }
    words = "--new-owner b@example.com --review-on 2099-01-31 --no-is-urgent --risk high --remind-at".split()
    given = given_values(parser.parse_args([*words, "2099-01-30T08:00Z"]), "review-later")
    assert given["review_later"] == {
        "owner": "b@example.com",
        "review_on": "2099-01-31",
        "is_urgent": False,
        "remind_at": "2099-01-30T08:00:00+00:00",
        "risk": "high",
    }
    assert given_values(least, "claim") == {}


def test_the_help_has_the_descriptions_of_the_api(parser: ArgumentParser) -> None:
    text = " ".join(parser.format_help().split())
    for part in (
        "The person who reviews the findings (an email address), who is notified (at once)",
        "At 100 % certainty",
        "When to remind the person; a day or a time (ISO 8601)",
        "how bad it is",
        "{low,high}",
    ):
        assert part in text, part
    assert "Default" not in text


@pytest.mark.parametrize(
    "words", [["--review-on", "2099-01-31"], ["--new-owner", "x", "--review-on", "31.1."]], ids=str
)
def test_missing_and_invalid_values_are_refused(parser: ArgumentParser, words: list[str]) -> None:
    with pytest.raises(SystemExit):
        parser.parse_args(words)
