"""Declare deprecated operations. Their answers have the headers Deprecation (RFC 9745) and Sunset (RFC 8594), and the
contract marks them as deprecated.

    @deprecated(since=datetime(2027, 3, 1, tzinfo=UTC), sunset=datetime(2028, 3, 1, tzinfo=UTC), instead="get_b")
    @extend_schema(operation_id="get_a", …)
    def get(self, request: Request) -> Response:

`docs/api.md` states the policy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Final

from django.http import HttpResponseBase
from django.utils.http import http_date
from rest_framework.request import Request
from rest_framework.views import APIView

NOTICE: Final = timedelta(days=180)
"""The shortest time for which a deprecated operation still works."""
_ATTRIBUTE: Final = "surety_deprecation"

type Method = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Deprecation:
    """When an operation was deprecated, when it ends, and the id of the operation that replaces it."""

    since: datetime
    sunset: datetime
    instead: str

    @property
    def headers(self) -> dict[str, str]:
        """The headers of each answer. Deprecation is a date of RFC 9651: @ and the seconds since 1970."""
        return {
            "Deprecation": f"@{int(self.since.timestamp())}",
            "Sunset": http_date(self.sunset.timestamp()),
        }

    @property
    def sentence(self) -> str:
        """The sentence about the deprecation in the contract."""
        return (
            f"Deprecated since {self.since:%Y-%m-%d}: use `{self.instead}`. This operation ends on"
            f" {self.sunset:%Y-%m-%d}."
        )


def deprecated(*, since: datetime, sunset: datetime, instead: str) -> Callable[[Method], Method]:
    """Declare the operation of a view's method as deprecated. `instead` is the id of the operation that replaces it.

    Raise ValueError if the operation would end less than 180 days after its deprecation.
    """
    if sunset - since < NOTICE:
        raise ValueError(f"Set `sunset` at least {NOTICE.days} days after `since`.")
    found = Deprecation(since, sunset, instead)

    def declare(method: Method) -> Method:
        @wraps(method)
        def answer(view: APIView, request: Request, *arguments: Any, **names: Any) -> HttpResponseBase:
            # Set the headers before the method runs, so that its error answers have them too.
            view.headers = {**view.headers, **found.headers}
            return method(view, request, *arguments, **names)

        setattr(answer, _ATTRIBUTE, found)
        return answer

    return declare


def deprecation_of(method: object) -> Deprecation | None:
    """Return the deprecation of a view's method, or None if the method is not deprecated."""
    found = getattr(method, _ATTRIBUTE, None)
    return found if isinstance(found, Deprecation) else None
