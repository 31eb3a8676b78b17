from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.deleted_report import DeletedReport
from ...models.problem import Problem
from ...models.revoke_deleted_report_request import RevokeDeletedReportRequest
from ...types import Response


def _get_kwargs(
    customer: str,
    *,
    body: RevokeDeletedReportRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/customers/{customer}/deleted-reports/revoke".format(
            customer=quote(str(customer), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> DeletedReport | Problem | None:
    if response.status_code == 200:
        response_200 = DeletedReport.from_dict(response.json())

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
) -> Response[DeletedReport | Problem]:
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
    body: RevokeDeletedReportRequest,
) -> Response[DeletedReport | Problem]:
    """Revoke a deleted report

     The SHA-256 says which report is revoked. The revocation cannot be undone.

    Args:
        customer (str):
        body (RevokeDeletedReportRequest): The deleted report to revoke, identified by the SHA-256
            of its file, and the reason.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DeletedReport | Problem]
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
    body: RevokeDeletedReportRequest,
) -> DeletedReport | Problem | None:
    """Revoke a deleted report

     The SHA-256 says which report is revoked. The revocation cannot be undone.

    Args:
        customer (str):
        body (RevokeDeletedReportRequest): The deleted report to revoke, identified by the SHA-256
            of its file, and the reason.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DeletedReport | Problem
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
    body: RevokeDeletedReportRequest,
) -> Response[DeletedReport | Problem]:
    """Revoke a deleted report

     The SHA-256 says which report is revoked. The revocation cannot be undone.

    Args:
        customer (str):
        body (RevokeDeletedReportRequest): The deleted report to revoke, identified by the SHA-256
            of its file, and the reason.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DeletedReport | Problem]
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
    body: RevokeDeletedReportRequest,
) -> DeletedReport | Problem | None:
    """Revoke a deleted report

     The SHA-256 says which report is revoked. The revocation cannot be undone.

    Args:
        customer (str):
        body (RevokeDeletedReportRequest): The deleted report to revoke, identified by the SHA-256
            of its file, and the reason.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DeletedReport | Problem
    """

    return (
        await asyncio_detailed(
            customer=customer,
            client=client,
            body=body,
        )
    ).parsed
