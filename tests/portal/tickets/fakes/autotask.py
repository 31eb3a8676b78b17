"""Autotask's tickets and notes, as its developer help describes them.

Like Autotask, the fake

- answers a creation with `itemId` only, and a request for a missing ticket with an empty `item`
- takes queries as JSON in `search`, and returns results in the order of ids, at most `MaxRecords`
- checks required fields, and answers invalid content with 500 and `errors`
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

from tests.portal.tickets.fakes.server import FakeSystem, Request, Response

BASE = "/ATServicesRest/V1.0"
REQUIRED = ("companyID", "dueDateTime", "priority", "queueID", "status", "title")
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "beginsWith": lambda value, start: str(value).startswith(start),
}


def refused(*errors: str) -> Response:
    return Response(500, {"errors": list(errors)})


class FakeAutotask(FakeSystem):
    kind = "autotask"
    project = "174"
    values: ClassVar = {
        "user": "api@msp.example",
        "secret": "at-right",
        "integration_code": "CODE",
        "queue": "8",
        "priority": "2",
    }
    secret = "secret"
    base = BASE
    create = ("POST", r"/Tickets$")
    public: ClassVar = {"publish": 1}
    internal: ClassVar = ({"publish": 2}, {})
    throttled = Response(429, {"errors": ["The threshold was exceeded."]}, {"Retry-After": "90"})
    refused_field = refused("The title must not exceed 255 characters.")

    def reset(self) -> None:
        super().reset()
        self.rows: dict[int, dict[str, Any]] = {}
        self.notes: list[dict[str, Any]] = []

    def is_authorized(self, request: Request) -> bool:
        names = ("username", "secret", "apiintegrationcode")
        return [request.headers.get(name) for name in names] == ["api@msp.example", "at-right", "CODE"]

    def unauthorized(self) -> Response:
        return Response(401, {"errors": ["Unauthorized"]})

    def answer(self, request: Request) -> Response:
        path = request.path.removeprefix(BASE)
        if path == "/Companies/query":
            return self._query(request, [{"id": 174, "companyName": "Contoso"}])
        if path == "/Tickets/query":
            return self._query(request, list(self.rows.values()))
        if path == "/TicketNotes/query":
            return self._query(request, self.notes)
        if path == "/Tickets":
            return self._create(request.body) if request.method == "POST" else self._change(request.body)
        found = re.fullmatch(r"/Tickets/(\d+)(/Notes)?", path)
        assert found, path
        row = self.rows.get(int(found[1]))
        if found[2]:
            if row is None:
                return Response(404, {"errors": ["No matching records found"]})
            return Response(200, {"itemId": self._note(row, 4, request.body["description"])})
        return Response(200, {"item": row})

    def _create(self, body: dict[str, Any]) -> Response:
        if missing := [name for name in REQUIRED if body.get(name) in (None, "")]:
            return refused(*(f"Missing required field: {name}" for name in missing))
        if (body["companyID"], body["queueID"]) != (174, 8):
            return refused("Reference value does not exist")
        number = 3001 + len(self.rows)
        self.rows[number] = {
            **body,
            "id": number,
            "ticketNumber": f"T20261128.{number}",
            "lastActivityDate": _now(),
        }
        return Response(200, {"itemId": number})

    def _change(self, body: dict[str, Any]) -> Response:
        if body["id"] not in self.rows:
            return Response(404, {"errors": ["No matching records found"]})
        self.rows[body["id"]].update(body, lastActivityDate=_now())
        return Response(200, {"itemId": body["id"]})

    def _query(self, request: Request, rows: list[dict[str, Any]]) -> Response:
        search = json.loads(request.query["search"])
        for one in search["filter"]:
            rows = [row for row in rows if OPERATORS[one["op"]](row.get(one["field"]), one["value"])]
        rows = sorted(rows, key=lambda row: row["id"])[: search["MaxRecords"]]
        return Response(200, {"items": rows, "pageDetails": {"count": len(rows), "nextPageUrl": None}})

    def _note(self, row: dict[str, Any], resource: int, text: str) -> int:
        number = len(self.notes) + 1
        self.notes.append(
            {
                "id": number,
                "ticketID": row["id"],
                "creatorResourceID": resource,
                "description": text,
                "createDateTime": _now(),
                **self.comment_fields,
            }
        )
        row["lastActivityDate"] = _now()
        return number

    def _only(self) -> dict[str, Any]:
        (row,) = self.rows.values()
        return row

    def titles(self) -> list[str]:
        return [row["title"] for row in self.rows.values()]

    def is_open(self, title: str) -> bool:
        (row,) = [row for row in self.rows.values() if title in row["title"]]
        return bool(row["status"] != 5)

    def set_by_person(self, *, is_open: bool) -> None:
        self._only().update(status=8 if is_open else 5, lastActivityDate=_now())

    def comment_by_person(self, text: str) -> None:
        self._note(self._only(), 29, text)

    def comments(self) -> list[str]:
        return [one["description"] for one in self.notes]

    def delete_all(self) -> None:
        self.rows.clear()

    def text(self) -> str:
        return str(self._only()["description"])


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
