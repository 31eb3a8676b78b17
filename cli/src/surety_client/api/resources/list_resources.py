from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.list_resources_approval_item import ListResourcesApprovalItem
from ...models.list_resources_fields_item import ListResourcesFieldsItem
from ...models.list_resources_findings_item import ListResourcesFindingsItem
from ...models.list_resources_sort import ListResourcesSort
from ...models.list_resources_state_item import ListResourcesStateItem
from ...models.problem import Problem
from ...models.resource_page import ResourcePage
from ...types import UNSET, Response, Unset


def _get_kwargs(
    customer: str,
    *,
    approval: list[ListResourcesApprovalItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListResourcesFieldsItem] | Unset = UNSET,
    findings: list[ListResourcesFindingsItem] | Unset = UNSET,
    group: list[str] | Unset = UNSET,
    limit: int | Unset = 100,
    location: list[str] | Unset = UNSET,
    place: list[str] | Unset = UNSET,
    q: str | Unset = UNSET,
    sort: ListResourcesSort | Unset = UNSET,
    state: list[ListResourcesStateItem] | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    type_: list[str] | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_approval: list[str] | Unset = UNSET
    if not isinstance(approval, Unset):
        json_approval = []
        for approval_item_data in approval:
            approval_item = approval_item_data.value
            json_approval.append(approval_item)

    params["approval"] = json_approval

    params["cursor"] = cursor

    json_fields: list[str] | Unset = UNSET
    if not isinstance(fields, Unset):
        json_fields = []
        for fields_item_data in fields:
            fields_item = fields_item_data.value
            json_fields.append(fields_item)

    params["fields"] = json_fields

    json_findings: list[str] | Unset = UNSET
    if not isinstance(findings, Unset):
        json_findings = []
        for findings_item_data in findings:
            findings_item = findings_item_data.value
            json_findings.append(findings_item)

    params["findings"] = json_findings

    json_group: list[str] | Unset = UNSET
    if not isinstance(group, Unset):
        json_group = group

    params["group"] = json_group

    params["limit"] = limit

    json_location: list[str] | Unset = UNSET
    if not isinstance(location, Unset):
        json_location = location

    params["location"] = json_location

    json_place: list[str] | Unset = UNSET
    if not isinstance(place, Unset):
        json_place = place

    params["place"] = json_place

    params["q"] = q

    json_sort: str | Unset = UNSET
    if not isinstance(sort, Unset):
        json_sort = sort.value

    params["sort"] = json_sort

    json_state: list[str] | Unset = UNSET
    if not isinstance(state, Unset):
        json_state = []
        for state_item_data in state:
            state_item = state_item_data.value
            json_state.append(state_item)

    params["state"] = json_state

    json_tag: list[str] | Unset = UNSET
    if not isinstance(tag, Unset):
        json_tag = tag

    params["tag"] = json_tag

    json_type_: list[str] | Unset = UNSET
    if not isinstance(type_, Unset):
        json_type_ = type_

    params["type"] = json_type_

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/customers/{customer}/resources".format(
            customer=quote(str(customer), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | ResourcePage | None:
    if response.status_code == 200:
        response_200 = ResourcePage.from_dict(response.json())

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
) -> Response[Problem | ResourcePage]:
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
    approval: list[ListResourcesApprovalItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListResourcesFieldsItem] | Unset = UNSET,
    findings: list[ListResourcesFindingsItem] | Unset = UNSET,
    group: list[str] | Unset = UNSET,
    limit: int | Unset = 100,
    location: list[str] | Unset = UNSET,
    place: list[str] | Unset = UNSET,
    q: str | Unset = UNSET,
    sort: ListResourcesSort | Unset = UNSET,
    state: list[ListResourcesStateItem] | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    type_: list[str] | Unset = UNSET,
) -> Response[Problem | ResourcePage]:
    """List resources

     Without `sort`, the resources are in the order in which Surety first saw them.

    Args:
        customer (str):
        approval (list[ListResourcesApprovalItem] | Unset):
        cursor (str | Unset):
        fields (list[ListResourcesFieldsItem] | Unset):
        findings (list[ListResourcesFindingsItem] | Unset):
        group (list[str] | Unset):
        limit (int | Unset):  Default: 100.
        location (list[str] | Unset):
        place (list[str] | Unset):
        q (str | Unset):
        sort (ListResourcesSort | Unset):
        state (list[ListResourcesStateItem] | Unset):
        tag (list[str] | Unset):
        type_ (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | ResourcePage]
    """

    kwargs = _get_kwargs(
        customer=customer,
        approval=approval,
        cursor=cursor,
        fields=fields,
        findings=findings,
        group=group,
        limit=limit,
        location=location,
        place=place,
        q=q,
        sort=sort,
        state=state,
        tag=tag,
        type_=type_,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    customer: str,
    *,
    client: AuthenticatedClient,
    approval: list[ListResourcesApprovalItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListResourcesFieldsItem] | Unset = UNSET,
    findings: list[ListResourcesFindingsItem] | Unset = UNSET,
    group: list[str] | Unset = UNSET,
    limit: int | Unset = 100,
    location: list[str] | Unset = UNSET,
    place: list[str] | Unset = UNSET,
    q: str | Unset = UNSET,
    sort: ListResourcesSort | Unset = UNSET,
    state: list[ListResourcesStateItem] | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    type_: list[str] | Unset = UNSET,
) -> Problem | ResourcePage | None:
    """List resources

     Without `sort`, the resources are in the order in which Surety first saw them.

    Args:
        customer (str):
        approval (list[ListResourcesApprovalItem] | Unset):
        cursor (str | Unset):
        fields (list[ListResourcesFieldsItem] | Unset):
        findings (list[ListResourcesFindingsItem] | Unset):
        group (list[str] | Unset):
        limit (int | Unset):  Default: 100.
        location (list[str] | Unset):
        place (list[str] | Unset):
        q (str | Unset):
        sort (ListResourcesSort | Unset):
        state (list[ListResourcesStateItem] | Unset):
        tag (list[str] | Unset):
        type_ (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | ResourcePage
    """

    return sync_detailed(
        customer=customer,
        client=client,
        approval=approval,
        cursor=cursor,
        fields=fields,
        findings=findings,
        group=group,
        limit=limit,
        location=location,
        place=place,
        q=q,
        sort=sort,
        state=state,
        tag=tag,
        type_=type_,
    ).parsed


