from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.watch_conditions_request import WatchConditionsRequest
from ...models.watch_rule_preview import WatchRulePreview
from ...types import UNSET, Response, Unset


def _get_kwargs(
    customer: str,
    *,
    body: WatchConditionsRequest | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/customers/{customer}/watch-rules/preview".format(
            customer=quote(str(customer), safe=""),
        ),
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | WatchRulePreview | None:
    if response.status_code == 200:
        response_200 = WatchRulePreview.from_dict(response.json())

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
) -> Response[Problem | WatchRulePreview]:
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
    body: WatchConditionsRequest | Unset = UNSET,
) -> Response[Problem | WatchRulePreview]:
    """Count the changes that a watch rule would have caught

     Examines the changes of the last 30 days. Nothing is saved.

    Args:
        customer (str):
        body (WatchConditionsRequest | Unset): Conditions, all of which a change must meet. Values
            of one condition are alternatives; an empty condition is
            always met. In patterns, `*` matches any text and `?` one character.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | WatchRulePreview]
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
    body: WatchConditionsRequest | Unset = UNSET,
) -> Problem | WatchRulePreview | None:
    """Count the changes that a watch rule would have caught

     Examines the changes of the last 30 days. Nothing is saved.

    Args:
        customer (str):
        body (WatchConditionsRequest | Unset): Conditions, all of which a change must meet. Values
            of one condition are alternatives; an empty condition is
            always met. In patterns, `*` matches any text and `?` one character.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | WatchRulePreview
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
    body: WatchConditionsRequest | Unset = UNSET,
) -> Response[Problem | WatchRulePreview]:
    """Count the changes that a watch rule would have caught

     Examines the changes of the last 30 days. Nothing is saved.

    Args:
        customer (str):
        body (WatchConditionsRequest | Unset): Conditions, all of which a change must meet. Values
            of one condition are alternatives; an empty condition is
            always met. In patterns, `*` matches any text and `?` one character.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | WatchRulePreview]
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
    body: WatchConditionsRequest | Unset = UNSET,
) -> Problem | WatchRulePreview | None:
    """Count the changes that a watch rule would have caught

     Examines the changes of the last 30 days. Nothing is saved.

    Args:
        customer (str):
        body (WatchConditionsRequest | Unset): Conditions, all of which a change must meet. Values
            of one condition are alternatives; an empty condition is
            always met. In patterns, `*` matches any text and `?` one character.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | WatchRulePreview
    """

    return (
        await asyncio_detailed(
            customer=customer,
            client=client,
            body=body,
        )
    ).parsed
