from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.change import Change
from ...models.problem import Problem
from ...models.review_request import ReviewRequest
from ...types import Response


def _get_kwargs(
    customer: str,
    id: UUID,
    *,
    body: ReviewRequest,
    if_match: str,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["If-Match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/customers/{customer}/changes/{id}/review".format(
            customer=quote(str(customer), safe=""),
            id=quote(str(id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Change | Problem | None:
    if response.status_code == 200:
        response_200 = Change.from_dict(response.json())

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
) -> Response[Change | Problem]:
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
    body: ReviewRequest,
    if_match: str,
) -> Response[Change | Problem]:
    """Review a change

     Only changes that a watch rule caught can be reviewed. A change that only the person of the token
    can have made can be marked only as unexpected. With a token of a service account, this also applies
    to changes that only people who control the account can have made.

    Args:
        customer (str):
        id (UUID):
        if_match (str):
        body (ReviewRequest): A decision about a change that a watch rule caught.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Change | Problem]
    """

    kwargs = _get_kwargs(
        customer=customer,
        id=id,
        body=body,
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
    body: ReviewRequest,
    if_match: str,
) -> Change | Problem | None:
    """Review a change

     Only changes that a watch rule caught can be reviewed. A change that only the person of the token
    can have made can be marked only as unexpected. With a token of a service account, this also applies
    to changes that only people who control the account can have made.

    Args:
        customer (str):
        id (UUID):
        if_match (str):
        body (ReviewRequest): A decision about a change that a watch rule caught.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Change | Problem
    """

    return sync_detailed(
        customer=customer,
        id=id,
        client=client,
        body=body,
        if_match=if_match,
    ).parsed


async def asyncio_detailed(
    customer: str,
    id: UUID,
    *,
    client: AuthenticatedClient,
    body: ReviewRequest,
    if_match: str,
) -> Response[Change | Problem]:
    """Review a change

     Only changes that a watch rule caught can be reviewed. A change that only the person of the token
    can have made can be marked only as unexpected. With a token of a service account, this also applies
    to changes that only people who control the account can have made.

    Args:
        customer (str):
        id (UUID):
        if_match (str):
        body (ReviewRequest): A decision about a change that a watch rule caught.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Change | Problem]
    """

    kwargs = _get_kwargs(
        customer=customer,
        id=id,
        body=body,
        if_match=if_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    customer: str,
    id: UUID,
    *,
    client: AuthenticatedClient,
    body: ReviewRequest,
    if_match: str,
) -> Change | Problem | None:
    """Review a change

     Only changes that a watch rule caught can be reviewed. A change that only the person of the token
    can have made can be marked only as unexpected. With a token of a service account, this also applies
    to changes that only people who control the account can have made.

    Args:
        customer (str):
        id (UUID):
        if_match (str):
        body (ReviewRequest): A decision about a change that a watch rule caught.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Change | Problem
    """

    return (
        await asyncio_detailed(
            customer=customer,
            id=id,
            client=client,
            body=body,
            if_match=if_match,
        )
    ).parsed
