"""Check when access begins and ends, and which review period an auditor gets."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.utils import timezone

from tenants.auditors.review_periods import ReviewPeriod
from tenants.errors import invalid
from tenants.roles import Role

# How far in the future access may begin.
MAX_AHEAD: Final = timedelta(days=731)
# The years in which a review period can lie.
FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2199


def check_start(start: datetime, field: str) -> None:
    """Raise InvalidInput for `field` if access would begin too far in the future.

    Even before a role begins, the person counts as having access and, for example, cannot be pseudonymised.
    """
    if start > timezone.now() + MAX_AHEAD:
        raise invalid(
            field, f"Enter a first day within the next {MAX_AHEAD.days} days.", code="start_too_late"
        )


def check_period(role: Role, start: datetime, until: datetime | None, field: str) -> None:
    """Raise InvalidInput for `field` if access with this role cannot last from `start` to `until`."""
    if until is None:
        if role is Role.AUDITOR:
            raise invalid(field, "An auditor’s access must end: enter an end date.", code="end_missing")
        return
    if until <= start:
        raise invalid(field, "Enter an end that is after the start.", code="end_before_start")
    if until <= timezone.now():
        raise invalid(field, "Enter an end that is in the future.", code="end_past")


def check_review(role: Role, review: ReviewPeriod | None) -> None:
    """Raise InvalidInput for `review_first` or `review_last` if a person with this role cannot have the review period.

    The period may lie in the future, because an auditor can be invited before the period begins.
    """
    if review is None:
        return
    if role is not Role.AUDITOR:
        raise invalid(
            "review_first",
            "Only auditors can have a review period. Leave the days of the review period empty, or choose the role"
            " Auditor.",
            code="review_of_other_role",
        )
    if review.last < review.first:
        raise invalid(
            "review_last",
            "The last day of the review period must not be before the first day.",
            code="review_end_before_start",
        )
    if review.first.year < FIRST_YEAR or review.last.year > LAST_YEAR:
        raise invalid(
            "review_first",
            f"Enter days of the review period between the years {FIRST_YEAR} and {LAST_YEAR}.",
            code="review_out_of_range",
        )


def review_of(first: date | None, last: date | None) -> ReviewPeriod | None:
    """Return the review period from the two days, or None if both days are missing. Raise InvalidInput if only one day
    is missing.
    """
    if first is None and last is None:
        return None
    if first is None or last is None:
        missing, name = ("first", "review_first") if first is None else ("last", "review_last")
        raise invalid(
            name,
            f"Enter the {missing} day of the review period too, or leave both days empty.",
            code="review_incomplete",
        )
    return ReviewPeriod(first, last)
