from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.finding_page import FindingPage
from ...models.list_findings_age_item import ListFindingsAgeItem
from ...models.list_findings_due_item import ListFindingsDueItem
from ...models.list_findings_fields_item import ListFindingsFieldsItem
from ...models.list_findings_section_item import ListFindingsSectionItem
from ...models.list_findings_severity_item import ListFindingsSeverityItem
from ...models.list_findings_sort import ListFindingsSort
from ...models.list_findings_state_item import ListFindingsStateItem
from ...models.list_findings_verdict_item import ListFindingsVerdictItem
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    customer: str,
    *,
    age: list[ListFindingsAgeItem] | Unset = UNSET,
    control: list[str] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    due: list[ListFindingsDueItem] | Unset = UNSET,
    fields: list[ListFindingsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    owner: list[str] | Unset = UNSET,
    q: str | Unset = UNSET,
    section: list[ListFindingsSectionItem] | Unset = UNSET,
    severity: list[ListFindingsSeverityItem] | Unset = UNSET,
    sort: ListFindingsSort | Unset = UNSET,
    state: list[ListFindingsStateItem] | Unset = UNSET,
    subscription: list[str] | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    verdict: list[ListFindingsVerdictItem] | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_age: list[str] | Unset = UNSET
    if not isinstance(age, Unset):
        json_age = []
        for age_item_data in age:
            age_item = age_item_data.value
            json_age.append(age_item)

    params["age"] = json_age

    json_control: list[str] | Unset = UNSET
    if not isinstance(control, Unset):
        json_control = control

    params["control"] = json_control

    params["cursor"] = cursor

    json_due: list[str] | Unset = UNSET
    if not isinstance(due, Unset):
        json_due = []
        for due_item_data in due:
            due_item = due_item_data.value
            json_due.append(due_item)

    params["due"] = json_due

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
        json_owner = owner

    params["owner"] = json_owner

    params["q"] = q

    json_section: list[str] | Unset = UNSET
    if not isinstance(section, Unset):
        json_section = []
        for section_item_data in section:
            section_item = section_item_data.value
            json_section.append(section_item)

    params["section"] = json_section

    json_severity: list[str] | Unset = UNSET
    if not isinstance(severity, Unset):
        json_severity = []
        for severity_item_data in severity:
            severity_item = severity_item_data.value
            json_severity.append(severity_item)

    params["severity"] = json_severity

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

    json_subscription: list[str] | Unset = UNSET
    if not isinstance(subscription, Unset):
        json_subscription = subscription

    params["subscription"] = json_subscription

    json_tag: list[str] | Unset = UNSET
    if not isinstance(tag, Unset):
        json_tag = tag

    params["tag"] = json_tag

    json_verdict: list[str] | Unset = UNSET
    if not isinstance(verdict, Unset):
        json_verdict = []
        for verdict_item_data in verdict:
            verdict_item = verdict_item_data.value
            json_verdict.append(verdict_item)

    params["verdict"] = json_verdict

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/customers/{customer}/findings".format(
            customer=quote(str(customer), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> FindingPage | Problem | None:
    if response.status_code == 200:
        response_200 = FindingPage.from_dict(response.json())

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
) -> Response[FindingPage | Problem]:
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
    age: list[ListFindingsAgeItem] | Unset = UNSET,
    control: list[str] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    due: list[ListFindingsDueItem] | Unset = UNSET,
    fields: list[ListFindingsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    owner: list[str] | Unset = UNSET,
    q: str | Unset = UNSET,
    section: list[ListFindingsSectionItem] | Unset = UNSET,
    severity: list[ListFindingsSeverityItem] | Unset = UNSET,
    sort: ListFindingsSort | Unset = UNSET,
    state: list[ListFindingsStateItem] | Unset = UNSET,
    subscription: list[str] | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    verdict: list[ListFindingsVerdictItem] | Unset = UNSET,
) -> Response[FindingPage | Problem]:
    """List findings

     The list contains the findings that match all filters. Without `sort`, the findings are in the order
    in which Surety first saw them. Findings whose subject no longer exists are included only with
    `state=gone`. Owners see only their own findings.

    Args:
        customer (str):
        age (list[ListFindingsAgeItem] | Unset):
        control (list[str] | Unset):
        cursor (str | Unset):
        due (list[ListFindingsDueItem] | Unset):
        fields (list[ListFindingsFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.
        owner (list[str] | Unset):
        q (str | Unset):
        section (list[ListFindingsSectionItem] | Unset):
        severity (list[ListFindingsSeverityItem] | Unset):
        sort (ListFindingsSort | Unset):
        state (list[ListFindingsStateItem] | Unset):
        subscription (list[str] | Unset):
        tag (list[str] | Unset):
        verdict (list[ListFindingsVerdictItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[FindingPage | Problem]
    """

    kwargs = _get_kwargs(
        customer=customer,
        age=age,
        control=control,
        cursor=cursor,
        due=due,
        fields=fields,
        limit=limit,
        owner=owner,
        q=q,
        section=section,
        severity=severity,
        sort=sort,
        state=state,
        subscription=subscription,
        tag=tag,
        verdict=verdict,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    customer: str,
    *,
    client: AuthenticatedClient,
    age: list[ListFindingsAgeItem] | Unset = UNSET,
    control: list[str] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    due: list[ListFindingsDueItem] | Unset = UNSET,
    fields: list[ListFindingsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    owner: list[str] | Unset = UNSET,
    q: str | Unset = UNSET,
    section: list[ListFindingsSectionItem] | Unset = UNSET,
    severity: list[ListFindingsSeverityItem] | Unset = UNSET,
    sort: ListFindingsSort | Unset = UNSET,
    state: list[ListFindingsStateItem] | Unset = UNSET,
    subscription: list[str] | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    verdict: list[ListFindingsVerdictItem] | Unset = UNSET,
) -> FindingPage | Problem | None:
    """List findings

     The list contains the findings that match all filters. Without `sort`, the findings are in the order
    in which Surety first saw them. Findings whose subject no longer exists are included only with
    `state=gone`. Owners see only their own findings.

    Args:
        customer (str):
        age (list[ListFindingsAgeItem] | Unset):
        control (list[str] | Unset):
        cursor (str | Unset):
        due (list[ListFindingsDueItem] | Unset):
        fields (list[ListFindingsFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.
        owner (list[str] | Unset):
        q (str | Unset):
        section (list[ListFindingsSectionItem] | Unset):
        severity (list[ListFindingsSeverityItem] | Unset):
        sort (ListFindingsSort | Unset):
        state (list[ListFindingsStateItem] | Unset):
        subscription (list[str] | Unset):
        tag (list[str] | Unset):
        verdict (list[ListFindingsVerdictItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        FindingPage | Problem
    """

    return sync_detailed(
        customer=customer,
        client=client,
        age=age,
        control=control,
        cursor=cursor,
        due=due,
        fields=fields,
        limit=limit,
        owner=owner,
        q=q,
        section=section,
        severity=severity,
        sort=sort,
        state=state,
        subscription=subscription,
        tag=tag,
        verdict=verdict,
    ).parsed


async def asyncio_detailed(
    customer: str,
    *,
    client: AuthenticatedClient,
    age: list[ListFindingsAgeItem] | Unset = UNSET,
    control: list[str] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    due: list[ListFindingsDueItem] | Unset = UNSET,
    fields: list[ListFindingsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    owner: list[str] | Unset = UNSET,
    q: str | Unset = UNSET,
    section: list[ListFindingsSectionItem] | Unset = UNSET,
    severity: list[ListFindingsSeverityItem] | Unset = UNSET,
    sort: ListFindingsSort | Unset = UNSET,
    state: list[ListFindingsStateItem] | Unset = UNSET,
    subscription: list[str] | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    verdict: list[ListFindingsVerdictItem] | Unset = UNSET,
) -> Response[FindingPage | Problem]:
    """List findings

     The list contains the findings that match all filters. Without `sort`, the findings are in the order
    in which Surety first saw them. Findings whose subject no longer exists are included only with
    `state=gone`. Owners see only their own findings.

    Args:
        customer (str):
        age (list[ListFindingsAgeItem] | Unset):
        control (list[str] | Unset):
        cursor (str | Unset):
        due (list[ListFindingsDueItem] | Unset):
        fields (list[ListFindingsFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.
        owner (list[str] | Unset):
        q (str | Unset):
        section (list[ListFindingsSectionItem] | Unset):
        severity (list[ListFindingsSeverityItem] | Unset):
        sort (ListFindingsSort | Unset):
        state (list[ListFindingsStateItem] | Unset):
        subscription (list[str] | Unset):
        tag (list[str] | Unset):
        verdict (list[ListFindingsVerdictItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[FindingPage | Problem]
    """

    kwargs = _get_kwargs(
        customer=customer,
        age=age,
        control=control,
        cursor=cursor,
        due=due,
        fields=fields,
        limit=limit,
        owner=owner,
        q=q,
        section=section,
        severity=severity,
        sort=sort,
        state=state,
        subscription=subscription,
        tag=tag,
        verdict=verdict,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    customer: str,
    *,
    client: AuthenticatedClient,
    age: list[ListFindingsAgeItem] | Unset = UNSET,
    control: list[str] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    due: list[ListFindingsDueItem] | Unset = UNSET,
    fields: list[ListFindingsFieldsItem] | Unset = UNSET,
    limit: int | Unset = 100,
    owner: list[str] | Unset = UNSET,
    q: str | Unset = UNSET,
    section: list[ListFindingsSectionItem] | Unset = UNSET,
    severity: list[ListFindingsSeverityItem] | Unset = UNSET,
    sort: ListFindingsSort | Unset = UNSET,
    state: list[ListFindingsStateItem] | Unset = UNSET,
    subscription: list[str] | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    verdict: list[ListFindingsVerdictItem] | Unset = UNSET,
) -> FindingPage | Problem | None:
    """List findings

     The list contains the findings that match all filters. Without `sort`, the findings are in the order
    in which Surety first saw them. Findings whose subject no longer exists are included only with
    `state=gone`. Owners see only their own findings.

    Args:
        customer (str):
        age (list[ListFindingsAgeItem] | Unset):
        control (list[str] | Unset):
        cursor (str | Unset):
        due (list[ListFindingsDueItem] | Unset):
        fields (list[ListFindingsFieldsItem] | Unset):
        limit (int | Unset):  Default: 100.
        owner (list[str] | Unset):
        q (str | Unset):
        section (list[ListFindingsSectionItem] | Unset):
        severity (list[ListFindingsSeverityItem] | Unset):
        sort (ListFindingsSort | Unset):
        state (list[ListFindingsStateItem] | Unset):
        subscription (list[str] | Unset):
        tag (list[str] | Unset):
        verdict (list[ListFindingsVerdictItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        FindingPage | Problem
    """

    return (
        await asyncio_detailed(
            customer=customer,
            client=client,
            age=age,
            control=control,
            cursor=cursor,
            due=due,
            fields=fields,
            limit=limit,
            owner=owner,
            q=q,
            section=section,
            severity=severity,
            sort=sort,
            state=state,
            subscription=subscription,
            tag=tag,
            verdict=verdict,
        )
    ).parsed
