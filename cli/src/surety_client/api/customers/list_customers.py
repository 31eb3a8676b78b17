from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.customer_page import CustomerPage
from ...models.list_customers_fields_item import ListCustomersFieldsItem
from ...models.list_customers_sort import ListCustomersSort
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    cursor: str | Unset = UNSET,
    fields: list[ListCustomersFieldsItem] | Unset = UNSET,
    label: list[str] | Unset = UNSET,
    limit: int | Unset = 100,
    q: str | Unset = UNSET,
    sort: ListCustomersSort | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["cursor"] = cursor

    json_fields: list[str] | Unset = UNSET
    if not isinstance(fields, Unset):
        json_fields = []
        for fields_item_data in fields:
            fields_item = fields_item_data.value
            json_fields.append(fields_item)

    params["fields"] = json_fields

    json_label: list[str] | Unset = UNSET
    if not isinstance(label, Unset):
        json_label = label

    params["label"] = json_label

    params["limit"] = limit

    params["q"] = q

    json_sort: str | Unset = UNSET
    if not isinstance(sort, Unset):
        json_sort = sort.value

    params["sort"] = json_sort

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/customers",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> CustomerPage | Problem | None:
    if response.status_code == 200:
        response_200 = CustomerPage.from_dict(response.json())

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

    if response.status_code == 429:
        response_429 = Problem.from_dict(response.json())

        return response_429

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[CustomerPage | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    fields: list[ListCustomersFieldsItem] | Unset = UNSET,
    label: list[str] | Unset = UNSET,
    limit: int | Unset = 100,
    q: str | Unset = UNSET,
    sort: ListCustomersSort | Unset = UNSET,
) -> Response[CustomerPage | Problem]:
    """List customers

     All customers to which the token gives access, including archived customers. Without `sort`, the
    customers are in the order of their short names.

    Args:
        cursor (str | Unset):
        fields (list[ListCustomersFieldsItem] | Unset):
        label (list[str] | Unset):
        limit (int | Unset):  Default: 100.
        q (str | Unset):
        sort (ListCustomersSort | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CustomerPage | Problem]
    """

    kwargs = _get_kwargs(
        cursor=cursor,
        fields=fields,
        label=label,
        limit=limit,
        q=q,
        sort=sort,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    fields: list[ListCustomersFieldsItem] | Unset = UNSET,
    label: list[str] | Unset = UNSET,
    limit: int | Unset = 100,
    q: str | Unset = UNSET,
    sort: ListCustomersSort | Unset = UNSET,
) -> CustomerPage | Problem | None:
    """List customers

     All customers to which the token gives access, including archived customers. Without `sort`, the
    customers are in the order of their short names.

    Args:
        cursor (str | Unset):
        fields (list[ListCustomersFieldsItem] | Unset):
        label (list[str] | Unset):
        limit (int | Unset):  Default: 100.
        q (str | Unset):
        sort (ListCustomersSort | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CustomerPage | Problem
    """

    return sync_detailed(
        client=client,
        cursor=cursor,
        fields=fields,
        label=label,
        limit=limit,
        q=q,
        sort=sort,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    fields: list[ListCustomersFieldsItem] | Unset = UNSET,
    label: list[str] | Unset = UNSET,
    limit: int | Unset = 100,
    q: str | Unset = UNSET,
    sort: ListCustomersSort | Unset = UNSET,
) -> Response[CustomerPage | Problem]:
    """List customers

     All customers to which the token gives access, including archived customers. Without `sort`, the
    customers are in the order of their short names.

    Args:
        cursor (str | Unset):
        fields (list[ListCustomersFieldsItem] | Unset):
        label (list[str] | Unset):
        limit (int | Unset):  Default: 100.
        q (str | Unset):
        sort (ListCustomersSort | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CustomerPage | Problem]
    """

    kwargs = _get_kwargs(
        cursor=cursor,
        fields=fields,
        label=label,
        limit=limit,
        q=q,
        sort=sort,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    fields: list[ListCustomersFieldsItem] | Unset = UNSET,
    label: list[str] | Unset = UNSET,
    limit: int | Unset = 100,
    q: str | Unset = UNSET,
    sort: ListCustomersSort | Unset = UNSET,
) -> CustomerPage | Problem | None:
    """List customers

     All customers to which the token gives access, including archived customers. Without `sort`, the
    customers are in the order of their short names.

    Args:
        cursor (str | Unset):
        fields (list[ListCustomersFieldsItem] | Unset):
        label (list[str] | Unset):
        limit (int | Unset):  Default: 100.
        q (str | Unset):
        sort (ListCustomersSort | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CustomerPage | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            cursor=cursor,
            fields=fields,
            label=label,
            limit=limit,
            q=q,
            sort=sort,
        )
    ).parsed
