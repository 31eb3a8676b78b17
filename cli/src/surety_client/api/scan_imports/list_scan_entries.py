from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.list_scan_entries_fields_item import ListScanEntriesFieldsItem
from ...models.list_scan_entries_match_item import ListScanEntriesMatchItem
from ...models.problem import Problem
from ...models.scan_entry_page import ScanEntryPage
from ...types import UNSET, Response, Unset


def _get_kwargs(
    customer: str,
    id: UUID,
    *,
    cursor: str | Unset = UNSET,
    fields: list[ListScanEntriesFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    match: list[ListScanEntriesMatchItem] | Unset = UNSET,
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

    json_match: list[str] | Unset = UNSET
    if not isinstance(match, Unset):
        json_match = []
        for match_item_data in match:
            match_item = match_item_data.value
            json_match.append(match_item)

    params["match"] = json_match

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/customers/{customer}/scan-imports/{id}/entries".format(
            customer=quote(str(customer), safe=""),
            id=quote(str(id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | ScanEntryPage | None:
    if response.status_code == 200:
        response_200 = ScanEntryPage.from_dict(response.json())

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
) -> Response[Problem | ScanEntryPage]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    customer: str,
    id: UUID,
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    fields: list[ListScanEntriesFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    match: list[ListScanEntriesMatchItem] | Unset = UNSET,
) -> Response[Problem | ScanEntryPage]:
    """List the machines of an imported scan

     The list has one item for each machine in the file. If no machine of the inventory matches, the item
    has the reason.

    Args:
        customer (str):
        id (UUID):
        cursor (str | Unset):
        fields (list[ListScanEntriesFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.
        match (list[ListScanEntriesMatchItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | ScanEntryPage]
    """

    kwargs = _get_kwargs(
        customer=customer,
        id=id,
        cursor=cursor,
        fields=fields,
        limit=limit,
        match=match,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    customer: str,
    id: UUID,
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    fields: list[ListScanEntriesFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    match: list[ListScanEntriesMatchItem] | Unset = UNSET,
) -> Problem | ScanEntryPage | None:
    """List the machines of an imported scan

     The list has one item for each machine in the file. If no machine of the inventory matches, the item
    has the reason.

    Args:
        customer (str):
        id (UUID):
        cursor (str | Unset):
        fields (list[ListScanEntriesFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.
        match (list[ListScanEntriesMatchItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | ScanEntryPage
    """

    return sync_detailed(
        customer=customer,
        id=id,
        client=client,
        cursor=cursor,
        fields=fields,
        limit=limit,
        match=match,
    ).parsed


async def asyncio_detailed(
    customer: str,
    id: UUID,
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    fields: list[ListScanEntriesFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    match: list[ListScanEntriesMatchItem] | Unset = UNSET,
) -> Response[Problem | ScanEntryPage]:
    """List the machines of an imported scan

     The list has one item for each machine in the file. If no machine of the inventory matches, the item
    has the reason.

    Args:
        customer (str):
        id (UUID):
        cursor (str | Unset):
        fields (list[ListScanEntriesFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.
        match (list[ListScanEntriesMatchItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | ScanEntryPage]
    """

    kwargs = _get_kwargs(
        customer=customer,
        id=id,
        cursor=cursor,
        fields=fields,
        limit=limit,
        match=match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    customer: str,
    id: UUID,
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    fields: list[ListScanEntriesFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    match: list[ListScanEntriesMatchItem] | Unset = UNSET,
) -> Problem | ScanEntryPage | None:
    """List the machines of an imported scan

     The list has one item for each machine in the file. If no machine of the inventory matches, the item
    has the reason.

    Args:
        customer (str):
        id (UUID):
        cursor (str | Unset):
        fields (list[ListScanEntriesFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.
        match (list[ListScanEntriesMatchItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | ScanEntryPage
    """

    return (
        await asyncio_detailed(
            customer=customer,
            id=id,
            client=client,
            cursor=cursor,
            fields=fields,
            limit=limit,
            match=match,
        )
    ).parsed
