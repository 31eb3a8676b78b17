"""ServiceNow's Table API for incidents, as its documentation describes it.

Like ServiceNow, the fake

- answers with `{"result": …}` or `{"error": {"message", "detail"}}`
- takes names in reference fields only with `sysparm_input_display_value=true`
- has a data policy that refuses to resolve an incident without a resolution code and notes
- takes encoded queries, in which `^` joins conditions
- states times in UTC without a zone
- answers with an empty list if the account may not read comments
"""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from tests.portal.tickets.fakes.server import FakeSystem, Request, Response

CODES = ("Solution provided", "Resolved by caller")


def error(status: int, message: str, detail: str = "") -> Response:
    return Response(status, {"error": {"message": message, "detail": detail}, "status": "failure"})


NOT_FOUND = error(404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval")


class FakeServiceNow(FakeSystem):
    kind = "servicenow"
    project = "Service Desk"
    values: ClassVar = {"user": "surety", "password": "pass-right", "close_code": "Solution provided"}
    secret = "password"
    create = ("POST", r"/api/now/table/incident$")
    public: ClassVar = {"element": "comments"}
    internal: ClassVar = ({"element": "work_notes"},)
    throttled = Response(
        429,
        {"error": {"message": "Rate limit exceeded", "detail": "Number of requests exceeded"}},
        {"Retry-After": "90"},
    )
    refused_field = error(
        403, "Operation Failed", "Data Policy Exception: The following fields are mandatory: Title"
    )

    def reset(self) -> None:
        super().reset()
        self.rows: dict[str, dict[str, Any]] = {}
        self.journal: list[dict[str, Any]] = []
        self.may_read_journal = True

    def is_authorized(self, request: Request) -> bool:
        login = base64.b64encode(f"{self.values['user']}:{self.values['password']}".encode()).decode()
        return request.headers.get("authorization") == f"Basic {login}"

    def unauthorized(self) -> Response:
        return error(401, "User Not Authenticated", "Required to provide Auth information")

    def answer(self, request: Request) -> Response:
        if request.path == "/api/now/table/sys_user_group":
            found = request.query["sysparm_query"] == f"name={self.project}"
            return Response(200, {"result": [{"name": self.project}] if found else []})
        if request.path == "/api/now/table/sys_journal_field":
            return self._comments(request)
        if request.path == "/api/now/table/incident":
            return self._create(request) if request.method == "POST" else self._list(request)
        found_path = re.fullmatch(r"/api/now/table/incident/([0-9a-f]{32})", request.path)
        if found_path is None or found_path[1] not in self.rows:
            return NOT_FOUND
        row = self.rows[found_path[1]]
        if request.method == "PATCH" and (refused := self._update(row, request.body)):
            return refused
        return Response(200, {"result": _shown(row, request)})

    def _create(self, request: Request) -> Response:
        body = dict(request.body)
        group = body.get("assignment_group")
        if group != self.project or request.query.get("sysparm_input_display_value") != "true":
            body["assignment_group"] = ""
        number = len(self.rows) + 1
        row = {
            **body,
            "sys_id": f"{number:032x}",
            "number": f"INC{number:07}",
            "state": "1",
            "sys_updated_on": datetime.now(UTC),
        }
        self.rows[row["sys_id"]] = row
        return Response(201, {"result": _shown(row, request)})

    def _update(self, row: dict[str, Any], body: dict[str, Any]) -> Response | None:
        if body.get("state") in ("6", "7") and (
            body.get("close_code") not in CODES or not body.get("close_notes")
        ):
            return error(
                403,
                "Operation Failed",
                "The following fields are mandatory: Resolution code, Resolution notes",
            )
        if text := body.get("comments"):
            self._comment(row, "surety", text)
        row.update({key: value for key, value in body.items() if key != "comments"})
        row["sys_updated_on"] = datetime.now(UTC)
        return None

    def _comment(self, row: dict[str, Any], name: str, text: str) -> None:
        number = len(self.journal) + 1
        self.journal.append(
            {
                "sys_id": f"{number:032x}",
                "element_id": row["sys_id"],
                "value": text,
                "sys_created_by": name,
                "sys_created_on": _written(datetime.now(UTC)),
                **self.comment_fields,
            }
        )
        row["sys_updated_on"] = datetime.now(UTC)

    def _comments(self, request: Request) -> Response:
        conditions = request.query["sysparm_query"].split("^")
        assert "name=incident" in conditions
        rows = list(reversed(self.journal)) if self.may_read_journal else []
        for name in ("element", "element_id"):
            wanted = [one.removeprefix(f"{name}=") for one in conditions if one.startswith(f"{name}=")]
            rows = [one for one in rows if not wanted or one[name] in wanted]
        return Response(200, {"result": rows[: int(request.query["sysparm_limit"])]})

    def _list(self, request: Request) -> Response:
        rows = list(self.rows.values())
        for condition in filter(None, request.query.get("sysparm_query", "").split("^")):
            if found := re.fullmatch(r"sys_updated_onRELATIVEGT@minute@ago@(\d+)", condition):
                since = datetime.now(UTC) - timedelta(minutes=int(found[1]))
                rows = [row for row in rows if row["sys_updated_on"] > since]
            elif found := re.fullmatch(r"(correlation_id|correlation_display)=(.+)", condition):
                rows = [row for row in rows if row.get(found[1]) == found[2]]
            else:
                assert condition == "ORDERBYsys_updated_on", condition
                rows.sort(key=lambda row: row["sys_updated_on"])
        start, size = int(request.query["sysparm_offset"]), int(request.query["sysparm_limit"])
        return Response(200, {"result": [_shown(row, request) for row in rows[start : start + size]]})

    def _only(self) -> dict[str, Any]:
        (row,) = self.rows.values()
        return row

    def titles(self) -> list[str]:
        return [row["short_description"] for row in self.rows.values()]

    def is_open(self, title: str) -> bool:
        (row,) = [row for row in self.rows.values() if title in row["short_description"]]
        return row["state"] not in ("6", "7", "8")

    def set_by_person(self, *, is_open: bool) -> None:
        self._only().update(state="2" if is_open else "7", sys_updated_on=datetime.now(UTC))

    def comment_by_person(self, text: str) -> None:
        self._comment(self._only(), "mira", text)

    def comments(self) -> list[str]:
        return [one["value"] for one in self.journal]

    def delete_all(self) -> None:
        self.rows.clear()

    def text(self) -> str:
        return str(self._only()["description"])


def _shown(row: dict[str, Any], request: Request) -> dict[str, Any]:
    names = request.query["sysparm_fields"].split(",")
    return {
        name: _written(row[name]) if isinstance(row.get(name), datetime) else row.get(name, "")
        for name in names
    }


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")
