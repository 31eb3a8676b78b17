from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.report import Report
from ...models.revoke_report_request import RevokeReportRequest
from ...types import Response


def _get_kwargs(
    customer: str,
    number: int,
    *,
    body: RevokeReportRequest,
    if_match: str,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["If-Match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/customers/{customer}/reports/{number}/revoke".format(
            customer=quote(str(customer), safe=""),
            number=quote(str(number), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | Report | None:
    if response.status_code == 200:
        response_200 = Report.from_dict(response.json())

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

    if response.status_code == 412:
        response_412 = Problem.from_dict(response.json())

        return response_412

    if response.status_code == 413:
        response_413 = Problem.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = Problem.from_dict(response.json())

        return response_415

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
) -> Response[Problem | Report]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    customer: str,
    number: int,
    *,
    client: AuthenticatedClient,
    body: RevokeReportRequest,
    if_match: str,
) -> Response[Problem | Report]:
    """Revoke a report

     A revocation cannot be undone. Everybody who verifies the file in this installation of Surety sees
    that the report is revoked, and why. People who may read the customer's reports get a notice.

    Args:
        customer (str):
        number (int):
        if_match (str):
        body (RevokeReportRequest): Why a report is revoked.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | Report]
    """

    kwargs = _get_kwargs(
        customer=customer,
        number=number,
        body=body,
        if_match=if_match,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    customer: str,
    number: int,
    *,
    client: AuthenticatedClient,
    body: RevokeReportRequest,
    if_match: str,
) -> Problem | Report | None:
    """Revoke a report

     A revocation cannot be undone. Everybody who verifies the file in this installation of Surety sees
    that the report is revoked, and why. People who may read the customer's reports get a notice.

    Args:
        customer (str):
        number (int):
        if_match (str):
        body (RevokeReportRequest): Why a report is revoked.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | Report
    """

    return sync_detailed(
        customer=customer,
        number=number,
        client=client,
        body=body,
        if_match=if_match,
    ).parsed


async def asyncio_detailed(
    customer: str,
    number: int,
    *,
    client: AuthenticatedClient,
    body: RevokeReportRequest,
    if_match: str,
) -> Response[Problem | Report]:
    """Revoke a report

     A revocation cannot be undone. Everybody who verifies the file in this installation of Surety sees
    that the report is revoked, and why. People who may read the customer's reports get a notice.

    Args:
        customer (str):
        number (int):
        if_match (str):
        body (RevokeReportRequest): Why a report is revoked.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | Report]
    """

    kwargs = _get_kwargs(
        customer=customer,
        number=number,
        body=body,
        if_match=if_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    customer: str,
    number: int,
    *,
    client: AuthenticatedClient,
    body: RevokeReportRequest,
    if_match: str,
) -> Problem | Report | None:
    """Revoke a report

     A revocation cannot be undone. Everybody who verifies the file in this installation of Surety sees
    that the report is revoked, and why. People who may read the customer's reports get a notice.

    Args:
        customer (str):
        number (int):
        if_match (str):
        body (RevokeReportRequest): Why a report is revoked.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | Report
    """

    return (
        await asyncio_detailed(
            customer=customer,
            number=number,
            client=client,
            body=body,
            if_match=if_match,
        )
    ).parsed
