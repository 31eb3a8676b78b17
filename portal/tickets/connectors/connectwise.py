"""ConnectWise PSA service tickets, by the REST API version 3.0 of the product formerly called Manage.

Sources: ConnectWise's developer documentation (https://developer.connectwise.com): service tickets, boards and
statuses, ticket notes, conditions, pagination, JSON Patch and the header `clientId`. Throttled requests get 429 with
Retry-After.

Surety finds its tickets by a marker (`Draft.marker`), which is stored as the external reference of the ticket
(`externalXRef`). Each board has its own statuses.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlsplit

from portal.tickets.connectors.base import (
    Connector,
    Draft,
    Input,
    Remote,
    RemoteComment,
    plain_text,
)
from portal.tickets.connectors.client import Client, listed, mapped, moment
from portal.tickets.connectors.pages import tickets_of_pages
from portal.tickets.errors import Rejected

_TICKETS: Final = "/service/tickets"
_PER_PAGE: Final = 100
_MAX_SUMMARY: Final = 100


def _reason(data: Any) -> str:
    found = mapped(data)
    errors = [error for error in found.get("errors") or [] if isinstance(error, dict)]
    texts = [str(found.get("message", ""))]
    texts += [f"{error.get('field', '')}: {error.get('message', '')}".strip(": ") for error in errors]
    return "; ".join(text for text in texts if text)


class ConnectWise:
    """The client of a ConnectWise server. The client signs in with the keys of an API member."""

    def __init__(self, address: str, values: Mapping[str, str]) -> None:
        login = f"{values['company']}+{values['public_key']}:{values['private_key']}"
        headers = {
            "Authorization": f"Basic {base64.b64encode(login.encode()).decode()}",
            "clientId": values["client_id"],
            "Accept": "application/vnd.connectwise.com+json; version=2022.1",
        }
        self._client = Client(address, headers, _reason)
        self._site = f"https://{urlsplit(address).netloc.removeprefix('api-')}"

    def check(self, project: str) -> str:
        """Test whether the keys can read boards or, if `project` is given, the board and the company that it names."""
        if not project:
            self._rows("/service/boards", "", 1)
            return "The keys can read service boards."
        board, company = project.split("/", 1)
        for path, name, value, noun in (
            ("/service/boards", "name", board, "board"),
            ("/company/companies", "identifier", company, "company"),
        ):
            if not self._rows(path, f'{name}="{value}"', 1):
                raise Rejected(
                    f"The keys can see no {noun} “{value}”. Enter the name of a board and the ID of a company."
                )
        return f"The keys can read the board {board} and the company {company}."

    def open(self, project: str, draft: Draft) -> Remote:
        """Create a ticket on the board, for the company."""
        board, company = project.split("/", 1)
        body = {
            "summary": draft.title[:_MAX_SUMMARY],
            "board": {"name": board},
            "company": {"identifier": company},
            "initialDescription": plain_text(draft),
            "externalXRef": draft.marker,
        }
        return self._remote(self._client.call("POST", _TICKETS, body=body).data)

    def find(self, project: str, marker: str, since: datetime) -> Remote | None:
        """Search for the ticket by its external reference."""
        del project, since
        rows = self._rows(_TICKETS, f'externalXRef="{marker}"', 1)
        return self._remote(rows[0]) if rows else None

    def read(self, project: str, ticket: str) -> Remote:
        del project
        return self._remote(self._client.call("GET", self._path(ticket)).data)

    def set_open(self, project: str, ticket: str, *, is_open: bool) -> Remote:
        """Open or close the ticket.

        To open the ticket, use the open status that is the board's default, or else the first open status. To close the
        ticket, choose among the closed statuses in the same way.
        """
        del project
        row = mapped(self._client.call("GET", self._path(ticket)).data)
        if self._remote(row).is_open == is_open:
            return self._remote(row)
        board = mapped(row.get("board"))
        statuses = self._rows(f"/service/boards/{board['id']}/statuses", "inactive=false", _PER_PAGE)
        fitting = [one for one in statuses if bool(one.get("closedStatus")) != is_open]
        if not fitting:
            kind = "open" if is_open else "closed"
            raise Rejected(
                f"The board {board.get('name', '')} has no {kind} status. Add such a status to the board."
            )
        chosen = next((one for one in fitting if one.get("defaultFlag")), fitting[0])
        body = [{"op": "replace", "path": "status", "value": {"id": chosen["id"]}}]
        return self._remote(self._client.call("PATCH", self._path(ticket), body=body).data)

    def comment(self, project: str, ticket: str, text: str) -> None:
        """Add a note to the ticket's discussion."""
        del project
        body = {"text": text, "detailDescriptionFlag": True}
        self._client.call("POST", f"{self._path(ticket)}/notes", body=body)

    def changed(self, project: str, since: datetime) -> Iterator[Remote]:
        """Search all boards for changed tickets of Surety, because people may move tickets to another board."""
        del project
        written = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        conditions = f'externalXRef like "surety-%" and lastUpdated>=[{written}]'

        def read(number: int) -> list[dict[str, Any]]:
            return self._rows(_TICKETS, conditions, _PER_PAGE, order="lastUpdated asc", page=number + 1)

        yield from tickets_of_pages(read, self._remote, _PER_PAGE)

    def comments(self, project: str, ticket: str, since: datetime | None) -> list[RemoteComment]:
        """Return the newest notes of the discussion, without internal ones."""
        del project, since
        rows = self._rows(f"{self._path(ticket)}/notes", "", _PER_PAGE, order="id desc")
        return [
            RemoteComment(
                id=str(row["id"]),
                author=str(
                    (row.get("member") or row.get("contact") or {}).get("name") or row.get("createdBy", "")
                ),
                body=str(row.get("text") or ""),
                at=moment(row["dateCreated"]),
            )
            for row in reversed(rows)
            if row.get("internalAnalysisFlag") is False
        ]

    def _rows(
        self, path: str, conditions: str, size: int, *, order: str = "", page: int = 1
    ) -> list[dict[str, Any]]:
        query = {"conditions": conditions, "orderBy": order, "pageSize": size, "page": page}
        return listed(
            self._client.call("GET", path, query={name: value for name, value in query.items() if value}).data
        )

    def _remote(self, data: Any) -> Remote:
        row = mapped(data)
        number = str(row["id"])
        updated = (row.get("_info") or {}).get("lastUpdated")
        return Remote(
            id=number,
            key=f"#{number}",
            url=f"{self._site}/v4_6_release/services/system_io/Service/fv_sr100_request.rails?service_recid={number}",
            is_open=not row.get("closedFlag", False),
            status=str((row.get("status") or {}).get("name", "")),
            updated_at=moment(updated) if updated else None,
        )

    def _path(self, ticket: str) -> str:
        return f"{_TICKETS}/{quote(ticket, safe='')}"


CONNECTWISE: Final = Connector(
    key="connectwise",
    label="ConnectWise PSA",
    address="https://api-na.myconnectwise.net/v4_6_release/apis/3.0",
    address_help="The address of the API of your region or server.",
    project="Board and company",
    project_pattern=r"""[^/"\\\x00-\x1f]{1,50}/[^/"\\\x00-\x1f]{1,25}""",
    project_example="Service Board/ContosoLtd",
    inputs=(
        Input("company", "Company of the login", "The company ID that you sign in with."),
        Input(
            "client_id",
            "Client ID",
            "The client ID that you created at developer.connectwise.com for your organization.",
        ),
        Input("public_key", "Public key", "The public key of an API member."),
        Input("private_key", "Private key", "The private key of the same API member.", secret=True),
    ),
    settle_seconds=10,
    writes_per_minute=30,
    source="https://developer.connectwise.com/Products/ConnectWise_PSA/REST",
    connect=ConnectWise,
)
