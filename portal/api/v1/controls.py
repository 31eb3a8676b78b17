"""The catalogue of controls."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.controls.declare import Control
from assessments.controls.registry import SECTIONS, known_controls
from assessments.equivalents.equivalents import equivalents
from portal.api.etags import ETAG, with_etag
from portal.api.pages import listed, only, page_of_items, page_parameters, respond
from portal.api.v1.shared import RequirementSerializer
from tenants.errors import NotFound


class EquivalentSerializer(serializers.Serializer[Any]):
    """A check of another product. The check tests the same as the control."""

    product = serializers.CharField(help_text="“Prowler”, “Azure Policy” or “Microsoft Defender for Cloud”")
    id = serializers.CharField(help_text="The id of the check in the product")
    title = serializers.CharField(help_text="The title of the check; empty if the id says enough")
    url = serializers.URLField(
        help_text="The product’s page about the check, for example in the Azure portal"
    )
    differs = serializers.CharField(
        help_text="In which cases the check and the control can reach different verdicts; empty if there are none"
    )


class ControlSerializer(serializers.Serializer[Any]):
    """A control of the catalogue."""

    control = serializers.SlugField(source="slug")
    title = serializers.CharField()
    section = serializers.CharField()
    severity = serializers.CharField()
    problem = serializers.CharField(help_text="What pages and reports call a failure of the control")
    expected = serializers.CharField(
        help_text="What the control expects of a subject, with the default values of the parameters"
    )
    why = serializers.CharField(help_text="Why the control matters")
    is_manual = serializers.BooleanField(help_text="Whether a person answers the control")
    permissions = serializers.ListField(
        child=serializers.CharField(), help_text="Permissions that Surety needs to judge the control"
    )
    requirements = RequirementSerializer(many=True)
    equivalents = EquivalentSerializer(many=True)


class ControlsView(APIView):
    """The controls of this version, and the own controls of the organization."""

    @extend_schema(
        operation_id="list_controls",
        summary="List controls",
        parameters=list(page_parameters(ControlSerializer)),
        responses=listed("ControlPage", ControlSerializer),
    )
    def get(self, request: Request) -> Response:
        only(request, (), item=ControlSerializer)
        controls = [one for _, one in sorted(known_controls().items())]
        page = page_of_items(request, controls, lambda one: one.slug)
        return respond(request, map(_fields, page.rows), page.next_cursor)


class ControlView(APIView):
    """One control."""

    @extend_schema(
        operation_id="get_control", summary="Get a control", parameters=[ETAG], responses=ControlSerializer
    )
    def get(self, request: Request, control: str) -> Response:
        only(request, (), paged=False)
        found = known_controls().get(control)
        if found is None:
            raise NotFound(
                "This control does not exist. The list of controls names all controls of this version of Surety."
            )
        return with_etag(Response(_fields(found)))


def _fields(control: Control) -> dict[str, Any]:
    requirements = [
        {"framework": one.framework, "number": one.number, "degree": str(one.degree)}
        for one in control.framework_references(None)
    ]
    return {
        "control": control.slug,
        "title": control.title,
        "section": SECTIONS.get(control.section, control.section),
        "severity": str(control.severity),
        "problem": control.problem,
        "expected": control.expected,
        "why": control.why,
        "is_manual": control.is_manual,
        "permissions": list(control.permissions),
        "requirements": requirements,
        "equivalents": [
            {name: getattr(one, name) for name in ("product", "id", "title", "url", "differs")}
            for one in equivalents(control.slug)
        ],
    }
