from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.failed_ticket_page import FailedTicketPage
from ...models.list_failed_tickets_fields_item import ListFailedTicketsFieldsItem
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    organization: str,
    *,
    cursor: str | Unset = UNSET,
    fields: list[ListFailedTicketsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["cursor"] = cursor

    json_fields: list[str] | Unset = UNSET
    if not isinstance(fields, Unset):
        json_fields = []
        for fields_item_data in fields:
            fields_item = fields_item_data.value
            json_fields.append(fields_item)

    params["fields"] = json_fields

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/organizations/{organization}/failed-tickets".format(
            organization=quote(str(organization), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> FailedTicketPage | Problem | None:
    if response.status_code == 200:
        response_200 = FailedTicketPage.from_dict(response.json())

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
) -> Response[FailedTicketPage | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    organization: str,
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    fields: list[ListFailedTicketsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
) -> Response[FailedTicketPage | Problem]:
    """List failed tickets

     The token needs the right `organization` for the whole organization.

    Args:
        organization (str):
        cursor (str | Unset):
        fields (list[ListFailedTicketsFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[FailedTicketPage | Problem]
    """

    kwargs = _get_kwargs(
        organization=organization,
        cursor=cursor,
        fields=fields,
        limit=limit,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    organization: str,
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    fields: list[ListFailedTicketsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
) -> FailedTicketPage | Problem | None:
    """List failed tickets

     The token needs the right `organization` for the whole organization.

    Args:
        organization (str):
        cursor (str | Unset):
        fields (list[ListFailedTicketsFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        FailedTicketPage | Problem
    """

    return sync_detailed(
        organization=organization,
        client=client,
        cursor=cursor,
        fields=fields,
        limit=limit,
    ).parsed


async def asyncio_detailed(
    organization: str,
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    fields: list[ListFailedTicketsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
) -> Response[FailedTicketPage | Problem]:
    """List failed tickets

     The token needs the right `organization` for the whole organization.

    Args:
        organization (str):
        cursor (str | Unset):
        fields (list[ListFailedTicketsFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[FailedTicketPage | Problem]
    """

    kwargs = _get_kwargs(
        organization=organization,
        cursor=cursor,
        fields=fields,
        limit=limit,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    organization: str,
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    fields: list[ListFailedTicketsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
) -> FailedTicketPage | Problem | None:
    """List failed tickets

     The token needs the right `organization` for the whole organization.

    Args:
        organization (str):
        cursor (str | Unset):
        fields (list[ListFailedTicketsFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        FailedTicketPage | Problem
    """

    return (
        await asyncio_detailed(
            organization=organization,
            client=client,
            cursor=cursor,
            fields=fields,
            limit=limit,
        )
    ).parsed
