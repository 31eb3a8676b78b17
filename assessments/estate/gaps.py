"""Why something could not be read. A gap never becomes a pass: controls that needed it say `unknown`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """The reasons an `unknown` verdict can have, as shown, counted and filtered on."""

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
    NOT_COLLECTED = "not_collected"
    MISSING_FIELD = "missing_field"
    UNDECIDED = "undecided"

    @property
    def words(self) -> str:
        """The reason as a person reads it."""
        return _WORDS[self]


_WORDS = {
    Reason.FORBIDDEN: "the service principal may not read it",
    Reason.UNAUTHENTICATED: "the service principal could not sign in",
    Reason.LICENCE_MISSING: "the directory has no licence for it",
    Reason.NOT_FOUND: "Azure says that it does not exist",
    Reason.THROTTLED: "Azure asked us to slow down for longer than an assessment can wait",
    Reason.SERVER_ERROR: "Azure answered with an error of its own",
    Reason.TIMEOUT: "Azure did not answer in time",
    Reason.CONNECTION: "the connection to Azure broke",
    Reason.BAD_ANSWER: "Azure's answer could not be understood",
    Reason.FOREIGN_HOST: "the answer pointed to another host, which was not followed",
    Reason.SUBSCRIPTION_DISABLED: "the subscription is disabled",
    Reason.NOT_COLLECTED: "it was not collected in this assessment",
    Reason.MISSING_FIELD: "a property that decides was absent or not of its type",
    Reason.UNDECIDED: "what was read does not decide it",
}


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that could not be read.

    `collection` names the Collection, `scope` is what was asked for: `/subscriptions/<guid>`, the id
    of the parent resource, or `` for the directory. `status` is the HTTP status (None when no answer
    came), `code` Azure's error code, `request_id` Azure's `x-ms-request-id` (or Graph's `request-id`),
    `permission` the ARM action or Graph permission that would have allowed it.
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

    def sentence(self) -> str:
        """One sentence for the verdict's reason."""
        detail = " ".join(part for part in (str(self.status or ""), self.code) if part)
        text = f"{self.collection} could not be read: {self.reason.words}"
        return f"{text} ({detail})" if detail else text
