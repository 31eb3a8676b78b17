from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.bulk_job import BulkJob
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    customer: str,
    id: UUID,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/customers/{customer}/bulk-jobs/{id}/undo".format(
            customer=quote(str(customer), safe=""),
            id=quote(str(id), safe=""),
        ),
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> BulkJob | Problem | None:
    if response.status_code == 200:
        response_200 = BulkJob.from_dict(response.json())

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

    if response.status_code == 409:
        response_409 = Problem.from_dict(response.json())

        return response_409

    if response.status_code == 413:
        response_413 = Problem.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = Problem.from_dict(response.json())

        return response_415

    if response.status_code == 429:
        response_429 = Problem.from_dict(response.json())

        return response_429

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[BulkJob | Problem]:
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
) -> Response[BulkJob | Problem]:
    """Undo a bulk job

     Restores the values that the findings had before the job. Findings that have changed since the job
    keep their values. Only the person or service account that started a job can undo it, within 30
    minutes after its last step.

    Args:
        customer (str):
        id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BulkJob | Problem]
    """

    kwargs = _get_kwargs(
        customer=customer,
        id=id,
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
) -> BulkJob | Problem | None:
    """Undo a bulk job

     Restores the values that the findings had before the job. Findings that have changed since the job
    keep their values. Only the person or service account that started a job can undo it, within 30
    minutes after its last step.

    Args:
        customer (str):
        id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BulkJob | Problem
    """

    return sync_detailed(
        customer=customer,
        id=id,
        client=client,
    ).parsed


async def asyncio_detailed(
    customer: str,
    id: UUID,
    *,
    client: AuthenticatedClient,
) -> Response[BulkJob | Problem]:
    """Undo a bulk job

     Restores the values that the findings had before the job. Findings that have changed since the job
    keep their values. Only the person or service account that started a job can undo it, within 30
    minutes after its last step.

    Args:
        customer (str):
        id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BulkJob | Problem]
    """

    kwargs = _get_kwargs(
        customer=customer,
        id=id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    customer: str,
    id: UUID,
    *,
    client: AuthenticatedClient,
) -> BulkJob | Problem | None:
    """Undo a bulk job

     Restores the values that the findings had before the job. Findings that have changed since the job
    keep their values. Only the person or service account that started a job can undo it, within 30
    minutes after its last step.

    Args:
        customer (str):
        id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BulkJob | Problem
    """

    return (
        await asyncio_detailed(
            customer=customer,
            id=id,
            client=client,
        )
    ).parsed
