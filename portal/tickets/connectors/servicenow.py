"""ServiceNow incidents, by the Table API.

Sources: ServiceNow's documentation of the Table API (`/api/now/table/{table}`), of encoded queries, and of inbound REST
API rate limiting (429 with Retry-After; each instance has its own limits).

Surety finds its incidents by a marker (`Draft.marker`), which is stored as the correlation ID of the incident.
Incidents with the state 6 (resolved), 7 (closed) or 8 (cancelled) count as closed. ServiceNow resolves an incident only
with notes and a resolution code, and the codes differ between instances. The search for changes uses a relative time,
because times in queries are in the account's time zone.

Comments are in the table `sys_journal_field`, which has its own access controls. If the account may not read rows of
this table, ServiceNow answers 200 with an empty list (https://github.com/rapid7/insightconnect-plugins/pull/4061).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from math import ceil
from typing import Any, Final
from urllib.parse import quote

from portal.tickets.connectors.base import (
    Connector,
    Draft,
    Input,
    Remote,
    RemoteComment,
    plain_text,
)
from portal.tickets.connectors.client import UNKNOWN_TIME, Client, listed, mapped
from portal.tickets.connectors.pages import tickets_of_pages
from portal.tickets.errors import Missing, Rejected, Unavailable

ORIGIN: Final = "Surety"
_TABLE: Final = "/api/now/table/incident"
_JOURNAL: Final = "/api/now/table/sys_journal_field"
_NO_COMMENTS: Final = (
    " The account sees no comments, so Surety cannot read them. If incidents of this instance have comments, allow"
    " a role of the account to read the table sys_journal_field."
)
_FIELDS: Final = "sys_id,number,state,sys_updated_on"
_STATES: Final = {
    "1": "New",
    "2": "In progress",
    "3": "On hold",
    "6": "Resolved",
    "7": "Closed",
    "8": "Cancelled",
}
_CLOSED: Final = ("6", "7", "8")
_PER_PAGE: Final = 100


def _reason(data: Any) -> str:
    error = mapped(data).get("error")
    if not isinstance(error, dict):
        return ""
    return "; ".join(str(error[key]) for key in ("message", "detail") if error.get(key))


def _moment(text: Any) -> datetime:
    """Parse a time from the API, which writes times in UTC."""
    try:
        return datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        raise Unavailable(UNKNOWN_TIME) from None


class ServiceNow:
    """The client of a ServiceNow instance. Each request contains the user name and password of an account."""

    def __init__(self, address: str, values: Mapping[str, str]) -> None:
        login = base64.b64encode(f"{values['user']}:{values['password']}".encode()).decode()
        self._client = Client(address, {"Authorization": f"Basic {login}"}, _reason)
        self._code = values["close_code"]
        self._has_tried_comments = False

    def check(self, project: str) -> str:
        """Test the account. If `project` names a group, also test the group.

        The first call of this method also tests whether the account can see comments. If it cannot, the result says so.
        """
        self._rows(_TABLE, "", 1)
        note = "" if self._has_tried_comments or self._sees_comments() else _NO_COMMENTS
        self._has_tried_comments = True
        if not project:
            return f"The account can read incidents.{note}"
        if not self._rows("/api/now/table/sys_user_group", f"name={project}", 1, "name"):
            raise Rejected(
                f"The account can see no group “{project}”. Enter the name of an assignment group."
            )
        return f"The account can read incidents and the group {project}.{note}"

    def open(self, project: str, draft: Draft) -> Remote:
        """Create an incident for the group."""
        body = {
            "short_description": draft.title[:160],
            "description": plain_text(draft),
            "assignment_group": project,
            "correlation_id": draft.marker,
            "correlation_display": ORIGIN,
        }
        # With `sysparm_input_display_value`, a group is set by its name instead of its id.
        query = {"sysparm_input_display_value": "true", "sysparm_fields": _FIELDS}
        return self._remote(self._client.call("POST", _TABLE, query=query, body=body).data)

    def find(self, project: str, marker: str, since: datetime) -> Remote | None:
        """Search for the incident by its correlation ID."""
        del project, since
        rows = self._rows(_TABLE, f"correlation_id={marker}", 1)
        return self._remote({"result": rows[0]}) if rows else None

    def read(self, project: str, ticket: str) -> Remote:
        del project
        query = {"sysparm_fields": _FIELDS}
        return self._remote(self._client.call("GET", self._path(ticket), query=query).data)

    def set_open(self, project: str, ticket: str, *, is_open: bool) -> Remote:
        """Resolve the incident, or set its state back to “In Progress”."""
        present = self.read(project, ticket)
        if present.is_open == is_open:
            return present
        notes = "Resolved by Surety"
        body = {"state": "2"} if is_open else {"state": "6", "close_code": self._code, "close_notes": notes}
        query = {"sysparm_fields": _FIELDS}
        return self._remote(self._client.call("PATCH", self._path(ticket), query=query, body=body).data)

    def comment(self, project: str, ticket: str, text: str) -> None:
        del project
        self._client.call(
            "PATCH", self._path(ticket), query={"sysparm_fields": "sys_id"}, body={"comments": text}
        )

    def changed(self, project: str, since: datetime) -> Iterator[Remote]:
        """Search for incidents of Surety that changed, in all groups, because people may assign an incident to another
        group.
        """
        del project
        minutes = max(1, ceil((datetime.now(UTC) - since).total_seconds() / 60))
        query = f"correlation_display={ORIGIN}^sys_updated_onRELATIVEGT@minute@ago@{minutes}^ORDERBYsys_updated_on"

        def read(number: int) -> list[dict[str, Any]]:
            return self._rows(_TABLE, query, _PER_PAGE, offset=number * _PER_PAGE)

        yield from tickets_of_pages(read, lambda row: self._remote({"result": row}), _PER_PAGE)

    def comments(self, project: str, ticket: str, since: datetime | None) -> list[RemoteComment]:
        """Return the newest comments."""
        del project, since
        query = f"name=incident^element=comments^element_id={ticket}^ORDERBYDESCsys_created_on"
        fields = "sys_id,value,sys_created_by,sys_created_on"
        rows = self._rows(_JOURNAL, query, _PER_PAGE, fields)
        return [
            RemoteComment(
                id=str(row["sys_id"]),
                author=str(row.get("sys_created_by", "")),
                body=str(row.get("value", "")),
                at=_moment(row["sys_created_on"]),
            )
            for row in reversed(rows)
        ]

    def _sees_comments(self) -> bool:
        try:
            return bool(self._rows(_JOURNAL, "name=incident^element=comments", 1, "sys_id"))
        except (Missing, Rejected):
            return False

    def _rows(
        self, path: str, query: str, limit: int, fields: str = _FIELDS, *, offset: int = 0
    ) -> list[dict[str, Any]]:
        asked = {
            "sysparm_query": query,
            "sysparm_fields": fields,
            "sysparm_limit": limit,
            "sysparm_offset": offset,
        }
        return listed(mapped(self._client.call("GET", path, query=asked).data).get("result", []))

    def _remote(self, data: Any) -> Remote:
        row = mapped(mapped(data).get("result"))
        state = str(row.get("state", ""))
        ticket = str(row["sys_id"])
        return Remote(
            id=ticket,
            key=str(row["number"]),
            url=f"{self._client.address.rstrip('/')}/incident.do?sys_id={quote(ticket, safe='')}",
            is_open=state not in _CLOSED,
            status=_STATES.get(state, f"State {state}"),
            updated_at=_moment(row["sys_updated_on"]) if row.get("sys_updated_on") else None,
        )

    def _path(self, ticket: str) -> str:
        return f"{_TABLE}/{quote(ticket, safe='')}"


SERVICENOW: Final = Connector(
    key="servicenow",
    label="ServiceNow",
    address="",
    address_help="The address of your instance, such as https://example.service-now.com.",
    project="Assignment group",
    project_pattern=r"(?! )[A-Za-z0-9 ._&()+-]{1,80}(?<! )",
    project_example="Service Desk",
    inputs=(
        Input(
            "user", "Account", "The user name of an account that has the role itil and that only Surety uses."
        ),
        Input("password", "Password", secret=True),
        Input(
            "close_code",
            "Resolution code",
            "A resolution code of your instance. Surety sets this code when it resolves an incident.",
            initial="Solution provided",
        ),
    ),
    settle_seconds=10,
    writes_per_minute=30,
    source="https://www.servicenow.com/docs/bundle/zurich-api-reference/page/integrate/inbound-rest/concept/c_TableAPI.html",
    connect=ServiceNow,
)
