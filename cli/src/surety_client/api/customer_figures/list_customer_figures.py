from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.customer_figures_page import CustomerFiguresPage
from ...models.list_customer_figures_fields_item import ListCustomerFiguresFieldsItem
from ...models.list_customer_figures_show_item import ListCustomerFiguresShowItem
from ...models.list_customer_figures_sort import ListCustomerFiguresSort
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    cursor: str | Unset = UNSET,
    fields: list[ListCustomerFiguresFieldsItem] | Unset = UNSET,
    label: list[str] | Unset = UNSET,
    limit: int | Unset = 100,
    q: str | Unset = UNSET,
    show: list[ListCustomerFiguresShowItem] | Unset = UNSET,
    sort: ListCustomerFiguresSort | Unset = UNSET,
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

    json_show: list[str] | Unset = UNSET
    if not isinstance(show, Unset):
        json_show = []
        for show_item_data in show:
            show_item = show_item_data.value
            json_show.append(show_item)

    params["show"] = json_show

    json_sort: str | Unset = UNSET
    if not isinstance(sort, Unset):
        json_sort = sort.value

    params["sort"] = json_sort

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/customer-figures",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> CustomerFiguresPage | Problem | None:
    if response.status_code == 200:
        response_200 = CustomerFiguresPage.from_dict(response.json())

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
) -> Response[CustomerFiguresPage | Problem]:
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
    fields: list[ListCustomerFiguresFieldsItem] | Unset = UNSET,
    label: list[str] | Unset = UNSET,
    limit: int | Unset = 100,
    q: str | Unset = UNSET,
    show: list[ListCustomerFiguresShowItem] | Unset = UNSET,
    sort: ListCustomerFiguresSort | Unset = UNSET,
) -> Response[CustomerFiguresPage | Problem]:
    """List the figures of customers

     One item for each customer that is not archived and in which the token has the right `view_all`.
    Figures are current. If the list is ordered by a figure that changes while a program reads the
    pages, a customer may appear twice or not at all.

    Args:
        cursor (str | Unset):
        fields (list[ListCustomerFiguresFieldsItem] | Unset):
        label (list[str] | Unset):
        limit (int | Unset):  Default: 100.
        q (str | Unset):
        show (list[ListCustomerFiguresShowItem] | Unset):
        sort (ListCustomerFiguresSort | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CustomerFiguresPage | Problem]
    """

    kwargs = _get_kwargs(
        cursor=cursor,
        fields=fields,
        label=label,
        limit=limit,
        q=q,
        show=show,
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
    fields: list[ListCustomerFiguresFieldsItem] | Unset = UNSET,
    label: list[str] | Unset = UNSET,
    limit: int | Unset = 100,
    q: str | Unset = UNSET,
    show: list[ListCustomerFiguresShowItem] | Unset = UNSET,
    sort: ListCustomerFiguresSort | Unset = UNSET,
) -> CustomerFiguresPage | Problem | None:
    """List the figures of customers

     One item for each customer that is not archived and in which the token has the right `view_all`.
    Figures are current. If the list is ordered by a figure that changes while a program reads the
    pages, a customer may appear twice or not at all.

    Args:
        cursor (str | Unset):
        fields (list[ListCustomerFiguresFieldsItem] | Unset):
        label (list[str] | Unset):
        limit (int | Unset):  Default: 100.
        q (str | Unset):
        show (list[ListCustomerFiguresShowItem] | Unset):
        sort (ListCustomerFiguresSort | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CustomerFiguresPage | Problem
    """

    return sync_detailed(
        client=client,
        cursor=cursor,
        fields=fields,
        label=label,
        limit=limit,
        q=q,
        show=show,
        sort=sort,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    fields: list[ListCustomerFiguresFieldsItem] | Unset = UNSET,
    label: list[str] | Unset = UNSET,
    limit: int | Unset = 100,
    q: str | Unset = UNSET,
    show: list[ListCustomerFiguresShowItem] | Unset = UNSET,
    sort: ListCustomerFiguresSort | Unset = UNSET,
) -> Response[CustomerFiguresPage | Problem]:
    """List the figures of customers

     One item for each customer that is not archived and in which the token has the right `view_all`.
    Figures are current. If the list is ordered by a figure that changes while a program reads the
    pages, a customer may appear twice or not at all.

    Args:
        cursor (str | Unset):
        fields (list[ListCustomerFiguresFieldsItem] | Unset):
        label (list[str] | Unset):
        limit (int | Unset):  Default: 100.
        q (str | Unset):
        show (list[ListCustomerFiguresShowItem] | Unset):
        sort (ListCustomerFiguresSort | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CustomerFiguresPage | Problem]
    """

    kwargs = _get_kwargs(
        cursor=cursor,
        fields=fields,
        label=label,
        limit=limit,
        q=q,
        show=show,
        sort=sort,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    fields: list[ListCustomerFiguresFieldsItem] | Unset = UNSET,
    label: list[str] | Unset = UNSET,
    limit: int | Unset = 100,
    q: str | Unset = UNSET,
    show: list[ListCustomerFiguresShowItem] | Unset = UNSET,
    sort: ListCustomerFiguresSort | Unset = UNSET,
) -> CustomerFiguresPage | Problem | None:
    """List the figures of customers

     One item for each customer that is not archived and in which the token has the right `view_all`.
    Figures are current. If the list is ordered by a figure that changes while a program reads the
    pages, a customer may appear twice or not at all.

    Args:
        cursor (str | Unset):
        fields (list[ListCustomerFiguresFieldsItem] | Unset):
        label (list[str] | Unset):
        limit (int | Unset):  Default: 100.
        q (str | Unset):
        show (list[ListCustomerFiguresShowItem] | Unset):
        sort (ListCustomerFiguresSort | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CustomerFiguresPage | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            cursor=cursor,
            fields=fields,
            label=label,
            limit=limit,
            q=q,
            show=show,
            sort=sort,
        )
    ).parsed