async def asyncio_detailed(
    customer: str,
    *,
    client: AuthenticatedClient,
    approval: list[ListResourcesApprovalItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListResourcesFieldsItem] | Unset = UNSET,
    findings: list[ListResourcesFindingsItem] | Unset = UNSET,
    group: list[str] | Unset = UNSET,
    limit: int | Unset = 100,
    location: list[str] | Unset = UNSET,
    place: list[str] | Unset = UNSET,
    q: str | Unset = UNSET,
    sort: ListResourcesSort | Unset = UNSET,
    state: list[ListResourcesStateItem] | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    type_: list[str] | Unset = UNSET,
) -> Response[Problem | ResourcePage]:
    """List resources

     Without `sort`, the resources are in the order in which Surety first saw them.

    Args:
        customer (str):
        approval (list[ListResourcesApprovalItem] | Unset):
        cursor (str | Unset):
        fields (list[ListResourcesFieldsItem] | Unset):
        findings (list[ListResourcesFindingsItem] | Unset):
        group (list[str] | Unset):
        limit (int | Unset):  Default: 100.
        location (list[str] | Unset):
        place (list[str] | Unset):
        q (str | Unset):
        sort (ListResourcesSort | Unset):
        state (list[ListResourcesStateItem] | Unset):
        tag (list[str] | Unset):
        type_ (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | ResourcePage]
    """

    kwargs = _get_kwargs(
        customer=customer,
        approval=approval,
        cursor=cursor,
        fields=fields,
        findings=findings,
        group=group,
        limit=limit,
        location=location,
        place=place,
        q=q,
        sort=sort,
        state=state,
        tag=tag,
        type_=type_,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    customer: str,
    *,
    client: AuthenticatedClient,
    approval: list[ListResourcesApprovalItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListResourcesFieldsItem] | Unset = UNSET,
    findings: list[ListResourcesFindingsItem] | Unset = UNSET,
    group: list[str] | Unset = UNSET,
    limit: int | Unset = 100,
    location: list[str] | Unset = UNSET,
    place: list[str] | Unset = UNSET,
    q: str | Unset = UNSET,
    sort: ListResourcesSort | Unset = UNSET,
    state: list[ListResourcesStateItem] | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    type_: list[str] | Unset = UNSET,
) -> Problem | ResourcePage | None:
    """List resources

     Without `sort`, the resources are in the order in which Surety first saw them.

    Args:
        customer (str):
        approval (list[ListResourcesApprovalItem] | Unset):
        cursor (str | Unset):
        fields (list[ListResourcesFieldsItem] | Unset):
        findings (list[ListResourcesFindingsItem] | Unset):
        group (list[str] | Unset):
        limit (int | Unset):  Default: 100.
        location (list[str] | Unset):
        place (list[str] | Unset):
        q (str | Unset):
        sort (ListResourcesSort | Unset):
        state (list[ListResourcesStateItem] | Unset):
        tag (list[str] | Unset):
        type_ (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | ResourcePage
    """

    return (
        await asyncio_detailed(
            customer=customer,
            client=client,
            approval=approval,
            cursor=cursor,
            fields=fields,
            findings=findings,
            group=group,
            limit=limit,
            location=location,
            place=place,
            q=q,
            sort=sort,
            state=state,
            tag=tag,
            type_=type_,
        )
    ).parsed
