from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.bulk_job import BulkJob
from ...models.problem import Problem
from ...models.start_bulk_job_request import StartBulkJobRequest
from ...types import UNSET, Response, Unset


def _get_kwargs(
    customer: str,
    *,
    body: StartBulkJobRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/customers/{customer}/bulk-jobs".format(
            customer=quote(str(customer), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> BulkJob | Problem | None:
    if response.status_code == 202:
        response_202 = BulkJob.from_dict(response.json())

        return response_202

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

    if response.status_code == 412:
        response_412 = Problem.from_dict(response.json())

        return response_412

    if response.status_code == 413:
        response_413 = Problem.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = Problem.from_dict(response.json())

        return response_415

    if response.status_code == 422:
        response_422 = Problem.from_dict(response.json())

        return response_422

    if response.status_code == 428:
        response_428 = Problem.from_dict(response.json())

        return response_428

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
    *,
    client: AuthenticatedClient,
    body: StartBulkJobRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[BulkJob | Problem]:
    """Start a bulk job

     A worker carries out the action in steps, for all findings that are selected now. At each step, the
    token must still have the required rights. The header Location has the address of the job. Read this
    address until `ended_at` is set, then read the results of the job.

    Args:
        customer (str):
        idempotency_key (str | Unset):
        body (StartBulkJobRequest): An action, and the findings to which it applies, given either
            as ids or as filters. If the action needs values,
            they are in the field with the name of the action.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BulkJob | Problem]
    """

    kwargs = _get_kwargs(
        customer=customer,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    customer: str,
    *,
    client: AuthenticatedClient,
    body: StartBulkJobRequest,
    idempotency_key: str | Unset = UNSET,
) -> BulkJob | Problem | None:
    """Start a bulk job

     A worker carries out the action in steps, for all findings that are selected now. At each step, the
    token must still have the required rights. The header Location has the address of the job. Read this
    address until `ended_at` is set, then read the results of the job.

    Args:
        customer (str):
        idempotency_key (str | Unset):
        body (StartBulkJobRequest): An action, and the findings to which it applies, given either
            as ids or as filters. If the action needs values,
            they are in the field with the name of the action.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BulkJob | Problem
    """

    return sync_detailed(
        customer=customer,
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    customer: str,
    *,
    client: AuthenticatedClient,
    body: StartBulkJobRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[BulkJob | Problem]:
    """Start a bulk job

     A worker carries out the action in steps, for all findings that are selected now. At each step, the
    token must still have the required rights. The header Location has the address of the job. Read this
    address until `ended_at` is set, then read the results of the job.

    Args:
        customer (str):
        idempotency_key (str | Unset):
        body (StartBulkJobRequest): An action, and the findings to which it applies, given either
            as ids or as filters. If the action needs values,
            they are in the field with the name of the action.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BulkJob | Problem]
    """

    kwargs = _get_kwargs(
        customer=customer,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    customer: str,
    *,
    client: AuthenticatedClient,
    body: StartBulkJobRequest,
    idempotency_key: str | Unset = UNSET,
) -> BulkJob | Problem | None:
    """Start a bulk job

     A worker carries out the action in steps, for all findings that are selected now. At each step, the
    token must still have the required rights. The header Location has the address of the job. Read this
    address until `ended_at` is set, then read the results of the job.

    Args:
        customer (str):
        idempotency_key (str | Unset):
        body (StartBulkJobRequest): An action, and the findings to which it applies, given either
            as ids or as filters. If the action needs values,
            they are in the field with the name of the action.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BulkJob | Problem
    """

    return (
        await asyncio_detailed(
            customer=customer,
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
