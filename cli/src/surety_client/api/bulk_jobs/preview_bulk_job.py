from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.bulk_job_preview import BulkJobPreview
from ...models.problem import Problem
from ...models.start_bulk_job_request import StartBulkJobRequest
from ...types import Response


def _get_kwargs(
    customer: str,
    *,
    body: StartBulkJobRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/customers/{customer}/bulk-jobs/preview".format(
            customer=quote(str(customer), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> BulkJobPreview | Problem | None:
    if response.status_code == 200:
        response_200 = BulkJobPreview.from_dict(response.json())

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
) -> Response[BulkJobPreview | Problem]:
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
) -> Response[BulkJobPreview | Problem]:
    """Count the findings of a bulk job

     Validates the request and counts the findings without starting a job. To start `attest`, send the
    `seen_digest` of this answer.

    Args:
        customer (str):
        body (StartBulkJobRequest): An action, and the findings to which it applies, given either
            as ids or as filters. If the action needs values,
            they are in the field with the name of the action.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BulkJobPreview | Problem]
    """

    kwargs = _get_kwargs(
        customer=customer,
        body=body,
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
) -> BulkJobPreview | Problem | None:
    """Count the findings of a bulk job

     Validates the request and counts the findings without starting a job. To start `attest`, send the
    `seen_digest` of this answer.

    Args:
        customer (str):
        body (StartBulkJobRequest): An action, and the findings to which it applies, given either
            as ids or as filters. If the action needs values,
            they are in the field with the name of the action.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BulkJobPreview | Problem
    """

    return sync_detailed(
        customer=customer,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    customer: str,
    *,
    client: AuthenticatedClient,
    body: StartBulkJobRequest,
) -> Response[BulkJobPreview | Problem]:
    """Count the findings of a bulk job

     Validates the request and counts the findings without starting a job. To start `attest`, send the
    `seen_digest` of this answer.

    Args:
        customer (str):
        body (StartBulkJobRequest): An action, and the findings to which it applies, given either
            as ids or as filters. If the action needs values,
            they are in the field with the name of the action.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BulkJobPreview | Problem]
    """

    kwargs = _get_kwargs(
        customer=customer,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    customer: str,
    *,
    client: AuthenticatedClient,
    body: StartBulkJobRequest,
) -> BulkJobPreview | Problem | None:
    """Count the findings of a bulk job

     Validates the request and counts the findings without starting a job. To start `attest`, send the
    `seen_digest` of this answer.

    Args:
        customer (str):
        body (StartBulkJobRequest): An action, and the findings to which it applies, given either
            as ids or as filters. If the action needs values,
            they are in the field with the name of the action.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BulkJobPreview | Problem
    """

    return (
        await asyncio_detailed(
            customer=customer,
            client=client,
            body=body,
        )
    ).parsed
