from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.bulk_job_result_page import BulkJobResultPage
from ...models.list_bulk_job_results_fields_item import ListBulkJobResultsFieldsItem
from ...models.list_bulk_job_results_state_item import ListBulkJobResultsStateItem
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    customer: str,
    id: UUID,
    *,
    cursor: str | Unset = UNSET,
    fields: list[ListBulkJobResultsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    state: list[ListBulkJobResultsStateItem] | Unset = UNSET,
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
        "url": "/api/v1/customers/{customer}/bulk-jobs/{id}/results".format(
            customer=quote(str(customer), safe=""),
            id=quote(str(id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> BulkJobResultPage | Problem | None:
    if response.status_code == 200:
        response_200 = BulkJobResultPage.from_dict(response.json())

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
) -> Response[BulkJobResultPage | Problem]:
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
    fields: list[ListBulkJobResultsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    state: list[ListBulkJobResultsStateItem] | Unset = UNSET,
) -> Response[BulkJobResultPage | Problem]:
    """List the results of a bulk job

     One item for each selected finding, in the order of the ids of the findings.

    Args:
        customer (str):
        id (UUID):
        cursor (str | Unset):
        fields (list[ListBulkJobResultsFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.
        state (list[ListBulkJobResultsStateItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BulkJobResultPage | Problem]
    """

    kwargs = _get_kwargs(
        customer=customer,
        id=id,
        cursor=cursor,
        fields=fields,
        limit=limit,
        state=state,
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
    fields: list[ListBulkJobResultsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    state: list[ListBulkJobResultsStateItem] | Unset = UNSET,
) -> BulkJobResultPage | Problem | None:
    """List the results of a bulk job

     One item for each selected finding, in the order of the ids of the findings.

    Args:
        customer (str):
        id (UUID):
        cursor (str | Unset):
        fields (list[ListBulkJobResultsFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.
        state (list[ListBulkJobResultsStateItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BulkJobResultPage | Problem
    """

    return sync_detailed(
        customer=customer,
        id=id,
        client=client,
        cursor=cursor,
        fields=fields,
        limit=limit,
        state=state,
    ).parsed


async def asyncio_detailed(
    customer: str,
    id: UUID,
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    fields: list[ListBulkJobResultsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    state: list[ListBulkJobResultsStateItem] | Unset = UNSET,
) -> Response[BulkJobResultPage | Problem]:
    """List the results of a bulk job

     One item for each selected finding, in the order of the ids of the findings.

    Args:
        customer (str):
        id (UUID):
        cursor (str | Unset):
        fields (list[ListBulkJobResultsFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.
        state (list[ListBulkJobResultsStateItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BulkJobResultPage | Problem]
    """

    kwargs = _get_kwargs(
        customer=customer,
        id=id,
        cursor=cursor,
        fields=fields,
        limit=limit,
        state=state,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    customer: str,
    id: UUID,
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    fields: list[ListBulkJobResultsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    state: list[ListBulkJobResultsStateItem] | Unset = UNSET,
) -> BulkJobResultPage | Problem | None:
    """List the results of a bulk job

     One item for each selected finding, in the order of the ids of the findings.

    Args:
        customer (str):
        id (UUID):
        cursor (str | Unset):
        fields (list[ListBulkJobResultsFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.
        state (list[ListBulkJobResultsStateItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BulkJobResultPage | Problem
    """

    return (
        await asyncio_detailed(
            customer=customer,
            id=id,
            client=client,
            cursor=cursor,
            fields=fields,
            limit=limit,
            state=state,
        )
    ).parsed
