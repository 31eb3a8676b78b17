"""Errors that Microsoft documents, and malformed answers, as data for the test of all collections.

Error codes: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors,
https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling and
https://learn.microsoft.com/graph/errors.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from assessments.estate.collection import Collection, Shape, Source
from assessments.estate.gaps import Reason
from tests.assessments.collect.documented_refusals import has_registered_provider
from tests.faults.cases import error

type Body = Any | Callable[[str], Any]
JSON = {"Content-Type": "application/json"}
ONE = {"id": "/subscriptions/x/resourceGroups/g/providers/A.B/c/d", "name": "d", "properties": {}}


@dataclass(frozen=True)
class BadAnswer:
    """A bad answer. `reason` is the reason of the gap that the answer causes in a collection, or None for no gap.

    `body` may be a function of the path of the request. `differs` names the fields that replace `reason` for some
    collections:

    - `single`: for collections of one document
    - `absent`: for collections whose document may be absent
    - `exists`: for collections that need no resource provider, or whose resource provider is registered
    """

    name: str
    status: int
    body: Body
    reason: Reason | None
    single: Reason | None = None
    absent: Reason | None = None
    exists: Reason | None = None
    code: str = ""
    differs: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    documents: int = 0

    def body_at(self, path: str) -> Any:
        return self.body(path) if callable(self.body) else self.body

    def expected(self, collection: Collection) -> Reason | None:
        """Return the reason of the gap that the answer causes in the collection, or None for no gap."""
        if self.code and self.code in collection.absent_codes:
            return None
        if "exists" in self.differs and (
            collection.source is Source.GRAPH or has_registered_provider(collection)
        ):
            return self.exists
        if collection.absent_is_none and "absent" in self.differs:
            return self.absent
        if collection.shape is Shape.SINGLE and "single" in self.differs:
            return self.single
        return self.reason


def linked(link: Any) -> dict[str, Any]:
    return {"value": [ONE], "nextLink": link}


def loop(path: str) -> dict[str, Any]:
    return linked(f"{path}?api-version=2020-01-01")


def nested(_path: str) -> str:
    """Return a document with a tag of 1,500 nested lists. The JSON parser accepts it, but recursive functions fail."""
    document = json.dumps(ONE)[:-1] + ', "tags": {"a": ' + "[" * 1500 + '"\\u0000"' + "]" * 1500 + "}}"
    return document[:-1] + f', "value": [{document}]}}'


BAD = Reason.BAD_ANSWER
OF_LISTS = ("single",)
MAY_BE_ABSENT = ("absent",)
MUST_EXIST = ("exists",)
ANSWERS = [
    BadAnswer("401", 401, error("InvalidAuthenticationToken"), Reason.UNAUTHENTICATED),
    BadAnswer("403 of ARM", 403, error("AuthorizationFailed"), Reason.FORBIDDEN),
    BadAnswer("403 of Graph", 403, error("Authorization_RequestDenied"), Reason.FORBIDDEN),
    BadAnswer("403, no licence", 403, error("AadPremiumLicenseRequired"), Reason.LICENCE_MISSING),
    BadAnswer("404, resource", 404, error("ResourceNotFound"), Reason.NOT_FOUND, differs=MAY_BE_ABSENT),
    BadAnswer("404, subscription", 404, error("SubscriptionNotFound"), Reason.NOT_FOUND),
    BadAnswer(
        "404 of Graph",
        404,
        error("Request_ResourceNotFound"),
        Reason.NOT_FOUND,
        differs=MAY_BE_ABSENT,
        code="Request_ResourceNotFound",
    ),
    BadAnswer("404 without a body", 404, None, Reason.NOT_FOUND, differs=MAY_BE_ABSENT),
    BadAnswer(
        "404, provider not registered",
        404,
        error("Subscription Not Registered"),
        None,
        exists=Reason.NOT_FOUND,
        differs=MUST_EXIST,
    ),
    BadAnswer(
        "409, provider not registered",
        409,
        error("MissingSubscriptionRegistration"),
        None,
        exists=BAD,
        differs=MUST_EXIST,
    ),
    BadAnswer(
        "409, offer without resources", 409, error("DisallowedProvider"), BAD, code="DisallowedProvider"
    ),
    BadAnswer("409, disabled", 409, error("ReadOnlyDisabledSubscription"), Reason.SUBSCRIPTION_DISABLED),
    BadAnswer("429", 429, error("TooManyRequests"), Reason.THROTTLED, headers={"Retry-After": "3600"}),
    BadAnswer("500", 500, error("InternalServerError"), Reason.SERVER_ERROR),
    BadAnswer("503 in HTML", 503, "<html><body>Service unavailable</body></html>", Reason.SERVER_ERROR),
    BadAnswer(
        "200 in HTML", 200, "<html><body>Sign in</body></html>", BAD, headers={"Content-Type": "text/html"}
    ),
    BadAnswer("truncated", 200, '{"value": [{"id": "/subscr', BAD, headers=JSON),
    BadAnswer("null", 200, "null", BAD, headers=JSON),
    BadAnswer("nested too deeply", 200, nested, BAD, headers=JSON),
    BadAnswer("a list", 200, [], BAD),
    BadAnswer("a number", 200, 7, BAD),
    BadAnswer("value null", 200, {"value": None}, BAD, None, differs=OF_LISTS),
    BadAnswer("value of a wrong type", 200, {"value": {}}, BAD, None, differs=OF_LISTS),
    BadAnswer("texts for documents", 200, {"value": ["a", None]}, BAD, None, differs=OF_LISTS),
    BadAnswer("no properties", 200, {"unknown": []}, BAD, None, differs=OF_LISTS),
    BadAnswer("nextLink to itself", 200, loop, BAD, None, differs=OF_LISTS, documents=2),
    BadAnswer("nextLink of a wrong type", 200, linked(7), BAD, None, differs=OF_LISTS, documents=1),
    BadAnswer(
        "nextLink to another host",
        200,
        linked("https://attacker.test/more"),
        Reason.FOREIGN_HOST,
        None,
        differs=OF_LISTS,
        documents=1,
    ),
]
