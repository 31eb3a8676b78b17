"""HaloPSA's tickets and actions, as its API documentation describes them.

Like HaloPSA, the fake

- requires an access token, and answers 400 (`invalid_client`) if one is requested with wrong credentials
- takes tickets and actions as lists, and returns lists of tickets without details
- closes a ticket by a status
- has notes with the property `hiddenfromuser`
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import parse_qs

from tests.portal.tickets.fakes.server import FakeSystem, Request, Response


class FakeHalo(FakeSystem):
    kind = "halopsa"
    project = "12"
    values: ClassVar = {
        "client_id": "app",
        "client_secret": "halo-right",
        "ticket_type": "3",
        "closed_status": "9",
        "open_status": "1",
    }
    secret = "client_secret"
    create = ("POST", r"/api/Tickets$")
    public: ClassVar = {"hiddenfromuser": False}
    internal: ClassVar = ({"hiddenfromuser": True}, {})
    throttled = Response(429, {"message": "API calls quota exceeded"}, {"Retry-After": "90"})
    refused_field = Response(400, {"message": "The title of the ticket is too long"})

    def reset(self) -> None:
        super().reset()
        self.rows: dict[int, dict[str, Any]] = {}
        self.actions: list[dict[str, Any]] = []

    def is_authorized(self, request: Request) -> bool:
        if request.path == "/auth/token":
            sent = parse_qs(request.text)
            assert sent["grant_type"] == ["client_credentials"]
            return sent["client_id"] == ["app"] and sent["client_secret"] == ["halo-right"]
        return request.headers.get("authorization") == "Bearer token-1"

    def unauthorized(self) -> Response:
        return Response(400, {"error": "invalid_client", "error_description": "The client is unknown."})

    def answer(self, request: Request) -> Response:
        if request.path == "/auth/token":
            return Response(200, {"access_token": "token-1", "token_type": "Bearer", "expires_in": 3600})
        if request.path == "/api/Client/12":
            return Response(200, {"id": 12, "name": "Contoso"})
        if request.path == "/api/Tickets":
            return self._save(request.body) if request.method == "POST" else self._list(request)
        if request.path == "/api/Actions":
            return self._add(request.body) if request.method == "POST" else self._notes(request)
        found = re.fullmatch(r"/api/Tickets/(\d+)", request.path)
        if found is None or int(found[1]) not in self.rows:
            return Response(404, {"message": "Not found"})
        return Response(200, self.rows[int(found[1])])

    def _save(self, body: list[dict[str, Any]]) -> Response:
        (sent,) = body
        if "id" in sent:
            if sent["id"] not in self.rows:
                return Response(404, {"message": "Not found"})
            self.rows[sent["id"]].update(sent, last_update=_now())
            return Response(201, self.rows[sent["id"]])
        if (sent["client_id"], sent["tickettype_id"]) != (12, 3):
            return Response(400, {"message": "Unknown client or ticket type"})
        number = 2001 + len(self.rows)
        self.rows[number] = {**sent, "id": number, "status_id": 1, "last_update": _now()}
        return Response(201, self.rows[number])

    def _list(self, request: Request) -> Response:
        query = request.query
        rows = [row for row in self.rows.values() if str(row["client_id"]) == query.get("client_id", "12")]
        if text := query.get("search"):
            rows = [row for row in rows if text in row["details"] or text in row["summary"]]
        rows = [row for row in rows if row["last_update"] >= query.get("lastupdatefromdate", "")]
        rows.sort(key=lambda row: row["last_update"])
        size, page = int(query["page_size"]), int(query["page_no"])
        shown = [
            {key: value for key, value in row.items() if key != "details"}
            for row in rows[(page - 1) * size : page * size]
        ]
        return Response(200, {"record_count": len(rows), "tickets": shown})

    def _add(self, body: list[dict[str, Any]]) -> Response:
        (sent,) = body
        if sent["ticket_id"] not in self.rows:
            return Response(404, {"message": "Not found"})
        assert sent["hiddenfromuser"] is True
        return Response(201, self._action(sent["ticket_id"], "Surety", sent["note"]))

    def _action(self, number: int, who: str, note: str) -> dict[str, Any]:
        count = len([one for one in self.actions if one["ticket_id"] == number])
        action = {"id": count + 1, "ticket_id": number, "who": who, "note": note, "datetime": _now()}
        action.update(self.comment_fields)
        self.actions.append(action)
        self.rows[number]["last_update"] = _now()
        return action

    def _notes(self, request: Request) -> Response:
        rows = [one for one in self.actions if str(one["ticket_id"]) == request.query["ticket_id"]]
        return Response(200, {"record_count": len(rows), "actions": list(reversed(rows))})

    def _only(self) -> dict[str, Any]:
        (row,) = self.rows.values()
        return row

    def titles(self) -> list[str]:
        return [row["summary"] for row in self.rows.values()]

    def is_open(self, title: str) -> bool:
        (row,) = [row for row in self.rows.values() if title in row["summary"]]
        return bool(row["status_id"] != 9)

    def set_by_person(self, *, is_open: bool) -> None:
        self._only().update(status_id=2 if is_open else 9, last_update=_now())

    def comment_by_person(self, text: str) -> None:
        self._action(self._only()["id"], "mira", text)

    def comments(self) -> list[str]:
        return [one["note"] for one in self.actions]

    def delete_all(self) -> None:
        self.rows.clear()

    def text(self) -> str:
        return str(self._only()["details"])


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
