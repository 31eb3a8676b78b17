"""GitHub's issues, as github/rest-api-description and docs.github.com/en/rest/issues describe them.

Like GitHub, the fake

- numbers the issues of each repository consecutively
- returns lists in pages of 30 objects, on request up to 100; `Link` names the next page
- includes pull requests in lists of issues, and compares `since` with `updated_at`
- answers validation errors with 422 and `errors`, wrong credentials with 401, an unknown repository with 404, and a
  deleted issue with 410
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, ClassVar

from tests.portal.tickets.fakes.server import FakeSystem, Request, Response

DOCUMENTATION = "https://docs.github.com/rest/issues/issues"
NOT_FOUND = Response(404, {"message": "Not Found", "documentation_url": DOCUMENTATION, "status": "404"})


class FakeGitHub(FakeSystem):
    kind = "github"
    project = "acme/security"
    values: ClassVar = {"token": "github_pat_right"}
    create = ("POST", r"/issues$")
    throttled = Response(
        403,
        {
            "message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
        },
        {"Retry-After": "90"},
    )
    refused_field = Response(
        422,
        {
            "message": "Validation Failed",
            "errors": [{"resource": "Issue", "code": "too_long", "field": "title"}],
            "documentation_url": DOCUMENTATION,
        },
    )

    def reset(self) -> None:
        super().reset()
        self.issues: dict[int, dict[str, Any]] = {}
        self.threads: dict[int, list[dict[str, Any]]] = {}
        self.deleted: set[int] = set()
        self.has_issues = True
        self.page_size = 100

    def is_authorized(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.values['token']}"

    def unauthorized(self) -> Response:
        return Response(401, {"message": "Bad credentials", "status": "401"})

    def answer(self, request: Request) -> Response:
        assert request.headers["x-github-api-version"] == "2022-11-28"
        if request.path == "/user":
            return Response(200, {"login": "surety-bot"})
        prefix = f"/repos/{self.project}"
        if not request.path.startswith(prefix):
            return NOT_FOUND
        path = request.path.removeprefix(prefix)
        if path == "":
            return Response(
                200, {"full_name": self.project, "has_issues": self.has_issues, "archived": False}
            )
        if path == "/issues":
            return self._list(request) if request.method == "GET" else self._create(request)
        found = re.fullmatch(r"/issues/(\d+)(/comments)?", path)
        if found is None:
            return NOT_FOUND
        number = int(found[1])
        if number in self.deleted:
            return Response(410, {"message": "This issue was deleted", "status": "410"})
        if number not in self.issues:
            return NOT_FOUND
        if found[2]:
            return self._thread(request, number)
        if request.method == "PATCH":
            return self._update(number, request.body)
        return Response(200, self.issues[number])

    def _create(self, request: Request) -> Response:
        if not self.has_issues:
            return Response(410, {"message": "Issues are disabled for this repo", "status": "410"})
        title = request.body.get("title")
        if not title:
            return Response(
                422, {"message": "Validation Failed", "errors": [{"code": "missing_field", "field": "title"}]}
            )
        number = len(self.issues) + 1
        return Response(201, self._new(number, title, request.body.get("body") or ""))

    def _new(self, number: int, title: str, body: str) -> dict[str, Any]:
        issue = {
            "id": 9_000_000_000 + number,
            "number": number,
            "title": title,
            "body": body,
            "state": "open",
            "state_reason": None,
            "html_url": f"https://github.example/{self.project}/issues/{number}",
            "labels": [],
            "created_at": _now(),
            "updated_at": _now(),
        }
        self.issues[number] = issue
        self.threads[number] = []
        return issue

    def _update(self, number: int, body: dict[str, Any]) -> Response:
        if body.get("state") not in (None, "open", "closed"):
            return Response(422, {"message": "Validation Failed"})
        reasons = {"closed": ("completed", "not_planned", "duplicate"), "open": ("reopened",)}
        if body.get("state_reason") not in reasons[body["state"]]:
            return Response(
                422,
                {"message": "Validation Failed", "errors": [{"code": "invalid", "field": "state_reason"}]},
            )
        issue = self.issues[number]
        issue.update(state=body["state"], state_reason=body["state_reason"], updated_at=_now())
        return Response(200, issue)

    def _list(self, request: Request) -> Response:
        since = request.query.get("since", "")
        rows = sorted(self.issues.values(), key=lambda one: (one["updated_at"], one["number"]))
        rows = [one for one in rows if one["updated_at"] >= since]
        if request.query.get("state", "open") != "all":
            rows = [one for one in rows if one["state"] == "open"]
        return self._page(request, rows)

    def _thread(self, request: Request, number: int) -> Response:
        thread = self.threads[number]
        if request.method == "GET":
            since = request.query.get("since", "")
            return self._page(request, [one for one in thread if one["updated_at"] >= since])
        return Response(201, self._comment(number, "surety-bot", request.body["body"]))

    def _comment(self, number: int, login: str, body: str) -> dict[str, Any]:
        comment = {
            "id": 500 + 1000 * number + len(self.threads[number]),
            "user": {"login": login},
            "body": body,
            "created_at": _now(),
            "updated_at": _now(),
        }
        self.threads[number].append(comment)
        self.issues[number]["updated_at"] = _now()
        return comment

    def _page(self, request: Request, rows: list[dict[str, Any]]) -> Response:
        size = min(int(request.query.get("per_page", "30")), self.page_size)
        page = int(request.query.get("page", "1"))
        headers = {}
        if len(rows) > page * size:
            query = "&".join(
                f"{name}={value}" for name, value in {**request.query, "page": str(page + 1)}.items()
            )
            headers["Link"] = (
                f'<{self.address}{request.path}?{query}>; rel="next", <{self.address}/last>; rel="last"'
            )
        return Response(200, rows[(page - 1) * size : page * size], headers)

    def add_pull_request(self, updated_at: str = "") -> None:
        """Add a pull request. Lists of issues contain it too."""
        number = len(self.issues) + 1
        made = self._new(number, "A pull request", "")
        made["pull_request"] = {"url": "https://github.example"}
        made["updated_at"] = updated_at or made["updated_at"]

    def add_issues(self, count: int) -> None:
        """Add issues of other people."""
        for _ in range(count):
            self._new(len(self.issues) + 1, "Somebody else's issue", "")

    def _only(self) -> int:
        mine = [number for number, one in self.issues.items() if "surety-" in one["body"]]
        assert len(mine) == 1
        return mine[0]

    def titles(self) -> list[str]:
        return [one["title"] for number, one in self.issues.items() if number not in self.deleted]

    def is_open(self, title: str) -> bool:
        rows = [one for number, one in self.issues.items() if number not in self.deleted]
        (found,) = [one for one in rows if title in one["title"]]
        return bool(found["state"] == "open")

    def set_by_person(self, *, is_open: bool) -> None:
        state = ("open", "reopened") if is_open else ("closed", "not_planned")
        self.issues[self._only()].update(state=state[0], state_reason=state[1], updated_at=_now())

    def comment_by_person(self, text: str) -> None:
        self._comment(self._only(), "mira", text)

    def comments(self) -> list[str]:
        return [one["body"] for thread in self.threads.values() for one in thread]

    def delete_all(self) -> None:
        self.deleted |= set(self.issues)

    def text(self) -> str:
        return str(self.issues[self._only()]["body"])


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
