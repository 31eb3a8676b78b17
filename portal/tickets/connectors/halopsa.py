"""HaloPSA tickets, by its REST API.

Sources: the API documentation of HaloPSA (https://halopsa.com/apidoc, and the Swagger document of each instance):

- sign-in with OAuth 2.0 client credentials at `/auth/token`
- `/api/Tickets` and `/api/Actions`, whose request bodies are lists
- the parameters `pageinate`, `page_size`, `page_no` and `lastupdatefromdate`
- 429 for requests over the limit (about 700 in five minutes)

Surety finds its tickets by a marker (`Draft.marker`) in the details of the ticket. The search also finds tickets that
contain the marker elsewhere, so the details of each result are read. Status 9 is “Closed” in every instance. The
numbers of other statuses differ. HaloPSA calls a customer “client”.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
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
from portal.tickets.connectors.client import Client, listed, mapped, utc_moment
from portal.tickets.connectors.pages import tickets_of_pages
from portal.tickets.errors import CredentialsRefused, Rejected

_PER_PAGE: Final = 100
_NOTE: Final = "Surety"


def _reason(data: Any) -> str:
    if isinstance(data, str):
        return data
    found = mapped(data)
    names = ("error", "error_description", "message", "Message", "title")
    return "; ".join(str(found[name]) for name in names if found.get(name))


class Halo:
    """The connection to a HaloPSA instance, signed in as an API application. The access token is fetched before the
    first request.
    """

    def __init__(self, address: str, values: Mapping[str, str]) -> None:
        self._address, self._values = address, values
        self._signed_in: Client | None = None
        self._closed = values["closed_status"]

    def check(self, project: str) -> str:
        """Test whether the application can read tickets or, if `project` is given, the customer with this number."""
        if not project:
            self._client.call(
                "GET", "/api/Tickets", query={"pageinate": "true", "page_size": 1, "page_no": 1}
            )
            return "The application can read tickets."
        found = mapped(self._client.call("GET", f"/api/Client/{quote(project, safe='')}").data)
        return f"The application can read the client {found.get('name', project)}."

    def open(self, project: str, draft: Draft) -> Remote:
        """Create a ticket of the customer with the number `project`."""
        ticket = {
            "summary": draft.title[:255],
            "details": plain_text(draft),
            "client_id": int(project),
            "tickettype_id": self._number("ticket_type"),
        }
        return self._remote(self._client.call("POST", "/api/Tickets", body=[ticket]).data)

    def find(self, project: str, marker: str, since: datetime) -> Remote | None:
        """Search for the marker. Return the first result whose details contain the marker."""
        del since
        query = {"search": marker, "client_id": project, "pageinate": "true", "page_size": 20, "page_no": 1}
        found = mapped(self._client.call("GET", "/api/Tickets", query=query).data)
        for row in listed(found.get("tickets", [])):
            whole = self._read(str(row["id"]))
            if marker in str(whole.get("details") or ""):
                return self._remote(whole)
        return None

    def read(self, project: str, ticket: str) -> Remote:
        del project
        return self._remote(self._read(ticket))

    def set_open(self, project: str, ticket: str, *, is_open: bool) -> Remote:
        """Set the status that the administrator chose for closed or for reopened tickets."""
        present = self.read(project, ticket)
        if present.is_open == is_open:
            return present
        status = self._number("open_status" if is_open else "closed_status")
        self._client.call("POST", "/api/Tickets", body=[{"id": int(ticket), "status_id": status}])
        changed = self.read(project, ticket)
        if changed.is_open != is_open:
            raise Rejected(
                "HaloPSA did not change the status of the ticket. Check the numbers of the statuses."
            )
        return changed

    def comment(self, project: str, ticket: str, text: str) -> None:
        """Add an action with a note that the end user does not see."""
        del project
        action = {"ticket_id": int(ticket), "outcome": _NOTE, "note": text, "hiddenfromuser": True}
        self._client.call("POST", "/api/Actions", body=[action])

    def changed(self, project: str, since: datetime) -> Iterator[Remote]:
        """List the changed tickets of the customer with the number `project`."""
        query: dict[str, object] = {
            "client_id": project,
            "lastupdatefromdate": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "pageinate": "true",
            "page_size": _PER_PAGE,
            "order": "lastupdate",
            "orderdesc": "false",
        }

        def read(number: int) -> list[dict[str, Any]]:
            reply = self._client.call("GET", "/api/Tickets", query={**query, "page_no": number + 1})
            return listed(mapped(reply.data).get("tickets", []))

        yield from tickets_of_pages(read, self._remote, _PER_PAGE)

    def comments(self, project: str, ticket: str, since: datetime | None) -> list[RemoteComment]:
        """Return the newest actions that have a note and that the end user sees."""
        del project, since
        query = {"ticket_id": ticket, "count": _PER_PAGE, "excludesys": "true"}
        rows = listed(mapped(self._client.call("GET", "/api/Actions", query=query).data).get("actions", []))
        found = [
            RemoteComment(
                id=f"{ticket}-{row['id']}",
                author=str(row.get("who") or ""),
                body=str(row["note"]),
                at=utc_moment(row.get("datetime")),
            )
            for row in rows
            if row.get("note") and row.get("hiddenfromuser") is False
        ]
        return sorted(found, key=lambda one: one.at)

    @property
    def _client(self) -> Client:
        if self._signed_in is None:
            form = {
                "grant_type": "client_credentials",
                "client_id": self._values["client_id"],
                "client_secret": self._values["client_secret"],
                "scope": "all",
            }
            try:
                data = mapped(Client(self._address, {}, _reason).call("POST", "/auth/token", form=form).data)
            except Rejected as error:
                # A refused request to the token endpoint means wrong credentials. OAuth 2.0 answers wrong credentials
                # with 400 (RFC 6749, 5.2).
                raise CredentialsRefused(
                    f"The ticket system refused the credentials. Enter valid credentials. {error.message}"
                ) from error
            headers = {"Authorization": f"Bearer {data.get('access_token', '')}"}
            self._signed_in = Client(self._address, headers, _reason)
        return self._signed_in

    def _number(self, name: str) -> int:
        value = self._values[name]
        if not value.isdecimal():
            raise Rejected(f"Enter a number for the {name.replace('_', ' ')} of the ticket system.")
        return int(value)

    def _read(self, ticket: str) -> dict[str, Any]:
        query = {"includedetails": "true"}
        return mapped(self._client.call("GET", f"/api/Tickets/{quote(ticket, safe='')}", query=query).data)

    def _remote(self, data: Any) -> Remote:
        # The request that creates a ticket contains a list of one ticket, so its answer can be a list, too.
        row = mapped(data[0] if isinstance(data, list) and data else data)
        number, status = str(row["id"]), str(row.get("status_id", ""))
        updated = row.get("last_update") or row.get("lastactiondate")
        return Remote(
            id=number,
            key=f"#{number}",
            url=f"{self._address.rstrip('/')}/tickets?id={number}",
            is_open=status != self._closed,
            status="Closed" if status == self._closed else f"Status {status}" if status else "",
            updated_at=utc_moment(updated) if updated else None,
        )


HALOPSA: Final = Connector(
    key="halopsa",
    label="HaloPSA",
    address="",
    address_help="The address of your instance, such as https://example.halopsa.com.",
    project="Client number",
    project_pattern=r"[1-9][0-9]{0,8}",
    project_example="12",
    inputs=(
        Input(
            "client_id",
            "Client ID",
            "The client ID of an API application with the method “Client ID and Secret”.",
        ),
        Input("client_secret", "Client secret", "The client secret of the same application.", secret=True),
        Input(
            "ticket_type",
            "Number of the ticket type",
            "The number of the ticket type, which HaloPSA shows in the configuration of ticket types.",
            initial="1",
        ),
        Input("closed_status", "Number of the closed status", initial="9"),
        Input("open_status", "Number of the status for reopened tickets", initial="1"),
    ),
    settle_seconds=60,
    writes_per_minute=20,
    source="https://halopsa.com/apidoc/",
    connect=Halo,
)
