from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.customer_project import CustomerProject
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    organization: str,
    id: UUID,
    customer: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/organizations/{organization}/ticket-systems/{id}/customers/{customer}".format(
            organization=quote(str(organization), safe=""),
            id=quote(str(id), safe=""),
            customer=quote(str(customer), safe=""),
        ),
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> CustomerProject | Problem | None:
    if response.status_code == 200:
        response_200 = CustomerProject.from_dict(response.json())

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
) -> Response[CustomerProject | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    organization: str,
    id: UUID,
    customer: str,
    *,
    client: AuthenticatedClient,
) -> Response[CustomerProject | Problem]:
    """Get the project in which the tickets of a customer are opened

     The project of one customer in a ticket system.

    Args:
        organization (str):
        id (UUID):
        customer (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CustomerProject | Problem]
    """

    kwargs = _get_kwargs(
        organization=organization,
        id=id,
        customer=customer,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    organization: str,
    id: UUID,
    customer: str,
    *,
    client: AuthenticatedClient,
) -> CustomerProject | Problem | None:
    """Get the project in which the tickets of a customer are opened

     The project of one customer in a ticket system.

    Args:
        organization (str):
        id (UUID):
        customer (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CustomerProject | Problem
    """

    return sync_detailed(
        organization=organization,
        id=id,
        customer=customer,
        client=client,
    ).parsed


async def asyncio_detailed(
    organization: str,
    id: UUID,
    customer: str,
    *,
    client: AuthenticatedClient,
) -> Response[CustomerProject | Problem]:
    """Get the project in which the tickets of a customer are opened

     The project of one customer in a ticket system.

    Args:
        organization (str):
        id (UUID):
        customer (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CustomerProject | Problem]
    """

    kwargs = _get_kwargs(
        organization=organization,
        id=id,
        customer=customer,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    organization: str,
    id: UUID,
    customer: str,
    *,
    client: AuthenticatedClient,
) -> CustomerProject | Problem | None:
    """Get the project in which the tickets of a customer are opened

     The project of one customer in a ticket system.

    Args:
        organization (str):
        id (UUID):
        customer (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CustomerProject | Problem
    """

    return (
        await asyncio_detailed(
            organization=organization,
            id=id,
            customer=customer,
            client=client,
        )
    ).parsed
