from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.own_trials import OwnTrials
from ...models.problem import Problem
from ...types import UNSET, Response


def _get_kwargs(
    organization: str,
    id: UUID,
    *,
    customer: str,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["customer"] = customer

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/organizations/{organization}/own-controls/{id}/trial".format(
            organization=quote(str(organization), safe=""),
            id=quote(str(id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> OwnTrials | Problem | None:
    if response.status_code == 200:
        response_200 = OwnTrials.from_dict(response.json())

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

    if response.status_code == 429:
        response_429 = Problem.from_dict(response.json())

        return response_429

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[OwnTrials | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    organization: str,
    id: UUID,
    *,
    client: AuthenticatedClient,
    customer: str,
) -> Response[OwnTrials | Problem]:
    """Try an own control

     Evaluates the stored configurations of customers with the draft, or with the published version if
    there is no draft. Nothing is saved. Each organization can try only one control at a time.

    Args:
        organization (str):
        id (UUID):
        customer (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[OwnTrials | Problem]
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
    *,
    client: AuthenticatedClient,
    customer: str,
) -> OwnTrials | Problem | None:
    """Try an own control

     Evaluates the stored configurations of customers with the draft, or with the published version if
    there is no draft. Nothing is saved. Each organization can try only one control at a time.

    Args:
        organization (str):
        id (UUID):
        customer (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        OwnTrials | Problem
    """

    return sync_detailed(
        organization=organization,
        id=id,
        client=client,
        customer=customer,
    ).parsed


async def asyncio_detailed(
    organization: str,
    id: UUID,
    *,
    client: AuthenticatedClient,
    customer: str,
) -> Response[OwnTrials | Problem]:
    """Try an own control

     Evaluates the stored configurations of customers with the draft, or with the published version if
    there is no draft. Nothing is saved. Each organization can try only one control at a time.

    Args:
        organization (str):
        id (UUID):
        customer (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[OwnTrials | Problem]
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
    *,
    client: AuthenticatedClient,
    customer: str,
) -> OwnTrials | Problem | None:
    """Try an own control

     Evaluates the stored configurations of customers with the draft, or with the published version if
    there is no draft. Nothing is saved. Each organization can try only one control at a time.

    Args:
        organization (str):
        id (UUID):
        customer (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        OwnTrials | Problem
    """

    return (
        await asyncio_detailed(
            organization=organization,
            id=id,
            client=client,
            customer=customer,
        )
    ).parsed
