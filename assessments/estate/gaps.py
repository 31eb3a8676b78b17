"""A gap says why something could not be read. A control that needs the missing data returns `unknown`, never a pass."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """The reason why a verdict is `unknown`. The values of the members are stored and used in filters, so they must
    not change.
    """

    FORBIDDEN = "forbidden"
    UNAUTHENTICATED = "unauthenticated"
    LICENCE_MISSING = "licence_missing"
    NOT_FOUND = "not_found"
    THROTTLED = "throttled"
    SERVER_ERROR = "server_error"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    BAD_ANSWER = "bad_answer"
    FOREIGN_HOST = "foreign_host"
    SUBSCRIPTION_DISABLED = "subscription_disabled"
    API_VERSION = "api_version"
    NOT_COLLECTED = "not_collected"
    MISSING_FIELD = "missing_field"
    UNDECIDED = "undecided"
    NOT_DELEGATED = "not_delegated"
    PARTLY_DELEGATED = "partly_delegated"

    @property
    def label(self) -> str:
        """The reason in words, with a lower-case first letter so that it can end a sentence."""
        return _LABELS[self]


_LABELS = {
    Reason.FORBIDDEN: "missing permission",
    Reason.UNAUTHENTICATED: "the service principal could not sign in",
    Reason.LICENCE_MISSING: "the directory lacks the required licence",
    Reason.NOT_FOUND: "not found in Azure",
    Reason.THROTTLED: "Azure throttled the requests for too long",
    Reason.SERVER_ERROR: "Azure returned a server error",
    Reason.TIMEOUT: "Azure did not answer in time",
    Reason.CONNECTION: "the connection to Azure failed",
    Reason.BAD_ANSWER: "Azure refused the request or sent a malformed answer",
    Reason.FOREIGN_HOST: "Azure's answer had a link to another host, which Surety did not follow",
    Reason.SUBSCRIPTION_DISABLED: "the subscription is disabled",
    Reason.API_VERSION: "this cloud offers no usable api-version",
    Reason.NOT_COLLECTED: "not collected in this assessment",
    Reason.MISSING_FIELD: "a required property is missing or malformed",
    Reason.NOT_DELEGATED: "outside of the delegated subscription",
    Reason.PARTLY_DELEGATED: "not delegated for the whole subscription",
    Reason.UNDECIDED: "the collected data is inconclusive",
}


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be read.

    - `collection`: a Collection's name
    - `scope`: `/subscriptions/<guid>`, the id of the parent resource, or an empty string for the directory
    - `status`: the HTTP status, or None if Azure did not answer; `code`: Azure's error code
    - `request_id`: Azure's `x-ms-request-id` or Graph's `request-id`
    - `permission`: the ARM action or Graph permission that allows the request
    - `api_version`: the requested version
    """

    collection: str
    scope: str
    reason: Reason
    status: int | None = None
    code: str = ""
    request_id: str = ""
    message: str = ""
    permission: str = ""
    path: str = ""
    api_version: str = ""
