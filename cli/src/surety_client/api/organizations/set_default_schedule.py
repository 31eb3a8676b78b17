from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.default_schedule import DefaultSchedule
from ...models.problem import Problem
from ...models.set_default_schedule_request import SetDefaultScheduleRequest
from ...types import UNSET, Response, Unset


def _get_kwargs(
    organization: str,
    *,
    body: SetDefaultScheduleRequest | Unset = UNSET,
    if_match: str,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["If-Match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/organizations/{organization}/default-schedule".format(
            organization=quote(str(organization), safe=""),
        ),
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> DefaultSchedule | Problem | None:
    if response.status_code == 200:
        response_200 = DefaultSchedule.from_dict(response.json())

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
) -> Response[DefaultSchedule | Problem]:
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
    body: SetDefaultScheduleRequest | Unset = UNSET,
    if_match: str,
) -> Response[DefaultSchedule | Problem]:
    """Set the default schedule and the default watch setting

     A new schedule takes effect for customers without a schedule of their own. A new default of the
    watch takes effect for customers without a watch setting of their own. Both take effect within a
    minute.

    Args:
        organization (str):
        if_match (str):
        body (SetDefaultScheduleRequest | Unset): The new values. Fields that are left out do not
            change.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DefaultSchedule | Problem]
    """

    kwargs = _get_kwargs(
        organization=organization,
        body=body,
        if_match=if_match,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    organization: str,
    *,
    client: AuthenticatedClient,
    body: SetDefaultScheduleRequest | Unset = UNSET,
    if_match: str,
) -> DefaultSchedule | Problem | None:
    """Set the default schedule and the default watch setting

     A new schedule takes effect for customers without a schedule of their own. A new default of the
    watch takes effect for customers without a watch setting of their own. Both take effect within a
    minute.

    Args:
        organization (str):
        if_match (str):
        body (SetDefaultScheduleRequest | Unset): The new values. Fields that are left out do not
            change.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DefaultSchedule | Problem
    """

    return sync_detailed(
        organization=organization,
        client=client,
        body=body,
        if_match=if_match,
    ).parsed


async def asyncio_detailed(
    organization: str,
    *,
    client: AuthenticatedClient,
    body: SetDefaultScheduleRequest | Unset = UNSET,
    if_match: str,
) -> Response[DefaultSchedule | Problem]:
    """Set the default schedule and the default watch setting

     A new schedule takes effect for customers without a schedule of their own. A new default of the
    watch takes effect for customers without a watch setting of their own. Both take effect within a
    minute.

    Args:
        organization (str):
        if_match (str):
        body (SetDefaultScheduleRequest | Unset): The new values. Fields that are left out do not
            change.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DefaultSchedule | Problem]
    """

    kwargs = _get_kwargs(
        organization=organization,
        body=body,
        if_match=if_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    organization: str,
    *,
    client: AuthenticatedClient,
    body: SetDefaultScheduleRequest | Unset = UNSET,
    if_match: str,
) -> DefaultSchedule | Problem | None:
    """Set the default schedule and the default watch setting

     A new schedule takes effect for customers without a schedule of their own. A new default of the
    watch takes effect for customers without a watch setting of their own. Both take effect within a
    minute.

    Args:
        organization (str):
        if_match (str):
        body (SetDefaultScheduleRequest | Unset): The new values. Fields that are left out do not
            change.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DefaultSchedule | Problem
    """

    return (
        await asyncio_detailed(
            organization=organization,
            client=client,
            body=body,
            if_match=if_match,
        )
    ).parsed
