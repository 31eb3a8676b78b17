from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.list_tickets_fields_item import ListTicketsFieldsItem
from ...models.list_tickets_kind_item import ListTicketsKindItem
from ...models.list_tickets_state_item import ListTicketsStateItem
from ...models.problem import Problem
from ...models.ticket_page import TicketPage
from ...types import UNSET, Response, Unset


def _get_kwargs(
    customer: str,
    *,
    control: list[str] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListTicketsFieldsItem] | Unset = UNSET,
    finding: list[str] | Unset = UNSET,
    kind: list[ListTicketsKindItem] | Unset = UNSET,
    limit: int | Unset = 100,
    state: list[ListTicketsStateItem] | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_control: list[str] | Unset = UNSET
    if not isinstance(control, Unset):
        json_control = control

    params["control"] = json_control

    params["cursor"] = cursor

    json_fields: list[str] | Unset = UNSET
    if not isinstance(fields, Unset):
        json_fields = []
        for fields_item_data in fields:
            fields_item = fields_item_data.value
            json_fields.append(fields_item)

    params["fields"] = json_fields

    json_finding: list[str] | Unset = UNSET
    if not isinstance(finding, Unset):
        json_finding = finding

    params["finding"] = json_finding

    json_kind: list[str] | Unset = UNSET
    if not isinstance(kind, Unset):
        json_kind = []
        for kind_item_data in kind:
            kind_item = kind_item_data.value
            json_kind.append(kind_item)

    params["kind"] = json_kind

    params["limit"] = limit

    json_state: list[str] | Unset = UNSET
    if not isinstance(state, Unset):
        json_state = []
        for state_item_data in state:
            state_item = state_item_data.value
            json_state.append(state_item)

    params["state"] = json_state

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/customers/{customer}/tickets".format(
            customer=quote(str(customer), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | TicketPage | None:
    if response.status_code == 200:
        response_200 = TicketPage.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Problem.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

    if response.status_code == 429:
        response_429 = Problem.from_dict(response.json())

        return response_429

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Problem | TicketPage]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    customer: str,
    *,
    client: AuthenticatedClient,
    control: list[str] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListTicketsFieldsItem] | Unset = UNSET,
    finding: list[str] | Unset = UNSET,
    kind: list[ListTicketsKindItem] | Unset = UNSET,
    limit: int | Unset = 100,
    state: list[ListTicketsStateItem] | Unset = UNSET,
) -> Response[Problem | TicketPage]:
    """List tickets

     The list contains the tickets that Surety opened for the customer. The oldest tickets come first.
    Owners see a ticket only if it is about a single finding that they own. Comments are only in the
    answer for a single ticket.

    Args:
        customer (str):
        control (list[str] | Unset):
        cursor (str | Unset):
        fields (list[ListTicketsFieldsItem] | Unset):
        finding (list[str] | Unset):
        kind (list[ListTicketsKindItem] | Unset):
        limit (int | Unset):  Default: 100.
        state (list[ListTicketsStateItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | TicketPage]
    """

    kwargs = _get_kwargs(
        customer=customer,
        control=control,
        cursor=cursor,
        fields=fields,
        finding=finding,
        kind=kind,
        limit=limit,
        state=state,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    customer: str,
    *,
    client: AuthenticatedClient,
    control: list[str] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListTicketsFieldsItem] | Unset = UNSET,
    finding: list[str] | Unset = UNSET,
    kind: list[ListTicketsKindItem] | Unset = UNSET,
    limit: int | Unset = 100,
    state: list[ListTicketsStateItem] | Unset = UNSET,
) -> Problem | TicketPage | None:
    """List tickets

     The list contains the tickets that Surety opened for the customer. The oldest tickets come first.
    Owners see a ticket only if it is about a single finding that they own. Comments are only in the
    answer for a single ticket.

    Args:
        customer (str):
        control (list[str] | Unset):
        cursor (str | Unset):
        fields (list[ListTicketsFieldsItem] | Unset):
        finding (list[str] | Unset):
        kind (list[ListTicketsKindItem] | Unset):
        limit (int | Unset):  Default: 100.
        state (list[ListTicketsStateItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | TicketPage
    """

    return sync_detailed(
        customer=customer,
        client=client,
        control=control,
        cursor=cursor,
        fields=fields,
        finding=finding,
        kind=kind,
        limit=limit,
        state=state,
    ).parsed


async def asyncio_detailed(
    customer: str,
    *,
    client: AuthenticatedClient,
    control: list[str] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListTicketsFieldsItem] | Unset = UNSET,
    finding: list[str] | Unset = UNSET,
    kind: list[ListTicketsKindItem] | Unset = UNSET,
    limit: int | Unset = 100,
    state: list[ListTicketsStateItem] | Unset = UNSET,
) -> Response[Problem | TicketPage]:
    """List tickets

     The list contains the tickets that Surety opened for the customer. The oldest tickets come first.
    Owners see a ticket only if it is about a single finding that they own. Comments are only in the
    answer for a single ticket.

    Args:
        customer (str):
        control (list[str] | Unset):
        cursor (str | Unset):
        fields (list[ListTicketsFieldsItem] | Unset):
        finding (list[str] | Unset):
        kind (list[ListTicketsKindItem] | Unset):
        limit (int | Unset):  Default: 100.
        state (list[ListTicketsStateItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | TicketPage]
    """

    kwargs = _get_kwargs(
        customer=customer,
        control=control,
        cursor=cursor,
        fields=fields,
        finding=finding,
        kind=kind,
        limit=limit,
        state=state,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    customer: str,
    *,
    client: AuthenticatedClient,
    control: list[str] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListTicketsFieldsItem] | Unset = UNSET,
    finding: list[str] | Unset = UNSET,
    kind: list[ListTicketsKindItem] | Unset = UNSET,
    limit: int | Unset = 100,
    state: list[ListTicketsStateItem] | Unset = UNSET,
) -> Problem | TicketPage | None:
    """List tickets

     The list contains the tickets that Surety opened for the customer. The oldest tickets come first.
    Owners see a ticket only if it is about a single finding that they own. Comments are only in the
    answer for a single ticket.

    Args:
        customer (str):
        control (list[str] | Unset):
        cursor (str | Unset):
        fields (list[ListTicketsFieldsItem] | Unset):
        finding (list[str] | Unset):
        kind (list[ListTicketsKindItem] | Unset):
        limit (int | Unset):  Default: 100.
        state (list[ListTicketsStateItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | TicketPage
    """

    return (
        await asyncio_detailed(
            customer=customer,
            client=client,
            control=control,
            cursor=cursor,
            fields=fields,
            finding=finding,
            kind=kind,
            limit=limit,
            state=state,
        )
    ).parsed
