"""Jira Cloud, by version 3 of its REST API.

Sources: https://developer.atlassian.com/cloud/jira/platform/rest/v3/ (api-group-issues, api-group-issue-search,
api-group-issue-comments), https://developer.atlassian.com/cloud/jira/platform/rate-limiting/ (429 with Retry-After) and
https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/ (the format of texts).

Each issue gets two labels: its marker, and `surety`. The label `surety` is used to search for changed issues. The
search finds a new issue only after some time. So if the answer to the request that creates an issue was lost, Surety
waits before it searches for the issue. Statuses differ between projects. So any transition to the category “Done”
closes an issue, and any other transition reopens it.

The address of a site accepts only API tokens without scopes
(https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from math import ceil
from typing import Any, Final
from urllib.parse import quote

from portal.tickets.connectors.base import MAX_PAGES, Connector, Draft, Input, Remote, RemoteComment
from portal.tickets.connectors.client import Client, listed, mapped, moment
from portal.tickets.errors import MorePages, Rejected

LABEL: Final = "surety"
_FIELDS: Final = "status,updated,labels"
_PER_PAGE: Final = 100
_DONE: Final = "done"
_MAX_SUMMARY: Final = 255


def _reason(data: Any) -> str:
    found = mapped(data)
    texts = [str(text) for text in found.get("errorMessages") or []]
    errors = found.get("errors")
    if isinstance(errors, dict):
        texts += [f"{name}: {text}" for name, text in errors.items()]
    return "; ".join(texts) or str(found.get("message", ""))


def _text(text: str, *marks: str) -> dict[str, Any]:
    node: dict[str, Any] = {"type": "text", "text": text}
    return {**node, "marks": [{"type": mark} for mark in marks]} if marks else node


def _paragraph(*content: dict[str, Any]) -> dict[str, Any]:
    return {"type": "paragraph", "content": list(content)}


def _items(nodes: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return a bullet list in a Python list. Return [] if there are no nodes, because a bullet list without items would
    be invalid.
    """
    if not nodes:
        return []
    items = [{"type": "listItem", "content": [_paragraph(*content)]} for content in nodes]
    return [{"type": "bulletList", "content": items}]


def document(draft: Draft) -> dict[str, Any]:
    """Return the text of an issue in the Atlassian Document Format. Texts that come from customers are
    formatted as code.
    """
    link = {**_text("Open in Surety"), "marks": [{"type": "link", "attrs": {"href": draft.link}}]}
    content = [
        *(_paragraph(_text(line)) for line in draft.lines),
        *_items([[_text(f"{label}: "), _text(value or "-", "code")] for label, value in draft.facts.items()]),
        *_items([[_text(item or "-", "code")] for item in draft.items]),
        _paragraph(link),
        _paragraph(_text("Reference: "), _text(draft.marker, "code")),
    ]
    return {"type": "doc", "version": 1, "content": content}


def plain(node: Any) -> str:
    """Return the plain text of a document in the Atlassian Document Format. Levels deeper than 30 are left out."""
    return "\n".join(line for line in _plain(node, 30).split("\n") if line.strip())


def _plain(node: Any, depth: int) -> str:
    if not isinstance(node, dict) or not depth:
        return ""
    kind = node.get("type")
    if kind == "text":
        return str(node.get("text", ""))
    if kind == "hardBreak":
        return "\n"
    attributes = node.get("attrs")
    if kind in ("mention", "emoji", "inlineCard") and isinstance(attributes, dict):
        return str(attributes.get("text") or attributes.get("shortName") or attributes.get("url") or "")
    content = node.get("content")
    inner = "".join(_plain(one, depth - 1) for one in content) if isinstance(content, list) else ""
    return f"{inner}\n" if kind in ("paragraph", "heading", "codeBlock", "listItem", "blockquote") else inner


