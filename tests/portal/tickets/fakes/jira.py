"""Jira Cloud's issues, as the documentation of its REST API version 3 describes them.

Like Jira, the fake

- answers a creation with id, key and self only
- changes a status only by a transition that the present status permits
- takes texts only as documents (`type: doc`), and labels only without spaces
- answers errors with 400 and `errors` by field
- returns only the requested fields of a search, with `nextPageToken`, and refuses unbounded queries
- does not find a new issue in searches before it is indexed (`is_indexed`)
"""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from tests.portal.tickets.fakes.server import FakeSystem, Request, Response

STATUSES = {
    "To Do": ("new", {"11": "In Progress", "31": "Done"}),
    "In Progress": ("indeterminate", {"12": "To Do", "31": "Done"}),
    "Done": ("done", {"12": "To Do"}),
    "Won't do": ("done", {"12": "To Do"}),
}
NOT_FOUND = Response(
    404, {"errorMessages": ["Issue does not exist or you do not have permission to see it."], "errors": {}}
)


class FakeJira(FakeSystem):
    kind = "jira"
    project = "OPS"
    values: ClassVar = {"email": "surety@acme.example", "token": "ATATT-right", "issue_type": "Task"}
    create = ("POST", r"/rest/api/3/issue$")
    public: ClassVar = {"jsdPublic": True}
    internal: ClassVar = (
        {"jsdPublic": False},
        {"jsdPublic": True, "visibility": {"type": "role", "value": "Administrators"}},
    )
    throttled = Response(429, {"message": "Rate limit exceeded"}, {"Retry-After": "90"})
    refused_field = Response(
        400,
        {
            "errorMessages": [],
            "errors": {"labels": "Field 'labels' cannot be set. It is not on the appropriate screen."},
        },
    )

    def reset(self) -> None:
        super().reset()
        self.rows: dict[str, dict[str, Any]] = {}
        self.threads: dict[str, list[dict[str, Any]]] = {}
        self.is_indexed = True
        self.can_finish = True
        self.page_size = 100

    def is_authorized(self, request: Request) -> bool:
        login = base64.b64encode(f"{self.values['email']}:{self.values['token']}".encode()).decode()
        return request.headers.get("authorization") == f"Basic {login}"

    def unauthorized(self) -> Response:
        return Response(401, {"message": "Client must be authenticated to access this resource."})

    def answer(self, request: Request) -> Response:
        path = request.path.removeprefix("/rest/api/3")
        if path == "/myself":
            return Response(200, {"displayName": "Surety Bot", "accountId": "5b10"})
        if path == f"/project/{self.project}":
            return Response(200, {"key": self.project, "issueTypes": [{"name": "Task"}, {"name": "Bug"}]})
        if path == "/issue" and request.method == "POST":
            return self._create(request.body["fields"])
        if path == "/search/jql" and request.method == "GET":
            return self._search(request)
        found = re.fullmatch(r"/issue/([^/]+)(/transitions|/comment)?", path)
        row = self.rows.get(found[1]) if found else None
        if found is None or row is None:
            return NOT_FOUND
        if found[2] == "/transitions":
            return self._transitions(request, row)
        if found[2] == "/comment":
            return self._thread(request, row)
        return Response(200, _shown(row, request.query.get("fields", "*all")))

    def _create(self, fields: dict[str, Any]) -> Response:
        errors = {}
        if fields.get("project") != {"key": self.project}:
            errors["project"] = "valid project is required"
        if fields.get("issuetype", {}).get("name") not in ("Task", "Bug"):
            errors["issuetype"] = "Specify a valid issue type"
        if not fields.get("summary") or len(fields["summary"]) > 255 or "\n" in fields["summary"]:
            errors["summary"] = "You must specify a summary of the issue."
        if not _is_document(fields.get("description")):
            errors["description"] = (
                "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
            )
        if any(" " in label for label in fields.get("labels", [])):
            errors["labels"] = "The label contains spaces which is invalid."
        if errors:
            return Response(400, {"errorMessages": [], "errors": errors})
        number = 10001 + len(self.rows)
        row = {
            "id": str(number),
            "key": f"{self.project}-{number - 10000}",
            "status": "To Do",
            "updated": datetime.now(UTC),
            **fields,
        }
        self.rows[str(number)] = row
        self.threads[str(number)] = []
        return Response(
            201, {"id": row["id"], "key": row["key"], "self": f"{self.address}/rest/api/3/issue/{number}"}
        )

    def _transitions(self, request: Request, row: dict[str, Any]) -> Response:
        possible = STATUSES[row["status"]][1]
        if not self.can_finish:
            possible = {number: to for number, to in possible.items() if to != "Done"}
        if request.method == "GET":
            found = [
                {
                    "id": number,
                    "name": f"To {to}",
                    "to": {"name": to, "statusCategory": {"key": STATUSES[to][0]}},
                }
                for number, to in possible.items()
            ]
            return Response(200, {"expand": "transitions", "transitions": found})
        wanted = request.body["transition"]["id"]
        if wanted not in possible:
            return Response(400, {"errorMessages": ["It is not on the list of transitions"], "errors": {}})
        row.update(status=possible[wanted], updated=datetime.now(UTC))
        return Response(204)

    def _thread(self, request: Request, row: dict[str, Any]) -> Response:
        thread = self.threads[row["id"]]
        if request.method == "GET":
            newest = list(reversed(thread)) if request.query.get("orderBy") == "-created" else thread
            size = int(request.query.get("maxResults", "5000"))
            return Response(
                200, {"comments": newest[:size], "total": len(thread), "startAt": 0, "maxResults": size}
            )
        if not _is_document(request.body.get("body")):
            return Response(400, {"errorMessages": [], "errors": {"comment": "Comment body is not valid!"}})
        return Response(201, self._comment(row, "Surety Bot", request.body["body"]))

    def _comment(self, row: dict[str, Any], name: str, body: dict[str, Any]) -> dict[str, Any]:
        thread = self.threads[row["id"]]
        comment = {
            "id": str(20000 + 100 * int(row["id"]) + len(thread)),
            "author": {"displayName": name, "accountId": "5b10"},
            "body": body,
            "created": _written(datetime.now(UTC)),
            **self.comment_fields,
        }
        thread.append(comment)
        row["updated"] = datetime.now(UTC)
        return comment

    def _search(self, request: Request) -> Response:
        jql = request.query["jql"]
        if f'project = "{self.project}"' not in jql:
            return Response(
                400, {"errorMessages": ["Unbounded JQL queries are not allowed here."], "errors": {}}
            )
        rows = list(self.rows.values()) if self.is_indexed else []
        if found := re.search(r'labels = "([^"]+)"', jql):
            rows = [row for row in rows if found[1] in row["labels"]]
        if found := re.search(r'updated >= "-(\d+)m"', jql):
            since = datetime.now(UTC) - timedelta(minutes=int(found[1]))
            rows = [row for row in rows if row["updated"] >= since]
        rows.sort(key=lambda row: row["updated"])
        start = int(request.query.get("nextPageToken", "token-0").removeprefix("token-"))
        size = min(int(request.query.get("maxResults", "50")), self.page_size)
        page = [_shown(row, request.query.get("fields", "id")) for row in rows[start : start + size]]
        answer: dict[str, Any] = {"issues": page, "isLast": start + size >= len(rows)}
        if not answer["isLast"]:
            answer["nextPageToken"] = f"token-{start + size}"
        return Response(200, answer)

    def _only(self) -> dict[str, Any]:
        (row,) = self.rows.values()
        return row

    def titles(self) -> list[str]:
        return [row["summary"] for row in self.rows.values()]

    def is_open(self, title: str) -> bool:
        (row,) = [row for row in self.rows.values() if title in row["summary"]]
        return STATUSES[row["status"]][0] != "done"

    def set_by_person(self, *, is_open: bool) -> None:
        self._only().update(status="In Progress" if is_open else "Won't do", updated=datetime.now(UTC))

    def comment_by_person(self, text: str) -> None:
        paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
        self._comment(self._only(), "mira", {"type": "doc", "version": 1, "content": [paragraph]})

    def comments(self) -> list[str]:
        return [_text(one["body"]) for thread in self.threads.values() for one in thread]

    def delete_all(self) -> None:
        self.rows.clear()

    def text(self) -> str:
        return _text(self._only()["description"])


def _is_document(value: Any) -> bool:
    """Whether the value is a document. Like Jira, refuse documents with an empty text, bullet list or list item."""
    if not isinstance(value, dict) or value.get("type") != "doc" or value.get("version") != 1:
        return False
    return all(_is_valid(node) for node in value["content"])


def _is_valid(node: dict[str, Any]) -> bool:
    if node["type"] == "text":
        return bool(node["text"])
    if node["type"] in ("bulletList", "listItem") and not node["content"]:
        return False
    return all(_is_valid(one) for one in node.get("content", []))


def _text(node: dict[str, Any]) -> str:
    return str(node.get("text", "")) + " ".join(_text(one) for one in node.get("content", []))


def _shown(row: dict[str, Any], fields: str) -> dict[str, Any]:
    status = {"name": row["status"], "statusCategory": {"key": STATUSES[row["status"]][0]}}
    known = {"status": status, "updated": _written(row["updated"]), "labels": row["labels"]}
    asked = set(fields.split(","))
    found: dict[str, Any] = {"id": row["id"]}
    if fields == "id":
        return found
    return {
        **found,
        "key": row["key"],
        "fields": {key: value for key, value in known.items() if key in asked},
    }


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
