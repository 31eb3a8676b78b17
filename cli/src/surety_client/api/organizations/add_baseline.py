from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.add_baseline_request import AddBaselineRequest
from ...models.baseline import Baseline
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    organization: str,
    *,
    body: AddBaselineRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/organizations/{organization}/baselines".format(
            organization=quote(str(organization), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Baseline | Problem | None:
    if response.status_code == 201:
        response_201 = Baseline.from_dict(response.json())

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
) -> Response[Baseline | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    organization: str,
    *,
    client: AuthenticatedClient,
    body: AddBaselineRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[Baseline | Problem]:
    """Add a baseline

     A baseline applies to the customers with its label or, without a label, to all customers. Such a
    customer gets a value of the new baseline only if it has the value of the baseline that applied to
    the setting before or, if there was none, the default value. Each label can have only one baseline.

    Args:
        organization (str):
        idempotency_key (str | Unset):
        body (AddBaselineRequest): A new baseline.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Baseline | Problem]
    """

    kwargs = _get_kwargs(
        organization=organization,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    organization: str,
    *,
    client: AuthenticatedClient,
    body: AddBaselineRequest,
    idempotency_key: str | Unset = UNSET,
) -> Baseline | Problem | None:
    """Add a baseline

     A baseline applies to the customers with its label or, without a label, to all customers. Such a
    customer gets a value of the new baseline only if it has the value of the baseline that applied to
    the setting before or, if there was none, the default value. Each label can have only one baseline.

    Args:
        organization (str):
        idempotency_key (str | Unset):
        body (AddBaselineRequest): A new baseline.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Baseline | Problem
    """

    return sync_detailed(
        organization=organization,
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    organization: str,
    *,
    client: AuthenticatedClient,
    body: AddBaselineRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[Baseline | Problem]:
    """Add a baseline

     A baseline applies to the customers with its label or, without a label, to all customers. Such a
    customer gets a value of the new baseline only if it has the value of the baseline that applied to
    the setting before or, if there was none, the default value. Each label can have only one baseline.

    Args:
        organization (str):
        idempotency_key (str | Unset):
        body (AddBaselineRequest): A new baseline.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Baseline | Problem]
    """

    kwargs = _get_kwargs(
        organization=organization,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    organization: str,
    *,
    client: AuthenticatedClient,
    body: AddBaselineRequest,
    idempotency_key: str | Unset = UNSET,
) -> Baseline | Problem | None:
    """Add a baseline

     A baseline applies to the customers with its label or, without a label, to all customers. Such a
    customer gets a value of the new baseline only if it has the value of the baseline that applied to
    the setting before or, if there was none, the default value. Each label can have only one baseline.

    Args:
        organization (str):
        idempotency_key (str | Unset):
        body (AddBaselineRequest): A new baseline.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Baseline | Problem
    """

    return (
        await asyncio_detailed(
            organization=organization,
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
