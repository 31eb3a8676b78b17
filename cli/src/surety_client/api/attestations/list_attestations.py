from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.attestation_page import AttestationPage
from ...models.list_attestations_answer_item import ListAttestationsAnswerItem
from ...models.list_attestations_fields_item import ListAttestationsFieldsItem
from ...models.list_attestations_owner_item import ListAttestationsOwnerItem
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    customer: str,
    *,
    answer: list[ListAttestationsAnswerItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListAttestationsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    owner: list[ListAttestationsOwnerItem] | Unset = UNSET,
    q: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_answer: list[str] | Unset = UNSET
    if not isinstance(answer, Unset):
        json_answer = []
        for answer_item_data in answer:
            answer_item = answer_item_data.value
            json_answer.append(answer_item)

    params["answer"] = json_answer

    params["cursor"] = cursor

    json_fields: list[str] | Unset = UNSET
    if not isinstance(fields, Unset):
        json_fields = []
        for fields_item_data in fields:
            fields_item = fields_item_data.value
            json_fields.append(fields_item)

    params["fields"] = json_fields

    params["limit"] = limit

    json_owner: list[str] | Unset = UNSET
    if not isinstance(owner, Unset):
        json_owner = []
        for owner_item_data in owner:
            owner_item = owner_item_data.value
            json_owner.append(owner_item)

    params["owner"] = json_owner

    params["q"] = q

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/customers/{customer}/attestations".format(
            customer=quote(str(customer), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> AttestationPage | Problem | None:
    if response.status_code == 200:
        response_200 = AttestationPage.from_dict(response.json())

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
) -> Response[AttestationPage | Problem]:
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
    answer: list[ListAttestationsAnswerItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListAttestationsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    owner: list[ListAttestationsOwnerItem] | Unset = UNSET,
    q: str | Unset = UNSET,
) -> Response[AttestationPage | Problem]:
    """List attestations

     All manual controls, with their current answers. Owners see only manual controls that they own.

    Args:
        customer (str):
        answer (list[ListAttestationsAnswerItem] | Unset):
        cursor (str | Unset):
        fields (list[ListAttestationsFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.
        owner (list[ListAttestationsOwnerItem] | Unset):
        q (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AttestationPage | Problem]
    """

    kwargs = _get_kwargs(
        customer=customer,
        answer=answer,
        cursor=cursor,
        fields=fields,
        limit=limit,
        owner=owner,
        q=q,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    customer: str,
    *,
    client: AuthenticatedClient,
    answer: list[ListAttestationsAnswerItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListAttestationsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    owner: list[ListAttestationsOwnerItem] | Unset = UNSET,
    q: str | Unset = UNSET,
) -> AttestationPage | Problem | None:
    """List attestations

     All manual controls, with their current answers. Owners see only manual controls that they own.

    Args:
        customer (str):
        answer (list[ListAttestationsAnswerItem] | Unset):
        cursor (str | Unset):
        fields (list[ListAttestationsFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.
        owner (list[ListAttestationsOwnerItem] | Unset):
        q (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AttestationPage | Problem
    """

    return sync_detailed(
        customer=customer,
        client=client,
        answer=answer,
        cursor=cursor,
        fields=fields,
        limit=limit,
        owner=owner,
        q=q,
    ).parsed


async def asyncio_detailed(
    customer: str,
    *,
    client: AuthenticatedClient,
    answer: list[ListAttestationsAnswerItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListAttestationsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    owner: list[ListAttestationsOwnerItem] | Unset = UNSET,
    q: str | Unset = UNSET,
) -> Response[AttestationPage | Problem]:
    """List attestations

     All manual controls, with their current answers. Owners see only manual controls that they own.

    Args:
        customer (str):
        answer (list[ListAttestationsAnswerItem] | Unset):
        cursor (str | Unset):
        fields (list[ListAttestationsFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.
        owner (list[ListAttestationsOwnerItem] | Unset):
        q (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AttestationPage | Problem]
    """

    kwargs = _get_kwargs(
        customer=customer,
        answer=answer,
        cursor=cursor,
        fields=fields,
        limit=limit,
        owner=owner,
        q=q,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    customer: str,
    *,
    client: AuthenticatedClient,
    answer: list[ListAttestationsAnswerItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListAttestationsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    owner: list[ListAttestationsOwnerItem] | Unset = UNSET,
    q: str | Unset = UNSET,
) -> AttestationPage | Problem | None:
    """List attestations

     All manual controls, with their current answers. Owners see only manual controls that they own.

    Args:
        customer (str):
        answer (list[ListAttestationsAnswerItem] | Unset):
        cursor (str | Unset):
        fields (list[ListAttestationsFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.
        owner (list[ListAttestationsOwnerItem] | Unset):
        q (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AttestationPage | Problem
    """

    return (
        await asyncio_detailed(
            customer=customer,
            client=client,
            answer=answer,
            cursor=cursor,
            fields=fields,
            limit=limit,
            owner=owner,
            q=q,
        )
    ).parsed
