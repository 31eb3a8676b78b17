from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.made_report_link import MadeReportLink
from ...models.make_report_link_request import MakeReportLinkRequest
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    customer: str,
    *,
    body: MakeReportLinkRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/customers/{customer}/report-links".format(
            customer=quote(str(customer), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> MadeReportLink | Problem | None:
    if response.status_code == 201:
        response_201 = MadeReportLink.from_dict(response.json())

        return response_201

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

    if response.status_code == 422:
        response_422 = Problem.from_dict(response.json())

        return response_422

    if response.status_code == 429:
        response_429 = Problem.from_dict(response.json())

        return response_429

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[MadeReportLink | Problem]:
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
    body: MakeReportLinkRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[MadeReportLink | Problem]:
    """Make a link to a report

     Anybody who has the link can download the report until the link ends. Only this answer contains the
    address of the link. The token needs the rights `report` and `administer`, because schedules, links
    and mails give other people access to reports.

    Args:
        customer (str):
        idempotency_key (str | Unset):
        body (MakeReportLinkRequest): The recipient of a link, and how long the link works.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[MadeReportLink | Problem]
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
    body: MakeReportLinkRequest,
    idempotency_key: str | Unset = UNSET,
) -> MadeReportLink | Problem | None:
    """Make a link to a report

     Anybody who has the link can download the report until the link ends. Only this answer contains the
    address of the link. The token needs the rights `report` and `administer`, because schedules, links
    and mails give other people access to reports.

    Args:
        customer (str):
        idempotency_key (str | Unset):
        body (MakeReportLinkRequest): The recipient of a link, and how long the link works.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        MadeReportLink | Problem
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
    body: MakeReportLinkRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[MadeReportLink | Problem]:
    """Make a link to a report

     Anybody who has the link can download the report until the link ends. Only this answer contains the
    address of the link. The token needs the rights `report` and `administer`, because schedules, links
    and mails give other people access to reports.

    Args:
        customer (str):
        idempotency_key (str | Unset):
        body (MakeReportLinkRequest): The recipient of a link, and how long the link works.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[MadeReportLink | Problem]
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
    body: MakeReportLinkRequest,
    idempotency_key: str | Unset = UNSET,
) -> MadeReportLink | Problem | None:
    """Make a link to a report

     Anybody who has the link can download the report until the link ends. Only this answer contains the
    address of the link. The token needs the rights `report` and `administer`, because schedules, links
    and mails give other people access to reports.

    Args:
        customer (str):
        idempotency_key (str | Unset):
        body (MakeReportLinkRequest): The recipient of a link, and how long the link works.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        MadeReportLink | Problem
    """

    return (
        await asyncio_detailed(
            customer=customer,
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
