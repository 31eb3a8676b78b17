"""GitHub issues, by the REST API in version 2022-11-28.

Sources: https://docs.github.com/en/rest/issues/issues, https://docs.github.com/en/rest/issues/comments,
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api (requests that create content: at most
80 in a minute and 500 in an hour; all requests: at most 5,000 in an hour), and github/rest-api-description.

Issues are found by the marker in their text. The connector reads the list of issues instead of searching, because
GitHub's search finds new issues only after some time. Labels are not used, because GitHub silently drops the labels if
the token may not push.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from portal.tickets.connectors.base import MAX_PAGES, Connector, Draft, Input, Remote, RemoteComment
from portal.tickets.connectors.client import Client, listed, mapped, moment
from portal.tickets.errors import MorePages, Rejected

_NEXT: Final = re.compile(r'<([^<>]+)>\s*;\s*rel="next"')
_PER_PAGE: Final = 100


def _reason(data: Any) -> str:
    found = mapped(data)
    errors = [error for error in found.get("errors") or [] if isinstance(error, dict)]
    texts = [
        str(found.get("message", "")),
        *(
            " ".join(str(error[key]) for key in ("field", "code", "message") if error.get(key))
            for error in errors
        ),
    ]
    return "; ".join(text for text in texts if text)


def _written(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _remote(data: Any, page: str) -> Remote:
    """Return the issue in `data`, a part of GitHub's answer. `page` is the URL of the repository's list of issues.

    The link of the issue is built from `page`. The link in `data` is not used, because it could lead people to another
    site.
    """
    found = mapped(data)
    is_open = found.get("state") == "open"
    reason = str(found.get("state_reason") or "").replace("_", " ")
    return Remote(
        id=str(found["number"]),
        key=f"#{found['number']}",
        url=f"{page}/{quote(str(found['number']), safe='')}",
        is_open=is_open,
        status="open" if is_open else f"closed as {reason}" if reason else "closed",
        updated_at=moment(found["updated_at"]) if found.get("updated_at") else None,
    )


def _code(text: str) -> str:
    """Return a text from a customer as Markdown code, so that no part of it acts as markup or mentions a person."""
    return "`" + " ".join(text.replace("`", "'").split()) + "`"


def markdown(draft: Draft) -> str:
    """Return the text of an issue."""
    facts = "\n".join(f"- {label}: {_code(value)}" for label, value in draft.facts.items())
    items = "\n".join(f"- {_code(item)}" for item in draft.items)
    parts = [
        *draft.lines,
        facts,
        items,
        f"[Open in Surety]({draft.link})",
        f"Reference: {_code(draft.marker)}",
    ]
    return "\n\n".join(part for part in parts if part)


class GitHub:
    """The client of a GitHub server. The client signs in with a token."""

    def __init__(self, address: str, values: Mapping[str, str]) -> None:
        self._client = Client(
            address,
            {
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {values['token']}",
                "X-GitHub-Api-Version": "2022-11-28",
            },
            _reason,
        )
        parts = urlsplit(address)
        self._site = f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"

    def check(self, project: str) -> str:
        """Test the token. If `project` names a repository, also test the repository."""
        if not project:
            who = mapped(self._client.call("GET", "/user").data)
            return f"Signed in as {who.get('login', 'unknown')}."
        found = mapped(self._client.call("GET", f"/repos/{project}").data)
        if found.get("archived"):
            raise Rejected(f"The repository {project} is archived. Choose another repository.")
        if not found.get("has_issues", True):
            raise Rejected(f"Issues are disabled in {project}. Enable them in the repository’s settings.")
        return f"The token can read {project}, and issues are enabled there."

    def open(self, project: str, draft: Draft) -> Remote:
        body = {"title": draft.title, "body": markdown(draft)}
        return _remote(
            self._client.call("POST", f"/repos/{project}/issues", body=body).data, self._page(project)
        )

    def find(self, project: str, marker: str, since: datetime) -> Remote | None:
        """Look for the marker in all issues that changed after `since`, even if they fill more than
        `MAX_PAGES` pages.
        """
        while True:
            try:
                for issue in self._issues(project, since):
                    if marker in str(issue.get("body") or ""):
                        return _remote(issue, self._page(project))
            except MorePages as more:
                if more.reached is None or more.reached <= since:
                    raise
                since = more.reached
            else:
                return None

    def read(self, project: str, ticket: str) -> Remote:
        return _remote(
            self._client.call("GET", f"/repos/{project}/issues/{ticket}").data, self._page(project)
        )

    def set_open(self, project: str, ticket: str, *, is_open: bool) -> Remote:
        """Close an issue as completed, or reopen it."""
        body = {"state": "open" if is_open else "closed"}
        body["state_reason"] = "reopened" if is_open else "completed"
        return _remote(
            self._client.call("PATCH", f"/repos/{project}/issues/{ticket}", body=body).data,
            self._page(project),
        )

    def comment(self, project: str, ticket: str, text: str) -> None:
        self._client.call("POST", f"/repos/{project}/issues/{ticket}/comments", body={"body": text})

    def changed(self, project: str, since: datetime) -> Iterator[Remote]:
        for issue in self._issues(project, since):
            yield _remote(issue, self._page(project))

    def comments(self, project: str, ticket: str, since: datetime | None) -> Iterator[RemoteComment]:
        """Yield the comments that were written or changed after `since` (None for all)."""
        query: dict[str, object] = {"per_page": _PER_PAGE}
        if since is not None:
            query["since"] = _written(since)
        for one in self._rows(f"/repos/{project}/issues/{ticket}/comments", query, "created_at"):
            yield RemoteComment(
                id=str(one["id"]),
                author=str((one.get("user") or {}).get("login", "")),
                body=str(one.get("body") or ""),
                at=moment(one["created_at"]),
            )

    def _page(self, project: str) -> str:
        return f"{self._site}/{project}/issues"

    def _issues(self, project: str, since: datetime) -> Iterator[dict[str, Any]]:
        query = {
            "state": "all",
            "sort": "updated",
            "direction": "asc",
            "since": _written(since),
            "per_page": _PER_PAGE,
        }
        for issue in self._rows(f"/repos/{project}/issues", query, "updated_at"):
            # Leave out pull requests, which are in the list of issues too.
            if "pull_request" not in issue:
                yield issue

    def _rows(self, path: str, query: Mapping[str, object], time: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of all pages. The header Link has the URL of the next page. If this URL is outside of the API,
        the next page is not read.

        `time` is the field by which the rows are ordered. Raises MorePages after `MAX_PAGES` pages.
        """
        base = self._client.address.rstrip("/")
        following = f"{path}?{urlencode(query)}"
        last: dict[str, Any] = {}
        for _ in range(MAX_PAGES):
            reply = self._client.call("GET", following)
            for last in listed(reply.data):
                yield last
            found = _NEXT.search(reply.headers.get("link", ""))
            if found is None or not found[1].startswith(f"{base}/"):
                return
            following = found[1].removeprefix(base)
        raise MorePages(moment(last[time]) if last.get(time) else None)


GITHUB: Final = Connector(
    key="github",
    label="GitHub issues",
    address="https://api.github.com",
    address_help="The address of the API. For GitHub Enterprise Server, enter https://HOST/api/v3.",
    project="Repository",
    project_pattern=r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}",
    project_example="owner/repository",
    inputs=(
        Input(
            "token",
            "Token",
            "A fine-grained personal access token with the repository permission “Issues: Read and write”.",
            secret=True,
        ),
    ),
    settle_seconds=10,
    writes_per_minute=20,
    source="https://docs.github.com/en/rest/issues",
    connect=GitHub,
)
