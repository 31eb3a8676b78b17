from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.client_secret import ClientSecret
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    organization: str,
    id: UUID,
    secret: UUID,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/organizations/{organization}/service-accounts/{id}/client-secrets/{secret}/revoke".format(
            organization=quote(str(organization), safe=""),
            id=quote(str(id), safe=""),
            secret=quote(str(secret), safe=""),
        ),
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ClientSecret | Problem | None:
    if response.status_code == 200:
        response_200 = ClientSecret.from_dict(response.json())

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
) -> Response[ClientSecret | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    organization: str,
    id: UUID,
    secret: UUID,
    *,
    client: AuthenticatedClient,
) -> Response[ClientSecret | Problem]:
    """Revoke a client secret and its access tokens

     The token needs the right `organization` for the whole organization. If the client secret is already
    revoked, nothing changes.

    Args:
        organization (str):
        id (UUID):
        secret (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClientSecret | Problem]
    """

    kwargs = _get_kwargs(
        organization=organization,
        id=id,
        secret=secret,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    organization: str,
    id: UUID,
    secret: UUID,
    *,
    client: AuthenticatedClient,
) -> ClientSecret | Problem | None:
    """Revoke a client secret and its access tokens

     The token needs the right `organization` for the whole organization. If the client secret is already
    revoked, nothing changes.

    Args:
        organization (str):
        id (UUID):
        secret (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClientSecret | Problem
    """

    return sync_detailed(
        organization=organization,
        id=id,
        secret=secret,
        client=client,
    ).parsed


async def asyncio_detailed(
    organization: str,
    id: UUID,
    secret: UUID,
    *,
    client: AuthenticatedClient,
) -> Response[ClientSecret | Problem]:
    """Revoke a client secret and its access tokens

     The token needs the right `organization` for the whole organization. If the client secret is already
    revoked, nothing changes.

    Args:
        organization (str):
        id (UUID):
        secret (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClientSecret | Problem]
    """

    kwargs = _get_kwargs(
        organization=organization,
        id=id,
        secret=secret,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    organization: str,
    id: UUID,
    secret: UUID,
    *,
    client: AuthenticatedClient,
) -> ClientSecret | Problem | None:
    """Revoke a client secret and its access tokens

     The token needs the right `organization` for the whole organization. If the client secret is already
    revoked, nothing changes.

    Args:
        organization (str):
        id (UUID):
        secret (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClientSecret | Problem
    """

    return (
        await asyncio_detailed(
            organization=organization,
            id=id,
            secret=secret,
            client=client,
        )
    ).parsed
