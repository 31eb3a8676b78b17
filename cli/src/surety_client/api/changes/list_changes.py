from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.change_page import ChangePage
from ...models.list_changes_approved_item import ListChangesApprovedItem
from ...models.list_changes_days_item import ListChangesDaysItem
from ...models.list_changes_fields_item import ListChangesFieldsItem
from ...models.list_changes_kind_item import ListChangesKindItem
from ...models.list_changes_severity_item import ListChangesSeverityItem
from ...models.list_changes_state_item import ListChangesStateItem
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    customer: str,
    *,
    actor: list[str] | Unset = UNSET,
    approved: list[ListChangesApprovedItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    days: list[ListChangesDaysItem] | Unset = UNSET,
    fields: list[ListChangesFieldsItem] | Unset = UNSET,
    group: list[str] | Unset = UNSET,
    kind: list[ListChangesKindItem] | Unset = UNSET,
    limit: int | Unset = 100,
    operation: list[str] | Unset = UNSET,
    place: list[str] | Unset = UNSET,
    property_: list[str] | Unset = UNSET,
    q: str | Unset = UNSET,
    resource: str | Unset = UNSET,
    rule: list[str] | Unset = UNSET,
    severity: list[ListChangesSeverityItem] | Unset = UNSET,
    state: list[ListChangesStateItem] | Unset = UNSET,
    type_: list[str] | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_actor: list[str] | Unset = UNSET
    if not isinstance(actor, Unset):
        json_actor = actor

    params["actor"] = json_actor

    json_approved: list[str] | Unset = UNSET
    if not isinstance(approved, Unset):
        json_approved = []
        for approved_item_data in approved:
            approved_item = approved_item_data.value
            json_approved.append(approved_item)

    params["approved"] = json_approved

    params["cursor"] = cursor

    json_days: list[str] | Unset = UNSET
    if not isinstance(days, Unset):
        json_days = []
        for days_item_data in days:
            days_item = days_item_data.value
            json_days.append(days_item)

    params["days"] = json_days

    json_fields: list[str] | Unset = UNSET
    if not isinstance(fields, Unset):
        json_fields = []
        for fields_item_data in fields:
            fields_item = fields_item_data.value
            json_fields.append(fields_item)

    params["fields"] = json_fields

    json_group: list[str] | Unset = UNSET
    if not isinstance(group, Unset):
        json_group = group

    params["group"] = json_group

    json_kind: list[str] | Unset = UNSET
    if not isinstance(kind, Unset):
        json_kind = []
        for kind_item_data in kind:
            kind_item = kind_item_data.value
            json_kind.append(kind_item)

    params["kind"] = json_kind

    params["limit"] = limit

    json_operation: list[str] | Unset = UNSET
    if not isinstance(operation, Unset):
        json_operation = operation

    params["operation"] = json_operation

    json_place: list[str] | Unset = UNSET
    if not isinstance(place, Unset):
        json_place = place

    params["place"] = json_place

    json_property_: list[str] | Unset = UNSET
    if not isinstance(property_, Unset):
        json_property_ = property_

    params["property"] = json_property_

    params["q"] = q

    params["resource"] = resource

    json_rule: list[str] | Unset = UNSET
    if not isinstance(rule, Unset):
        json_rule = rule

    params["rule"] = json_rule

    json_severity: list[str] | Unset = UNSET
    if not isinstance(severity, Unset):
        json_severity = []
        for severity_item_data in severity:
            severity_item = severity_item_data.value
            json_severity.append(severity_item)

    params["severity"] = json_severity

    json_state: list[str] | Unset = UNSET
    if not isinstance(state, Unset):
        json_state = []
        for state_item_data in state:
            state_item = state_item_data.value
            json_state.append(state_item)

    params["state"] = json_state

    json_type_: list[str] | Unset = UNSET
    if not isinstance(type_, Unset):
        json_type_ = type_

    params["type"] = json_type_

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/customers/{customer}/changes".format(
            customer=quote(str(customer), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ChangePage | Problem | None:
    if response.status_code == 200:
        response_200 = ChangePage.from_dict(response.json())

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
) -> Response[ChangePage | Problem]:
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
    actor: list[str] | Unset = UNSET,
    approved: list[ListChangesApprovedItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    days: list[ListChangesDaysItem] | Unset = UNSET,
    fields: list[ListChangesFieldsItem] | Unset = UNSET,
    group: list[str] | Unset = UNSET,
    kind: list[ListChangesKindItem] | Unset = UNSET,
    limit: int | Unset = 100,
    operation: list[str] | Unset = UNSET,
    place: list[str] | Unset = UNSET,
    property_: list[str] | Unset = UNSET,
    q: str | Unset = UNSET,
    resource: str | Unset = UNSET,
    rule: list[str] | Unset = UNSET,
    severity: list[ListChangesSeverityItem] | Unset = UNSET,
    state: list[ListChangesStateItem] | Unset = UNSET,
    type_: list[str] | Unset = UNSET,
) -> Response[ChangePage | Problem]:
    """List changes

     Changes, the most recently recorded first.

    Args:
        customer (str):
        actor (list[str] | Unset):
        approved (list[ListChangesApprovedItem] | Unset):
        cursor (str | Unset):
        days (list[ListChangesDaysItem] | Unset):
        fields (list[ListChangesFieldsItem] | Unset):
        group (list[str] | Unset):
        kind (list[ListChangesKindItem] | Unset):
        limit (int | Unset):  Default: 100.
        operation (list[str] | Unset):
        place (list[str] | Unset):
        property_ (list[str] | Unset):
        q (str | Unset):
        resource (str | Unset):
        rule (list[str] | Unset):
        severity (list[ListChangesSeverityItem] | Unset):
        state (list[ListChangesStateItem] | Unset):
        type_ (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ChangePage | Problem]
    """

    kwargs = _get_kwargs(
        customer=customer,
        actor=actor,
        approved=approved,
        cursor=cursor,
        days=days,
        fields=fields,
        group=group,
        kind=kind,
        limit=limit,
        operation=operation,
        place=place,
        property_=property_,
        q=q,
        resource=resource,
        rule=rule,
        severity=severity,
        state=state,
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
    actor: list[str] | Unset = UNSET,
    approved: list[ListChangesApprovedItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    days: list[ListChangesDaysItem] | Unset = UNSET,
    fields: list[ListChangesFieldsItem] | Unset = UNSET,
    group: list[str] | Unset = UNSET,
    kind: list[ListChangesKindItem] | Unset = UNSET,
    limit: int | Unset = 100,
    operation: list[str] | Unset = UNSET,
    place: list[str] | Unset = UNSET,
    property_: list[str] | Unset = UNSET,
    q: str | Unset = UNSET,
    resource: str | Unset = UNSET,
    rule: list[str] | Unset = UNSET,
    severity: list[ListChangesSeverityItem] | Unset = UNSET,
    state: list[ListChangesStateItem] | Unset = UNSET,
    type_: list[str] | Unset = UNSET,
) -> ChangePage | Problem | None:
    """List changes

     Changes, the most recently recorded first.

    Args:
        customer (str):
        actor (list[str] | Unset):
        approved (list[ListChangesApprovedItem] | Unset):
        cursor (str | Unset):
        days (list[ListChangesDaysItem] | Unset):
        fields (list[ListChangesFieldsItem] | Unset):
        group (list[str] | Unset):
        kind (list[ListChangesKindItem] | Unset):
        limit (int | Unset):  Default: 100.
        operation (list[str] | Unset):
        place (list[str] | Unset):
        property_ (list[str] | Unset):
        q (str | Unset):
        resource (str | Unset):
        rule (list[str] | Unset):
        severity (list[ListChangesSeverityItem] | Unset):
        state (list[ListChangesStateItem] | Unset):
        type_ (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ChangePage | Problem
    """

    return sync_detailed(
        customer=customer,
        client=client,
        actor=actor,
        approved=approved,
        cursor=cursor,
        days=days,
        fields=fields,
        group=group,
        kind=kind,
        limit=limit,
        operation=operation,
        place=place,
        property_=property_,
        q=q,
        resource=resource,
        rule=rule,
        severity=severity,
        state=state,
        type_=type_,
    ).parsed


async def asyncio_detailed(
    customer: str,
    *,
    client: AuthenticatedClient,
    actor: list[str] | Unset = UNSET,
    approved: list[ListChangesApprovedItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    days: list[ListChangesDaysItem] | Unset = UNSET,
    fields: list[ListChangesFieldsItem] | Unset = UNSET,
    group: list[str] | Unset = UNSET,
    kind: list[ListChangesKindItem] | Unset = UNSET,
    limit: int | Unset = 100,
    operation: list[str] | Unset = UNSET,
    place: list[str] | Unset = UNSET,
    property_: list[str] | Unset = UNSET,
    q: str | Unset = UNSET,
    resource: str | Unset = UNSET,
    rule: list[str] | Unset = UNSET,
    severity: list[ListChangesSeverityItem] | Unset = UNSET,
    state: list[ListChangesStateItem] | Unset = UNSET,
    type_: list[str] | Unset = UNSET,
) -> Response[ChangePage | Problem]:
    """List changes

     Changes, the most recently recorded first.

    Args:
        customer (str):
        actor (list[str] | Unset):
        approved (list[ListChangesApprovedItem] | Unset):
        cursor (str | Unset):
        days (list[ListChangesDaysItem] | Unset):
        fields (list[ListChangesFieldsItem] | Unset):
        group (list[str] | Unset):
        kind (list[ListChangesKindItem] | Unset):
        limit (int | Unset):  Default: 100.
        operation (list[str] | Unset):
        place (list[str] | Unset):
        property_ (list[str] | Unset):
        q (str | Unset):
        resource (str | Unset):
        rule (list[str] | Unset):
        severity (list[ListChangesSeverityItem] | Unset):
        state (list[ListChangesStateItem] | Unset):
        type_ (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ChangePage | Problem]
    """

    kwargs = _get_kwargs(
        customer=customer,
        actor=actor,
        approved=approved,
        cursor=cursor,
        days=days,
        fields=fields,
        group=group,
        kind=kind,
        limit=limit,
        operation=operation,
        place=place,
        property_=property_,
        q=q,
        resource=resource,
        rule=rule,
        severity=severity,
        state=state,
        type_=type_,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    customer: str,
    *,
    client: AuthenticatedClient,
    actor: list[str] | Unset = UNSET,
    approved: list[ListChangesApprovedItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    days: list[ListChangesDaysItem] | Unset = UNSET,
    fields: list[ListChangesFieldsItem] | Unset = UNSET,
    group: list[str] | Unset = UNSET,
    kind: list[ListChangesKindItem] | Unset = UNSET,
    limit: int | Unset = 100,
    operation: list[str] | Unset = UNSET,
    place: list[str] | Unset = UNSET,
    property_: list[str] | Unset = UNSET,
    q: str | Unset = UNSET,
    resource: str | Unset = UNSET,
    rule: list[str] | Unset = UNSET,
    severity: list[ListChangesSeverityItem] | Unset = UNSET,
    state: list[ListChangesStateItem] | Unset = UNSET,
    type_: list[str] | Unset = UNSET,
) -> ChangePage | Problem | None:
    """List changes

     Changes, the most recently recorded first.

    Args:
        customer (str):
        actor (list[str] | Unset):
        approved (list[ListChangesApprovedItem] | Unset):
        cursor (str | Unset):
        days (list[ListChangesDaysItem] | Unset):
        fields (list[ListChangesFieldsItem] | Unset):
        group (list[str] | Unset):
        kind (list[ListChangesKindItem] | Unset):
        limit (int | Unset):  Default: 100.
        operation (list[str] | Unset):
        place (list[str] | Unset):
        property_ (list[str] | Unset):
        q (str | Unset):
        resource (str | Unset):
        rule (list[str] | Unset):
        severity (list[ListChangesSeverityItem] | Unset):
        state (list[ListChangesStateItem] | Unset):
        type_ (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ChangePage | Problem
    """

    return (
        await asyncio_detailed(
            customer=customer,
            client=client,
            actor=actor,
            approved=approved,
            cursor=cursor,
            days=days,
            fields=fields,
            group=group,
            kind=kind,
            limit=limit,
            operation=operation,
            place=place,
            property_=property_,
            q=q,
            resource=resource,
            rule=rule,
            severity=severity,
            state=state,
            type_=type_,
        )
    ).parsed
