"""Framework versions, and the results of a customer for their requirements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.frameworks.framework import NAMES, Framework, UnknownFramework, framework
from portal.api.listing import any_of, one_of, text
from portal.api.pages import check_values, listed, only, page_of_items, page_parameters, respond
from portal.queries.frameworks.coverage import Coverage
from portal.queries.frameworks.filters import NumberFilter
from portal.queries.frameworks.results import (
    STATES,
    NumberResult,
    Result,
    count_by_result,
    number_results,
    tenant_states,
)
from portal.queries.parameters import Parameters
from tenants import access
from tenants.errors import NotFound, invalid
from tenants.roles import Capability

_COVERAGE: Final = one_of("coverage", Coverage.values, "How completely controls check the requirement")
_FILTERS: Final = (
    _COVERAGE,
    any_of("section", "The text with which all numbers of the section begin, for example `AC` for `AC-2`"),
    any_of("level", "Level, profile or baseline, as in the field `level`"),
    any_of(
        "assessment", "How the requirement is assessed according to its publisher: `Automated` or `Manual`"
    ),
    text(
        "q",
        "Words to search for. Each word must occur in the number or title of the requirement, in the field `missing`,"
        " or in the name or title of a control",
    ),
)
_RESULT_FILTERS: Final = (one_of("result", Result.values, "Result"), *_FILTERS)


class FrameworkSerializer(serializers.Serializer[Any]):
    """A framework version."""

    framework = serializers.ChoiceField(list(NAMES), source="key")
    name = serializers.CharField()
    title = serializers.CharField()
    source = serializers.CharField(help_text="Where the publisher lists the requirements")  # type: ignore[assignment]
    requirements = serializers.IntegerField(help_text="The number of requirements")


class CustomerFrameworkSerializer(FrameworkSerializer):
    """A framework version with the results of a customer."""

    results = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Number of requirements for each result. A result is left out if no requirement has it",
    )


class CheckingControlSerializer(serializers.Serializer[Any]):
    """A control that checks a requirement."""

    control = serializers.SlugField()
    degree = serializers.CharField(help_text="full or partial")


class FrameworkRequirementSerializer(serializers.Serializer[Any]):
    """A requirement of a framework version."""

    number = serializers.CharField()
    title = serializers.CharField()
    section = serializers.CharField(help_text="The title of the section")
    level = serializers.CharField(allow_blank=True)
    assessment = serializers.CharField(
        help_text="How the requirement is assessed according to its publisher", allow_blank=True
    )
    coverage = serializers.ChoiceField(
        Coverage.values, help_text="How completely controls check the requirement"
    )
    missing = serializers.ListField(
        child=serializers.CharField(),
        help_text="The parts of the requirement that no control checks. If no control checks any part: the reasons for"
        " this",
    )
    controls = CheckingControlSerializer(many=True)


class RequirementResultSerializer(FrameworkRequirementSerializer):
    """A requirement with the result of a customer."""

    result = serializers.ChoiceField(Result.values)
    findings = serializers.DictField(
        child=serializers.IntegerField(),
        help_text=f"Number of findings of the requirement’s controls for each of these kinds: {', '.join(STATES)}",
    )


class FrameworksView(APIView):
    """The framework versions of the catalogue."""

    @extend_schema(
        operation_id="list_frameworks",
        summary="List frameworks",
        parameters=list(page_parameters(FrameworkSerializer)),
        responses=listed("FrameworkPage", FrameworkSerializer),
    )
    def get(self, request: Request) -> Response:
        only(request, (), item=FrameworkSerializer)
        page = page_of_items(request, [framework(key) for key in NAMES], lambda one: one.key)
        return respond(
            request, (FrameworkSerializer(_fields(one)).data for one in page.rows), page.next_cursor
        )


class RequirementsView(APIView):
    """The requirements of a framework version."""

    @extend_schema(
        operation_id="list_requirements",
        summary="List the requirements of a framework",
        parameters=[*_FILTERS, *page_parameters(FrameworkRequirementSerializer)],
        responses=listed("FrameworkRequirementPage", FrameworkRequirementSerializer),
    )
    def get(self, request: Request, framework: str) -> Response:
        found = _framework(framework)
        return _requirements(request, number_results(found, {}, {}), _FILTERS, FrameworkRequirementSerializer)


class CustomerFrameworksView(APIView):
    """The results of a customer by framework version."""

    @extend_schema(
        operation_id="list_customer_frameworks",
        summary="List the results of a customer by framework",
        parameters=list(page_parameters(CustomerFrameworkSerializer)),
        responses=listed("CustomerFrameworkPage", CustomerFrameworkSerializer),
    )
    def get(self, request: Request, customer: str) -> Response:
        only(request, (), item=CustomerFrameworkSerializer)
        tenant = access.tenant(customer, needs=Capability.VIEW_ALL)
        page = page_of_items(request, [framework(key) for key in NAMES], lambda one: one.key)
        states = tenant_states(tenant, timezone.now())
        shown = (_fields(one) | {"results": count_by_result(states.results(one))} for one in page.rows)
        return respond(request, (CustomerFrameworkSerializer(one).data for one in shown), page.next_cursor)


class CustomerRequirementsView(APIView):
    """The results of a customer for the requirements of a framework version."""

    @extend_schema(
        operation_id="list_requirement_results",
        summary="List the results of a customer for the requirements of a framework",
        parameters=[*_RESULT_FILTERS, *page_parameters(RequirementResultSerializer)],
        responses=listed("RequirementResultPage", RequirementResultSerializer),
    )
    def get(self, request: Request, customer: str, framework: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.VIEW_ALL)
        results = tenant_states(tenant, timezone.now()).results(_framework(framework))
        return _requirements(request, results, _RESULT_FILTERS, RequirementResultSerializer)


def _requirements(
    request: Request,
    rows: Sequence[NumberResult],
    filters: Iterable[OpenApiParameter],
    serializer: type[serializers.Serializer[Any]],
) -> Response:
    """Return the page of the requirements that match the filters."""
    filters = tuple(filters)
    only(request, [one.name for one in filters], item=serializer)
    parameters: Parameters = dict(request.query_params.lists())
    check_values(filters, parameters)
    for name in ("section", "level", "assessment"):
        known = NumberFilter({}).count(rows, name)
        if not known.keys() >= set(parameters.get(name, ())):
            raise invalid(
                name,
                f"The framework does not have this value. Known values: {', '.join(known) or 'none'}.",
            )
    matching = NumberFilter.parse(parameters).apply(rows)
    page = page_of_items(request, matching, lambda row: row.covered.number.number)
    return respond(request, (serializer(_requirement(row)).data for row in page.rows), page.next_cursor)


def _framework(key: str) -> Framework:
    try:
        return framework(key)
    except UnknownFramework:
        raise NotFound(
            "This framework does not exist. The list of frameworks names all frameworks of this version of Surety."
        ) from None


def _fields(found: Framework) -> dict[str, Any]:
    return {
        "key": found.key,
        "name": found.name,
        "title": found.title,
        "source": found.source,
        "requirements": len(found.numbers),
    }


def _requirement(row: NumberResult) -> dict[str, Any]:
    number = row.covered.number
    return {
        "number": number.number,
        "title": number.title,
        "section": number.section.title,
        "level": number.level,
        "assessment": number.assessment,
        "coverage": row.covered.coverage,
        "missing": row.covered.missing,
        "controls": [
            {"control": answer.control.slug, "degree": str(answer.reference.degree)}
            for answer in row.covered.answers
        ],
        "result": row.result,
        "findings": row.counts,
    }
