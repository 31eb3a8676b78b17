from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.finding_exception_page import FindingExceptionPage
from ...models.list_exceptions_ending_item import ListExceptionsEndingItem
from ...models.list_exceptions_fields_item import ListExceptionsFieldsItem
from ...models.list_exceptions_state_item import ListExceptionsStateItem
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    customer: str,
    *,
    asked: list[str] | Unset = UNSET,
    control: list[str] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    ending: list[ListExceptionsEndingItem] | Unset = UNSET,
    fields: list[ListExceptionsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    state: list[ListExceptionsStateItem] | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_asked: list[str] | Unset = UNSET
    if not isinstance(asked, Unset):
        json_asked = asked

    params["asked"] = json_asked

    json_control: list[str] | Unset = UNSET
    if not isinstance(control, Unset):
        json_control = control

    params["control"] = json_control

    params["cursor"] = cursor

    json_ending: list[str] | Unset = UNSET
    if not isinstance(ending, Unset):
        json_ending = []
        for ending_item_data in ending:
            ending_item = ending_item_data.value
            json_ending.append(ending_item)

    params["ending"] = json_ending

    json_fields: list[str] | Unset = UNSET
    if not isinstance(fields, Unset):
        json_fields = []
        for fields_item_data in fields:
            fields_item = fields_item_data.value
            json_fields.append(fields_item)

    params["fields"] = json_fields

    params["limit"] = limit

    json_state: list[str] | Unset = UNSET
    if not isinstance(state, Unset):
        json_state = []
        for state_item_data in state:
            state_item = state_item_data.value
            json_state.append(state_item)

    params["state"] = json_state

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/customers/{customer}/exceptions".format(
            customer=quote(str(customer), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> FindingExceptionPage | Problem | None:
    if response.status_code == 200:
        response_200 = FindingExceptionPage.from_dict(response.json())

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
) -> Response[FindingExceptionPage | Problem]:
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
    asked: list[str] | Unset = UNSET,
    control: list[str] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    ending: list[ListExceptionsEndingItem] | Unset = UNSET,
    fields: list[ListExceptionsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    state: list[ListExceptionsStateItem] | Unset = UNSET,
) -> Response[FindingExceptionPage | Problem]:
    """List exceptions

     Exceptions, the newest first. People who see only their own findings get the exceptions that they
    requested, and exceptions that cover one of their findings.

    Args:
        customer (str):
        asked (list[str] | Unset):
        control (list[str] | Unset):
        cursor (str | Unset):
        ending (list[ListExceptionsEndingItem] | Unset):
        fields (list[ListExceptionsFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.
        state (list[ListExceptionsStateItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[FindingExceptionPage | Problem]
    """

    kwargs = _get_kwargs(
        customer=customer,
        asked=asked,
        control=control,
        cursor=cursor,
        ending=ending,
        fields=fields,
        limit=limit,
        state=state,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    customer: str,
    *,
    client: AuthenticatedClient,
    asked: list[str] | Unset = UNSET,
    control: list[str] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    ending: list[ListExceptionsEndingItem] | Unset = UNSET,
    fields: list[ListExceptionsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    state: list[ListExceptionsStateItem] | Unset = UNSET,
) -> FindingExceptionPage | Problem | None:
    """List exceptions

     Exceptions, the newest first. People who see only their own findings get the exceptions that they
    requested, and exceptions that cover one of their findings.

    Args:
        customer (str):
        asked (list[str] | Unset):
        control (list[str] | Unset):
        cursor (str | Unset):
        ending (list[ListExceptionsEndingItem] | Unset):
        fields (list[ListExceptionsFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.
        state (list[ListExceptionsStateItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        FindingExceptionPage | Problem
    """

    return sync_detailed(
        customer=customer,
        client=client,
        asked=asked,
        control=control,
        cursor=cursor,
        ending=ending,
        fields=fields,
        limit=limit,
        state=state,
    ).parsed


async def asyncio_detailed(
    customer: str,
    *,
    client: AuthenticatedClient,
    asked: list[str] | Unset = UNSET,
    control: list[str] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    ending: list[ListExceptionsEndingItem] | Unset = UNSET,
    fields: list[ListExceptionsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    state: list[ListExceptionsStateItem] | Unset = UNSET,
) -> Response[FindingExceptionPage | Problem]:
    """List exceptions

     Exceptions, the newest first. People who see only their own findings get the exceptions that they
    requested, and exceptions that cover one of their findings.

    Args:
        customer (str):
        asked (list[str] | Unset):
        control (list[str] | Unset):
        cursor (str | Unset):
        ending (list[ListExceptionsEndingItem] | Unset):
        fields (list[ListExceptionsFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.
        state (list[ListExceptionsStateItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[FindingExceptionPage | Problem]
    """

    kwargs = _get_kwargs(
        customer=customer,
        asked=asked,
        control=control,
        cursor=cursor,
        ending=ending,
        fields=fields,
        limit=limit,
        state=state,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    customer: str,
    *,
    client: AuthenticatedClient,
    asked: list[str] | Unset = UNSET,
    control: list[str] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    ending: list[ListExceptionsEndingItem] | Unset = UNSET,
    fields: list[ListExceptionsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    state: list[ListExceptionsStateItem] | Unset = UNSET,
) -> FindingExceptionPage | Problem | None:
    """List exceptions

     Exceptions, the newest first. People who see only their own findings get the exceptions that they
    requested, and exceptions that cover one of their findings.

    Args:
        customer (str):
        asked (list[str] | Unset):
        control (list[str] | Unset):
        cursor (str | Unset):
        ending (list[ListExceptionsEndingItem] | Unset):
        fields (list[ListExceptionsFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.
        state (list[ListExceptionsStateItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        FindingExceptionPage | Problem
    """

    return (
        await asyncio_detailed(
            customer=customer,
            client=client,
            asked=asked,
            control=control,
            cursor=cursor,
            ending=ending,
            fields=fields,
            limit=limit,
            state=state,
        )
    ).parsed
