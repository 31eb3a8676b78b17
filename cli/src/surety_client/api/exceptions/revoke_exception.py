from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.finding_exception import FindingException
from ...models.note_request import NoteRequest
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    customer: str,
    number: int,
    *,
    body: NoteRequest,
    if_match: str,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["If-Match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/customers/{customer}/exceptions/{number}/revoke".format(
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
) -> FindingException | Problem | None:
    if response.status_code == 200:
        response_200 = FindingException.from_dict(response.json())

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
) -> Response[FindingException | Problem]:
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
    body: NoteRequest,
    if_match: str,
) -> Response[FindingException | Problem]:
    """Revoke an approved exception

     Findings of the exception that still fail become open again.

    Args:
        customer (str):
        number (int):
        if_match (str):
        body (NoteRequest): The reason why the exception is refused or revoked.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[FindingException | Problem]
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
    body: NoteRequest,
    if_match: str,
) -> FindingException | Problem | None:
    """Revoke an approved exception

     Findings of the exception that still fail become open again.

    Args:
        customer (str):
        number (int):
        if_match (str):
        body (NoteRequest): The reason why the exception is refused or revoked.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        FindingException | Problem
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
    body: NoteRequest,
    if_match: str,
) -> Response[FindingException | Problem]:
    """Revoke an approved exception

     Findings of the exception that still fail become open again.

    Args:
        customer (str):
        number (int):
        if_match (str):
        body (NoteRequest): The reason why the exception is refused or revoked.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[FindingException | Problem]
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
    body: NoteRequest,
    if_match: str,
) -> FindingException | Problem | None:
    """Revoke an approved exception

     Findings of the exception that still fail become open again.

    Args:
        customer (str):
        number (int):
        if_match (str):
        body (NoteRequest): The reason why the exception is refused or revoked.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        FindingException | Problem
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