class Jira:
    """The client of a Jira site. The client signs in with the API token of an account."""

    def __init__(self, address: str, values: Mapping[str, str]) -> None:
        login = base64.b64encode(f"{values['email']}:{values['token']}".encode()).decode()
        self._client = Client(address, {"Authorization": f"Basic {login}"}, _reason)
        self._issue_type = values.get("issue_type") or "Task"

    def check(self, project: str) -> str:
        """Test the token. If a project is given, also test the project and the issue type."""
        who = mapped(self._client.call("GET", "/rest/api/3/myself").data).get("displayName", "unknown")
        if not project:
            return f"Signed in as {who}."
        found = mapped(self._client.call("GET", f"/rest/api/3/project/{quote(project, safe='')}").data)
        types = [str(one.get("name")) for one in listed(found.get("issueTypes", []))]
        if self._issue_type not in types:
            raise Rejected(
                f"The project {project} has no issue type “{self._issue_type}”. It has the issue types:"
                f" {', '.join(types)[:200]}."
            )
        return f"Signed in as {who}. The project {project} has the issue type “{self._issue_type}”."

    def open(self, project: str, draft: Draft) -> Remote:
        """Create an issue. Jira's answer has only the id and key of the issue. So the returned issue has no status, and
        is open because it is new.
        """
        fields = {
            "project": {"key": project},
            "issuetype": {"name": self._issue_type},
            "summary": draft.title[:_MAX_SUMMARY],
            "description": document(draft),
            "labels": [LABEL, draft.marker],
        }
        made = mapped(self._client.call("POST", "/rest/api/3/issue", body={"fields": fields}).data)
        return Remote(
            id=str(made["id"]),
            key=str(made["key"]),
            url=self._page(str(made["key"])),
            is_open=True,
            status="",
        )

    def find(self, project: str, marker: str, since: datetime) -> Remote | None:
        """Search for the issue by the label that is its marker."""
        del since
        return next(self._search(f'project = "{project}" AND labels = "{marker}" ORDER BY created ASC'), None)

    def read(self, project: str, ticket: str) -> Remote:
        del project
        query = {"fields": _FIELDS}
        return self._remote(self._client.call("GET", self._path(ticket), query=query).data)

    def set_open(self, project: str, ticket: str, *, is_open: bool) -> Remote:
        """Move the issue into a status of the category “Done”, or out of it."""
        present = self.read(project, ticket)
        if present.is_open == is_open:
            return present
        reply = self._client.call("GET", f"{self._path(ticket)}/transitions")
        for transition in listed(mapped(reply.data).get("transitions", [])):
            category = mapped(mapped(transition.get("to")).get("statusCategory")).get("key")
            if (category != _DONE) == is_open:
                body = {"transition": {"id": str(transition["id"])}}
                self._client.call("POST", f"{self._path(ticket)}/transitions", body=body)
                return self.read(project, ticket)
        wanted = "a status that is not “Done”" if is_open else "a status of the category “Done”"
        raise Rejected(
            f"The workflow of {present.key} offers the account of Surety no transition from “{present.status}” to"
            f" {wanted}. Add such a transition to the workflow, or permit this account to use an existing one."
        )

    def comment(self, project: str, ticket: str, text: str) -> None:
        del project
        paragraphs = [_paragraph(_text(line)) for line in text.split("\n") if line.strip()]
        body = {"body": {"type": "doc", "version": 1, "content": paragraphs}}
        self._client.call("POST", f"{self._path(ticket)}/comment", body=body)

    def changed(self, project: str, since: datetime) -> Iterator[Remote]:
        """Search for issues of Surety that changed. The query states a number of minutes, such as “in the last 7
        minutes”, because Jira reads an absolute time in the account's time zone.
        """
        minutes = max(1, ceil((datetime.now(UTC) - since).total_seconds() / 60))
        query = (
            f'project = "{project}" AND labels = "{LABEL}" AND updated >= "-{minutes}m" ORDER BY updated ASC'
        )
        yield from self._search(query)

    def comments(self, project: str, ticket: str, since: datetime | None) -> list[RemoteComment]:
        """Return the newest comments that are neither restricted to a role or group nor internal in a service desk."""
        del project, since
        query = {"orderBy": "-created", "maxResults": _PER_PAGE}
        reply = self._client.call("GET", f"{self._path(ticket)}/comment", query=query)
        found = listed(mapped(reply.data).get("comments", []))
        return [
            RemoteComment(
                id=str(one["id"]),
                author=str((one.get("author") or {}).get("displayName", "")),
                body=plain(one.get("body")),
                at=moment(one["created"]),
            )
            for one in reversed(found)
            if not one.get("visibility") and one.get("jsdPublic", True) is True
        ]

    def _search(self, jql: str) -> Iterator[Remote]:
        query: dict[str, object] = {"jql": jql, "fields": _FIELDS, "maxResults": _PER_PAGE}
        last: Remote | None = None
        for _ in range(MAX_PAGES):
            found = mapped(self._client.call("GET", "/rest/api/3/search/jql", query=query).data)
            for issue in listed(found.get("issues", [])):
                last = self._remote(issue)
                yield last
            following = found.get("nextPageToken")
            if not following:
                return
            query["nextPageToken"] = following
        raise MorePages(last.updated_at if last else None)

    def _remote(self, data: Any) -> Remote:
        found = mapped(data)
        fields = mapped(found.get("fields"))
        status = mapped(fields.get("status"))
        category = mapped(status.get("statusCategory")).get("key")
        return Remote(
            id=str(found["id"]),
            key=str(found["key"]),
            url=self._page(str(found["key"])),
            is_open=category != _DONE,
            status=str(status.get("name", "")),
            updated_at=moment(fields["updated"]) if fields.get("updated") else None,
        )

    def _path(self, ticket: str) -> str:
        return f"/rest/api/3/issue/{quote(ticket, safe='')}"

    def _page(self, key: str) -> str:
        return f"{self._client.address.rstrip('/')}/browse/{quote(key, safe='')}"


JIRA: Final = Connector(
    key="jira",
    label="Jira Cloud",
    address="",
    address_help="The address of your site, such as https://example.atlassian.net.",
    project="Project key",
    project_pattern=r"[A-Z][A-Z0-9_]{1,9}",
    project_example="OPS",
    inputs=(
        Input("email", "Account", "The email address of the account that opens the tickets."),
        Input(
            "token",
            "API token",
            "An API token without scopes. Create the token with this account at id.atlassian.com. The token expires"
            " after at most a year.",
            secret=True,
        ),
        Input("issue_type", "Issue type", "The name of the issue type in the projects.", initial="Task"),
    ),
    settle_seconds=300,
    writes_per_minute=30,
    source="https://developer.atlassian.com/cloud/jira/platform/rest/v3/",
    connect=Jira,
)
