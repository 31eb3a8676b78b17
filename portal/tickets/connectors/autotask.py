"""Autotask PSA tickets, by its REST API version 1.0.

Sources: Autotask's developer help (https://www.autotask.net/help/DeveloperHelp): the entities Tickets and TicketNotes,
basic query calls, the headers `ApiIntegrationCode`, `UserName` and `Secret`, and thresholds and limits (10,000 requests
in an hour). A request with invalid content is answered with 500 and a list of errors.

Surety finds its tickets by a marker (`Draft.marker`), which is stored as the external ID of the ticket. In each
database, the status 1 is “New” and the status 5 is “Complete”. A note has only the number of its author, not the name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlsplit

from portal.tickets.connectors.base import (
    MAX_PAGES,
    Connector,
    Draft,
    Input,
    Remote,
    RemoteComment,
    plain_text,
)
from portal.tickets.connectors.client import Client, listed, mapped, utc_moment
from portal.tickets.errors import Missing, MorePages, Rejected

_COMPLETE: Final = 5
_NEW: Final = 1
_DUE: Final = timedelta(days=30)
_PER_PAGE: Final = 100
# Surety writes general notes, and publishes them to everybody, including the customer.
_NOTE_TYPE: Final = 1
_PUBLISH: Final = 1


def _reason(data: Any) -> str:
    errors = mapped(data).get("errors")
    return "; ".join(str(error) for error in errors) if isinstance(errors, list) else ""


class Autotask:
    """The client of an Autotask database. The client signs in as an API user. `address` is the URL of the database's
    zone.
    """

    def __init__(self, address: str, values: Mapping[str, str]) -> None:
        headers = {
            "ApiIntegrationCode": values["integration_code"],
            "UserName": values["user"],
            "Secret": values["secret"],
        }
        self._client = Client(address, headers, _reason, rejects_with_500=True)
        self._site = f"https://{urlsplit(address).netloc.replace('webservices', 'ww')}"
        self._values = values

    def check(self, project: str) -> str:
        """Test whether the user can read tickets or, if `project` is given, the company with this number."""
        if not project:
            self._query("Tickets", [{"op": "eq", "field": "id", "value": 0}], 1)
            return "The user can read tickets."
        found = self._query("Companies", [{"op": "eq", "field": "id", "value": int(project)}], 1)
        if not found:
            raise Rejected(f"The API user can see no company with the number {project}.")
        return f"The user can read the company {found[0].get('companyName', project)}."

    def open(self, project: str, draft: Draft) -> Remote:
        """Create a ticket. Autotask's answer has only the id of the ticket, so the ticket is read afterwards."""
        due = datetime.now(UTC) + _DUE
        body = {
            "companyID": int(project),
            "title": draft.title[:255],
            "description": plain_text(draft),
            "status": _NEW,
            "priority": self._number("priority"),
            "queueID": self._number("queue"),
            "dueDateTime": due.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "externalID": draft.marker,
        }
        made = mapped(self._client.call("POST", "/Tickets", body=body).data)
        return self.read(project, str(made["itemId"]))

    def find(self, project: str, marker: str, since: datetime) -> Remote | None:
        """Search for the ticket by its external ID."""
        del project, since
        rows = self._query("Tickets", [{"op": "eq", "field": "externalID", "value": marker}], 1)
        return self._remote(rows[0]) if rows else None

    def read(self, project: str, ticket: str) -> Remote:
        """Read a ticket. For a ticket that does not exist, Autotask returns an empty item."""
        del project
        item = mapped(self._client.call("GET", f"/Tickets/{quote(ticket, safe='')}").data).get("item")
        if item is None:
            raise Missing("The ticket does not exist, or the API user has no access to it.")
        return self._remote(item)

    def set_open(self, project: str, ticket: str, *, is_open: bool) -> Remote:
        """Set the status “Complete” or “New”."""
        present = self.read(project, ticket)
        if present.is_open == is_open:
            return present
        body = {"id": int(ticket), "status": _NEW if is_open else _COMPLETE}
        self._client.call("PATCH", "/Tickets", body=body)
        return self.read(project, ticket)

    def comment(self, project: str, ticket: str, text: str) -> None:
        del project
        body = {"title": "Surety", "description": text, "noteType": _NOTE_TYPE, "publish": _PUBLISH}
        self._client.call("POST", f"/Tickets/{quote(ticket, safe='')}/Notes", body=body)

    def changed(self, project: str, since: datetime) -> Iterator[Remote]:
        """Search for changed tickets of the company with the number `project`."""
        written = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        conditions: list[dict[str, Any]] = [
            {"op": "eq", "field": "companyID", "value": int(project)},
            {"op": "beginsWith", "field": "externalID", "value": "surety-"},
            {"op": "gte", "field": "lastActivityDate", "value": written},
        ]
        rows, has_more = self._rows("Tickets", conditions, _PER_PAGE)
        yield from sorted(map(self._remote, rows), key=lambda one: one.updated_at or since)
        if has_more:
            # Pages are in the order of ids, not of changes. So the unread pages can contain earlier changes than the
            # pages that were read. There is no time up to which all changes were read, so pass None.
            raise MorePages(None)

    def comments(self, project: str, ticket: str, since: datetime | None) -> Iterator[RemoteComment]:
        """Yield the newest notes that are published to everybody, including the customer."""
        del project, since
        conditions = [{"op": "eq", "field": "ticketID", "value": int(ticket)}]
        rows, has_more = self._rows("TicketNotes", conditions, 500)
        for row in [row for row in rows if row.get("publish") == _PUBLISH][-_PER_PAGE:]:
            yield RemoteComment(
                id=str(row["id"]),
                author=f"Resource {row['creatorResourceID']}" if row.get("creatorResourceID") else "",
                body=str(row.get("description") or ""),
                at=utc_moment(row.get("createDateTime")),
            )
        if has_more:
            raise MorePages(None)

    def _rows(
        self, entity: str, conditions: list[dict[str, Any]], size: int
    ) -> tuple[list[dict[str, Any]], bool]:
        """Read at most `MAX_PAGES` pages of `size` rows; return the rows, and whether there are more.

        Results are in the order of the ids, so a page begins after the last id of the previous page.
        """
        rows: list[dict[str, Any]] = []
        for _ in range(MAX_PAGES):
            last = int(rows[-1]["id"]) if rows else 0
            page = self._query(entity, [*conditions, {"op": "gt", "field": "id", "value": last}], size)
            rows += page
            if len(page) < size:
                return rows, False
        return rows, True

    def _query(self, entity: str, conditions: list[dict[str, Any]], size: int) -> list[dict[str, Any]]:
        search = json.dumps({"MaxRecords": size, "filter": conditions})
        reply = self._client.call("GET", f"/{entity}/query", query={"search": search})
        return listed(mapped(reply.data).get("items", []))

    def _number(self, name: str) -> int:
        value = self._values[name]
        if not value.isdecimal():
            raise Rejected(f"Enter a number for the {name} of the ticket system.")
        return int(value)

    def _remote(self, data: Any) -> Remote:
        row = mapped(data)
        number, status = str(row["id"]), int(row.get("status") or 0)
        return Remote(
            id=number,
            key=str(row.get("ticketNumber") or number),
            url=f"{self._site}/Mvc/ServiceDesk/TicketDetail.mvc?ticketId={number}",
            is_open=status != _COMPLETE,
            status={_NEW: "New", _COMPLETE: "Complete"}.get(status, f"Status {status}"),
            updated_at=utc_moment(row["lastActivityDate"]) if row.get("lastActivityDate") else None,
        )


AUTOTASK: Final = Connector(
    key="autotask",
    label="Autotask PSA",
    address="",
    address_help="The API address of your Autotask zone, such as"
    " https://webservices2.autotask.net/ATServicesRest/V1.0.",
    project="Company number",
    project_pattern=r"[0-9]{1,10}",
    project_example="174",
    inputs=(
        Input("user", "API user", "The user name of a resource with the security level “API User”."),
        Input("secret", "Secret", "The secret (password) of the API user.", secret=True),
        Input(
            "integration_code",
            "Tracking identifier",
            "The tracking identifier that Autotask shows with the API user.",
        ),
        Input("queue", "Number of the queue"),
        Input("priority", "Number of the priority", initial="2"),
    ),
    settle_seconds=10,
    writes_per_minute=30,
    source="https://www.autotask.net/help/DeveloperHelp/Content/APIs/REST/REST_API_Home.htm",
    connect=Autotask,
)
