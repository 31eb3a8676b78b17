from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.framework_requirement_page import FrameworkRequirementPage
from ...models.list_requirements_coverage_item import ListRequirementsCoverageItem
from ...models.list_requirements_fields_item import ListRequirementsFieldsItem
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    framework: str,
    *,
    assessment: list[str] | Unset = UNSET,
    coverage: list[ListRequirementsCoverageItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListRequirementsFieldsItem] | Unset = UNSET,
    level: list[str] | Unset = UNSET,
    limit: int | Unset = 100,
    q: str | Unset = UNSET,
    section: list[str] | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_assessment: list[str] | Unset = UNSET
    if not isinstance(assessment, Unset):
        json_assessment = assessment

    params["assessment"] = json_assessment

    json_coverage: list[str] | Unset = UNSET
    if not isinstance(coverage, Unset):
        json_coverage = []
        for coverage_item_data in coverage:
            coverage_item = coverage_item_data.value
            json_coverage.append(coverage_item)

    params["coverage"] = json_coverage

    params["cursor"] = cursor

    json_fields: list[str] | Unset = UNSET
    if not isinstance(fields, Unset):
        json_fields = []
        for fields_item_data in fields:
            fields_item = fields_item_data.value
            json_fields.append(fields_item)

    params["fields"] = json_fields

    json_level: list[str] | Unset = UNSET
    if not isinstance(level, Unset):
        json_level = level

    params["level"] = json_level

    params["limit"] = limit

    params["q"] = q

    json_section: list[str] | Unset = UNSET
    if not isinstance(section, Unset):
        json_section = section

    params["section"] = json_section

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/frameworks/{framework}/requirements".format(
            framework=quote(str(framework), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> FrameworkRequirementPage | Problem | None:
    if response.status_code == 200:
        response_200 = FrameworkRequirementPage.from_dict(response.json())

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
) -> Response[FrameworkRequirementPage | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    framework: str,
    *,
    client: AuthenticatedClient,
    assessment: list[str] | Unset = UNSET,
    coverage: list[ListRequirementsCoverageItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListRequirementsFieldsItem] | Unset = UNSET,
    level: list[str] | Unset = UNSET,
    limit: int | Unset = 100,
    q: str | Unset = UNSET,
    section: list[str] | Unset = UNSET,
) -> Response[FrameworkRequirementPage | Problem]:
    """List the requirements of a framework

     The requirements of a framework version.

    Args:
        framework (str):
        assessment (list[str] | Unset):
        coverage (list[ListRequirementsCoverageItem] | Unset):
        cursor (str | Unset):
        fields (list[ListRequirementsFieldsItem] | Unset):
        level (list[str] | Unset):
        limit (int | Unset):  Default: 100.
        q (str | Unset):
        section (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[FrameworkRequirementPage | Problem]
    """

    kwargs = _get_kwargs(
        framework=framework,
        assessment=assessment,
        coverage=coverage,
        cursor=cursor,
        fields=fields,
        level=level,
        limit=limit,
        q=q,
        section=section,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    framework: str,
    *,
    client: AuthenticatedClient,
    assessment: list[str] | Unset = UNSET,
    coverage: list[ListRequirementsCoverageItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListRequirementsFieldsItem] | Unset = UNSET,
    level: list[str] | Unset = UNSET,
    limit: int | Unset = 100,
    q: str | Unset = UNSET,
    section: list[str] | Unset = UNSET,
) -> FrameworkRequirementPage | Problem | None:
    """List the requirements of a framework

     The requirements of a framework version.

    Args:
        framework (str):
        assessment (list[str] | Unset):
        coverage (list[ListRequirementsCoverageItem] | Unset):
        cursor (str | Unset):
        fields (list[ListRequirementsFieldsItem] | Unset):
        level (list[str] | Unset):
        limit (int | Unset):  Default: 100.
        q (str | Unset):
        section (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        FrameworkRequirementPage | Problem
    """

    return sync_detailed(
        framework=framework,
        client=client,
        assessment=assessment,
        coverage=coverage,
        cursor=cursor,
        fields=fields,
        level=level,
        limit=limit,
        q=q,
        section=section,
    ).parsed


async def asyncio_detailed(
    framework: str,
    *,
    client: AuthenticatedClient,
    assessment: list[str] | Unset = UNSET,
    coverage: list[ListRequirementsCoverageItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListRequirementsFieldsItem] | Unset = UNSET,
    level: list[str] | Unset = UNSET,
    limit: int | Unset = 100,
    q: str | Unset = UNSET,
    section: list[str] | Unset = UNSET,
) -> Response[FrameworkRequirementPage | Problem]:
    """List the requirements of a framework

     The requirements of a framework version.

    Args:
        framework (str):
        assessment (list[str] | Unset):
        coverage (list[ListRequirementsCoverageItem] | Unset):
        cursor (str | Unset):
        fields (list[ListRequirementsFieldsItem] | Unset):
        level (list[str] | Unset):
        limit (int | Unset):  Default: 100.
        q (str | Unset):
        section (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[FrameworkRequirementPage | Problem]
    """

    kwargs = _get_kwargs(
        framework=framework,
        assessment=assessment,
        coverage=coverage,
        cursor=cursor,
        fields=fields,
        level=level,
        limit=limit,
        q=q,
        section=section,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    framework: str,
    *,
    client: AuthenticatedClient,
    assessment: list[str] | Unset = UNSET,
    coverage: list[ListRequirementsCoverageItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    fields: list[ListRequirementsFieldsItem] | Unset = UNSET,
    level: list[str] | Unset = UNSET,
    limit: int | Unset = 100,
    q: str | Unset = UNSET,
    section: list[str] | Unset = UNSET,
) -> FrameworkRequirementPage | Problem | None:
    """List the requirements of a framework

     The requirements of a framework version.

    Args:
        framework (str):
        assessment (list[str] | Unset):
        coverage (list[ListRequirementsCoverageItem] | Unset):
        cursor (str | Unset):
        fields (list[ListRequirementsFieldsItem] | Unset):
        level (list[str] | Unset):
        limit (int | Unset):  Default: 100.
        q (str | Unset):
        section (list[str] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        FrameworkRequirementPage | Problem
    """

    return (
        await asyncio_detailed(
            framework=framework,
            client=client,
            assessment=assessment,
            coverage=coverage,
            cursor=cursor,
            fields=fields,
            level=level,
            limit=limit,
            q=q,
            section=section,
        )
    ).parsed
