from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.report_schedule import ReportSchedule
from ...types import Response


def _get_kwargs(
    customer: str,
    id: UUID,
    *,
    if_match: str,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["If-Match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/customers/{customer}/report-schedules/{id}/confirm".format(
            customer=quote(str(customer), safe=""),
            id=quote(str(id), safe=""),
        ),
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | ReportSchedule | None:
    if response.status_code == 200:
        response_200 = ReportSchedule.from_dict(response.json())

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
) -> Response[Problem | ReportSchedule]:
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
    if_match: str,
) -> Response[Problem | ReportSchedule]:
    """Confirm the addresses of a schedule of reports

     Confirms all addresses that belong to no account. The confirmation applies only to the report that
    the schedule sends now. If the kind of report, the framework or `without_names` changes, the
    addresses must be confirmed again. The token needs the rights `members` and `administer`.

    Args:
        customer (str):
        id (UUID):
        if_match (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | ReportSchedule]
    """

    kwargs = _get_kwargs(
        customer=customer,
        id=id,
        if_match=if_match,
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
    if_match: str,
) -> Problem | ReportSchedule | None:
    """Confirm the addresses of a schedule of reports

     Confirms all addresses that belong to no account. The confirmation applies only to the report that
    the schedule sends now. If the kind of report, the framework or `without_names` changes, the
    addresses must be confirmed again. The token needs the rights `members` and `administer`.

    Args:
        customer (str):
        id (UUID):
        if_match (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | ReportSchedule
    """

    return sync_detailed(
        customer=customer,
        id=id,
        client=client,
        if_match=if_match,
    ).parsed


async def asyncio_detailed(
    customer: str,
    id: UUID,
    *,
    client: AuthenticatedClient,
    if_match: str,
) -> Response[Problem | ReportSchedule]:
    """Confirm the addresses of a schedule of reports

     Confirms all addresses that belong to no account. The confirmation applies only to the report that
    the schedule sends now. If the kind of report, the framework or `without_names` changes, the
    addresses must be confirmed again. The token needs the rights `members` and `administer`.

    Args:
        customer (str):
        id (UUID):
        if_match (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | ReportSchedule]
    """

    kwargs = _get_kwargs(
        customer=customer,
        id=id,
        if_match=if_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    customer: str,
    id: UUID,
    *,
    client: AuthenticatedClient,
    if_match: str,
) -> Problem | ReportSchedule | None:
    """Confirm the addresses of a schedule of reports

     Confirms all addresses that belong to no account. The confirmation applies only to the report that
    the schedule sends now. If the kind of report, the framework or `without_names` changes, the
    addresses must be confirmed again. The token needs the rights `members` and `administer`.

    Args:
        customer (str):
        id (UUID):
        if_match (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | ReportSchedule
    """

    return (
        await asyncio_detailed(
            customer=customer,
            id=id,
            client=client,
            if_match=if_match,
        )
    ).parsed
