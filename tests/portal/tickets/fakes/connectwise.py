"""ConnectWise PSA's service tickets, as its developer documentation describes them.

Like ConnectWise PSA, the fake

- refuses an unknown board or company, and a summary of more than 100 characters
- takes changes as JSON Patch
- has statuses for each board; `closedFlag` follows from the status
- takes `conditions`, `orderBy`, `page` and `pageSize` (default 25) for lists
- answers errors with `code`, `message` and `errors` by field
"""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from typing import Any, ClassVar

from tests.portal.tickets.fakes.server import FakeSystem, Request, Response

BASE = "/v4_6_release/apis/3.0"
STATUSES = [
    {"id": 11, "name": "New", "closedStatus": False, "defaultFlag": True, "inactive": False},
    {"id": 12, "name": "In Progress", "closedStatus": False, "defaultFlag": False, "inactive": False},
    {"id": 13, "name": "Completed", "closedStatus": True, "defaultFlag": False, "inactive": False},
]


def error(status: int, code: str, message: str, field: str = "") -> Response:
    errors = [{"code": code, "message": message, "resource": "ticket", "field": field}] if field else []
    return Response(status, {"code": code, "message": message, "errors": errors})


class FakeConnectWise(FakeSystem):
    kind = "connectwise"
    project = "Service Board/ContosoLtd"
    values: ClassVar = {
        "company": "msp",
        "client_id": "abc",
        "public_key": "public",
        "private_key": "cw-right",
    }
    secret = "private_key"
    base = BASE
    create = ("POST", r"/service/tickets$")
    public: ClassVar = {"internalAnalysisFlag": False}
    internal: ClassVar = ({"internalAnalysisFlag": True}, {})
    throttled = Response(429, {"code": "TooManyRequests", "message": "Slow down"}, {"Retry-After": "90"})
    refused_field = error(400, "InvalidObject", "ticket object is invalid: title is too long", "title")

    def reset(self) -> None:
        super().reset()
        self.rows: dict[int, dict[str, Any]] = {}
        self.notes: dict[int, list[dict[str, Any]]] = {}

    def is_authorized(self, request: Request) -> bool:
        login = base64.b64encode(b"msp+public:cw-right").decode()
        return (
            request.headers.get("authorization") == f"Basic {login}" and request.headers["clientid"] == "abc"
        )

    def unauthorized(self) -> Response:
        return error(401, "Unauthorized", "Unauthorized")

    def answer(self, request: Request) -> Response:
        path = request.path.removeprefix(BASE)
        lists = {
            "/service/boards": [{"id": 1, "name": "Service Board"}],
            "/company/companies": [{"id": 2, "identifier": "ContosoLtd"}],
            "/service/boards/1/statuses": STATUSES,
        }
        if path in lists:
            return _page(request, lists[path])
        if path == "/service/tickets":
            return (
                self._create(request.body)
                if request.method == "POST"
                else _page(request, list(self.rows.values()))
            )
        found = re.fullmatch(r"/service/tickets/(\d+)(/notes)?", path)
        if found is None or int(found[1]) not in self.rows:
            return error(404, "NotFound", "Ticket not found")
        number = int(found[1])
        if found[2]:
            if request.method == "GET":
                return _page(request, self.notes[number])
            return Response(201, self._note(number, "API Member", request.body["text"]))
        if request.method == "PATCH":
            (change,) = request.body
            assert (change["op"], change["path"]) == ("replace", "status")
            self._set(number, change["value"]["id"])
        return Response(200, self.rows[number])

    def _create(self, body: dict[str, Any]) -> Response:
        if body["board"] != {"name": "Service Board"}:
            return error(400, "InvalidObject", "board could not be found", "board")
        if body["company"] != {"identifier": "ContosoLtd"}:
            return error(400, "InvalidObject", "company could not be found", "company")
        if len(body["summary"]) > 100:
            return error(400, "InvalidObject", "summary is too long", "summary")
        number = 7001 + len(self.rows)
        self.rows[number] = {**body, "id": number, "board": {"id": 1, "name": "Service Board"}}
        self.notes[number] = []
        self._set(number, 11)
        return Response(201, self.rows[number])

    def _set(self, number: int, status: int) -> None:
        (found,) = [one for one in STATUSES if one["id"] == status]
        self.rows[number].update(
            status={"id": found["id"], "name": found["name"]}, closedFlag=found["closedStatus"]
        )
        self._touch(number)

    def _touch(self, number: int) -> None:
        self.rows[number]["_info"] = {"lastUpdated": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}

    def _note(self, number: int, name: str, text: str) -> dict[str, Any]:
        note = {
            "id": 100 * number + len(self.notes[number]),
            "text": text,
            "member": {"name": name},
            "dateCreated": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            **self.comment_fields,
        }
        self.notes[number].append(note)
        self._touch(number)
        return note

    def _only(self) -> int:
        (number,) = self.rows
        return number

    def titles(self) -> list[str]:
        return [row["summary"] for row in self.rows.values()]

    def is_open(self, title: str) -> bool:
        (row,) = [row for row in self.rows.values() if title in row["summary"]]
        return not row["closedFlag"]

    def set_by_person(self, *, is_open: bool) -> None:
        self._set(self._only(), 12 if is_open else 13)

    def comment_by_person(self, text: str) -> None:
        self._note(self._only(), "mira", text)

    def comments(self) -> list[str]:
        return [note["text"] for notes in self.notes.values() for note in notes]

    def delete_all(self) -> None:
        self.rows.clear()

    def text(self) -> str:
        return str(self.rows[self._only()]["initialDescription"])


def _page(request: Request, rows: list[dict[str, Any]]) -> Response:
    for condition in filter(None, request.query.get("conditions", "").split(" and ")):
        if found := re.fullmatch(r"lastUpdated>=\[(.+)\]", condition):
            rows = [row for row in rows if row["_info"]["lastUpdated"] >= found[1]]
        elif condition == 'externalXRef like "surety-%"':
            rows = [row for row in rows if str(row.get("externalXRef", "")).startswith("surety-")]
        elif condition == "inactive=false":
            rows = [row for row in rows if not row["inactive"]]
        else:
            equal = re.fullmatch(r'(\w+)="([^"]*)"', condition)
            assert equal, condition
            rows = [row for row in rows if row.get(equal[1]) == equal[2]]
    order = request.query.get("orderBy", "id asc")
    rows = sorted(
        rows,
        key=lambda row: row["_info"]["lastUpdated"] if order.startswith("lastUpdated") else row["id"],
        reverse=order.endswith("desc"),
    )
    size, page = int(request.query.get("pageSize", "25")), int(request.query.get("page", "1"))
    return Response(200, rows[(page - 1) * size : page * size])
