import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.journal_entry_page import JournalEntryPage
from ...models.list_journal_fields_item import ListJournalFieldsItem
from ...models.list_journal_kind_item import ListJournalKindItem
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    customer: str,
    *,
    by: list[str] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListJournalFieldsItem] | Unset = UNSET,
    from_: datetime.date | Unset = UNSET,
    kind: list[ListJournalKindItem] | Unset = UNSET,
    limit: int | Unset = 100,
    of: str | Unset = UNSET,
    q: str | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_by: list[str] | Unset = UNSET
    if not isinstance(by, Unset):
        json_by = by

    params["by"] = json_by

    params["cursor"] = cursor

    json_fields: list[str] | Unset = UNSET
    if not isinstance(fields, Unset):
        json_fields = []
        for fields_item_data in fields:
            fields_item = fields_item_data.value
            json_fields.append(fields_item)

    params["fields"] = json_fields

    json_from_: str | Unset = UNSET
    if not isinstance(from_, Unset):
        json_from_ = from_.isoformat()
    params["from"] = json_from_

    json_kind: list[str] | Unset = UNSET
    if not isinstance(kind, Unset):
        json_kind = []
        for kind_item_data in kind:
            kind_item = kind_item_data.value
            json_kind.append(kind_item)

    params["kind"] = json_kind

    params["limit"] = limit

    params["of"] = of

    params["q"] = q

    json_to: str | Unset = UNSET
    if not isinstance(to, Unset):
        json_to = to.isoformat()
    params["to"] = json_to

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/customers/{customer}/journal".format(
            customer=quote(str(customer), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> JournalEntryPage | Problem | None:
    if response.status_code == 200:
        response_200 = JournalEntryPage.from_dict(response.json())

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
) -> Response[JournalEntryPage | Problem]:
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
    by: list[str] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListJournalFieldsItem] | Unset = UNSET,
    from_: datetime.date | Unset = UNSET,
    kind: list[ListJournalKindItem] | Unset = UNSET,
    limit: int | Unset = 100,
    of: str | Unset = UNSET,
    q: str | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
) -> Response[JournalEntryPage | Problem]:
    """List journal

     The newest first.

    Args:
        customer (str):
        by (list[str] | Unset):
        cursor (str | Unset):
        fields (list[ListJournalFieldsItem] | Unset):
        from_ (datetime.date | Unset):
        kind (list[ListJournalKindItem] | Unset):
        limit (int | Unset):  Default: 100.
        of (str | Unset):
        q (str | Unset):
        to (datetime.date | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[JournalEntryPage | Problem]
    """

    kwargs = _get_kwargs(
        customer=customer,
        by=by,
        cursor=cursor,
        fields=fields,
        from_=from_,
        kind=kind,
        limit=limit,
        of=of,
        q=q,
        to=to,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    customer: str,
    *,
    client: AuthenticatedClient,
    by: list[str] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListJournalFieldsItem] | Unset = UNSET,
    from_: datetime.date | Unset = UNSET,
    kind: list[ListJournalKindItem] | Unset = UNSET,
    limit: int | Unset = 100,
    of: str | Unset = UNSET,
    q: str | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
) -> JournalEntryPage | Problem | None:
    """List journal

     The newest first.

    Args:
        customer (str):
        by (list[str] | Unset):
        cursor (str | Unset):
        fields (list[ListJournalFieldsItem] | Unset):
        from_ (datetime.date | Unset):
        kind (list[ListJournalKindItem] | Unset):
        limit (int | Unset):  Default: 100.
        of (str | Unset):
        q (str | Unset):
        to (datetime.date | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        JournalEntryPage | Problem
    """

    return sync_detailed(
        customer=customer,
        client=client,
        by=by,
        cursor=cursor,
        fields=fields,
        from_=from_,
        kind=kind,
        limit=limit,
        of=of,
        q=q,
        to=to,
    ).parsed


async def asyncio_detailed(
    customer: str,
    *,
    client: AuthenticatedClient,
    by: list[str] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListJournalFieldsItem] | Unset = UNSET,
    from_: datetime.date | Unset = UNSET,
    kind: list[ListJournalKindItem] | Unset = UNSET,
    limit: int | Unset = 100,
    of: str | Unset = UNSET,
    q: str | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
) -> Response[JournalEntryPage | Problem]:
    """List journal

     The newest first.

    Args:
        customer (str):
        by (list[str] | Unset):
        cursor (str | Unset):
        fields (list[ListJournalFieldsItem] | Unset):
        from_ (datetime.date | Unset):
        kind (list[ListJournalKindItem] | Unset):
        limit (int | Unset):  Default: 100.
        of (str | Unset):
        q (str | Unset):
        to (datetime.date | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[JournalEntryPage | Problem]
    """

    kwargs = _get_kwargs(
        customer=customer,
        by=by,
        cursor=cursor,
        fields=fields,
        from_=from_,
        kind=kind,
        limit=limit,
        of=of,
        q=q,
        to=to,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    customer: str,
    *,
    client: AuthenticatedClient,
    by: list[str] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListJournalFieldsItem] | Unset = UNSET,
    from_: datetime.date | Unset = UNSET,
    kind: list[ListJournalKindItem] | Unset = UNSET,
    limit: int | Unset = 100,
    of: str | Unset = UNSET,
    q: str | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
) -> JournalEntryPage | Problem | None:
    """List journal

     The newest first.

    Args:
        customer (str):
        by (list[str] | Unset):
        cursor (str | Unset):
        fields (list[ListJournalFieldsItem] | Unset):
        from_ (datetime.date | Unset):
        kind (list[ListJournalKindItem] | Unset):
        limit (int | Unset):  Default: 100.
        of (str | Unset):
        q (str | Unset):
        to (datetime.date | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        JournalEntryPage | Problem
    """

    return (
        await asyncio_detailed(
            customer=customer,
            client=client,
            by=by,
            cursor=cursor,
            fields=fields,
            from_=from_,
            kind=kind,
            limit=limit,
            of=of,
            q=q,
            to=to,
        )
    ).parsed
