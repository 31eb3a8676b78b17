"""The controls that an organization writes itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.actions.own_controls import MAX_REASON, publish, save_draft, set_state
from assessments.models import OwnControl, OwnControlVersion
from assessments.own.definition import stored_form
from assessments.own_controls.catalogue import own_controls_of
from assessments.own_controls.trial import MAX_CUSTOMERS, Trial, try_control
from portal.api.bodies import checked
from portal.api.idempotency import IDEMPOTENCY_KEY, create_in_organization
from portal.api.organization_listing import (
    OrganizationListing,
    OrganizationListView,
    OrganizationObjectView,
)
from portal.api.pages import only
from portal.api.people import person
from portal.api.preconditions import IF_MATCH
from portal.configuration.own_controls import MAX_CHARACTERS, problems_of_cases, read_control
from tenants import access
from tenants.errors import NotFound, invalid
from tenants.models import Organization, Tenant
from tenants.roles import Capability

_WRITE: Final = Capability.ADMINISTER
_DECIDE: Final = Capability.ORGANIZATION
STATES: Final = OwnControl.State.values
SWITCHES: Final = ("active", "off", "retired")


class OwnDraftSerializer(serializers.Serializer[Any]):
    """A draft: the version of a control that the organization has not published yet."""

    version = serializers.IntegerField(source="number")
    text = serializers.CharField(help_text="The definition as YAML")
    written_at = serializers.DateTimeField()
    problems = serializers.ListField(
        child=serializers.CharField(),
        help_text="One sentence for each case (example) of the draft that does not get the expected verdict",
    )


class OwnControlSerializer(serializers.Serializer[Any]):
    """A control that the organization wrote."""

    id = serializers.UUIDField(source="pk")
    control = serializers.SlugField(source="slug")
    state = serializers.ChoiceField(STATES)
    version = serializers.IntegerField(
        help_text="The number of the version that assessments use; 0 until the first version is published"
    )
    reason = serializers.CharField(
        allow_blank=True, help_text="The reason why the control is switched off or retired"
    )
    text = serializers.CharField(allow_blank=True, help_text="The published definition as YAML")
    draft = OwnDraftSerializer(allow_null=True)
    changed_at = serializers.DateTimeField()


class WriteOwnControlSerializer(serializers.Serializer[Any]):
    """The definition of a control."""

    text = serializers.CharField(
        max_length=MAX_CHARACTERS, trim_whitespace=False, help_text="YAML, at most 32,000 characters"
    )


class PublishOwnControlSerializer(serializers.Serializer[Any]):
    """The draft to publish."""

    version = serializers.IntegerField(
        min_value=1, help_text="The number of the draft version that you have read"
    )


class SwitchOwnControlSerializer(serializers.Serializer[Any]):
    """The new state of a control."""

    state = serializers.ChoiceField(
        SWITCHES, help_text="The new state. The state of a retired control can no longer be changed"
    )
    reason = serializers.CharField(
        required=False,
        max_length=MAX_REASON,
        help_text="The reason, which reports show; required for the states `off` and `retired`",
    )


class TriedResourceSerializer(serializers.Serializer[Any]):
    """A resource that would not pass the control."""

    resource = serializers.CharField(help_text="The id in Azure")
    outcome = serializers.CharField()
    reason = serializers.CharField()


class OwnTrialSerializer(serializers.Serializer[Any]):
    """The verdicts that the control would give for a customer."""

    customer = serializers.SlugField()
    outcomes = serializers.DictField(
        child=serializers.IntegerField(), help_text="Number of resources by outcome"
    )
    resources = TriedResourceSerializer(
        many=True, help_text="At most 100 resources whose verdict is fail or unknown"
    )
    incomplete = serializers.CharField(
        allow_blank=True, help_text="Why some resources were not evaluated; empty if all were evaluated"
    )


class OwnTrialsSerializer(serializers.Serializer[Any]):
    """The verdicts that the control would give, by customer."""

    version = serializers.IntegerField(
        help_text="The number of the version that was tried: the draft if there is one,"
        " otherwise the published version"
    )
    customers = OwnTrialSerializer(many=True)


def _objects(organization: Organization, rows: Sequence[OwnControl]) -> list[dict[str, Any]]:
    drafts, texts = {}, {}
    found = OwnControlVersion.objects.filter(organization=organization, control__in=rows)
    for one in found.order_by("number"):
        if one.published_at is None:
            drafts[one.control_id] = one
        else:
            texts[one.control_id] = one.text
    return [
        {
            **{
                name: getattr(row, name)
                for name in ("pk", "slug", "state", "version", "reason", "changed_at")
            },
            "text": texts.get(row.pk, ""),
            "draft": _draft(drafts[row.pk]) if row.pk in drafts else None,
        }
        for row in rows
    ]


def _draft(row: OwnControlVersion) -> dict[str, Any]:
    return {
        "number": row.number,
        "text": row.text,
        "written_at": row.written_at,
        "problems": [str(one) for one in problems_of_cases(row.text, row.data)],
    }


OWN_CONTROLS: Final = OrganizationListing[OwnControl](
    plural="own-controls",
    singular="own-control",
    needs=_WRITE,
    serializer=OwnControlSerializer,
    rows=own_controls_of,
    lock=lambda row: list(OwnControl.objects.select_for_update(of=("self",)).filter(pk=row.pk)),
    objects=_objects,
    description="The controls that the organization wrote itself, including drafts and retired controls. The token"
    " needs the right `administer` for the whole organization.",
)


class OwnControlsView(OrganizationListView, listing=OWN_CONTROLS):
    """The controls that the organization wrote."""

    @extend_schema(
        operation_id="write_own_control",
        summary="Write an own control",
        description="Stores a draft of a control. If the key `control` in the YAML names an existing control, the"
        " draft is the next version of this control. Otherwise, the draft is a new control. The draft replaces"
        " an earlier draft of the same control. Assessments use a draft only after it is published.",
        parameters=[IDEMPOTENCY_KEY],
        request=WriteOwnControlSerializer,
        responses={201: OwnControlSerializer},
    )
    def post(self, request: Request, organization: str) -> Response:
        found = access.organization(organization, needs=_WRITE)
        text = checked(WriteOwnControlSerializer, request)["text"]

        def action() -> OwnControl:
            data = read_control(text, found)
            return save_draft(organization=found, by=person(request), text=text, data=data)

        return create_in_organization(request, found, OWN_CONTROLS, "write_own_control", action)


class OwnControlView(OrganizationObjectView, listing=OWN_CONTROLS):
    """A control that the organization wrote."""


class PublishView(APIView):
    """The publication of a draft."""

    @extend_schema(
        operation_id="publish_own_control",
        summary="Publish an own control",
        description="The next assessment of each customer uses the published version. The token needs the right"
        " `organization`. If another administrator exists, the author of the draft cannot publish the draft."
        " Every case (example) of the draft must get the expected verdict.",
        parameters=[IF_MATCH],
        request=PublishOwnControlSerializer,
        responses=OwnControlSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=_DECIDE)
        number = checked(PublishOwnControlSerializer, request)["version"]
        OWN_CONTROLS.change(
            request, found, pk, lambda row: publish(control=row, by=person(request), number=number)
        )
        return OWN_CONTROLS.answer(found, OWN_CONTROLS.find(found, pk))


class SwitchView(APIView):
    """The change of the state of a published control."""

    @extend_schema(
        operation_id="switch_own_control",
        summary="Switch an own control off or on, or retire it",
        description="The change takes effect at the next assessment of each customer. The token needs the right"
        " `organization`.",
        parameters=[IF_MATCH],
        request=SwitchOwnControlSerializer,
        responses=OwnControlSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=_DECIDE)
        values = checked(SwitchOwnControlSerializer, request)
        OWN_CONTROLS.change(
            request, found, pk, lambda row: set_state(control=row, by=person(request), **values)
        )
        return OWN_CONTROLS.answer(found, OWN_CONTROLS.find(found, pk))


class TrialView(APIView):
    """The verdicts that a control would give for customers."""

    @extend_schema(
        operation_id="try_own_control",
        summary="Try an own control",
        description="Evaluates the stored configurations of customers with the draft, or with the published version"
        " if there is no draft. Nothing is saved. Each organization can try only one control at a time.",
        parameters=[
            OpenApiParameter(
                "customer",
                OpenApiTypes.STR,
                required=True,
                description=f"Short names of at most {MAX_CUSTOMERS} customers, separated by commas",
            )
        ],
        responses=OwnTrialsSerializer,
    )
    def get(self, request: Request, organization: str, pk: UUID) -> Response:
        only(request, ("customer",), paged=False)
        found = access.organization(organization, needs=_WRITE)
        row = OWN_CONTROLS.find(found, pk)
        chosen = _customers(found, request.query_params.get("customer", ""))
        draft = OwnControlVersion.objects.filter(control=row, published_at=None).first()
        definition = stored_form(draft.data) if draft else row.definition
        trials = [_shown(trial) for trial in try_control(definition, chosen)]
        values = {"version": draft.number if draft else row.version, "customers": trials}
        return Response(OwnTrialsSerializer(values).data)


def _customers(organization: Organization, given: str) -> list[Tenant]:
    names = sorted({name for name in given.split(",") if name})
    if not 1 <= len(names) <= MAX_CUSTOMERS:
        raise invalid("customer", f"Send the short names of 1 to {MAX_CUSTOMERS} customers.")
    rows = access.tenants(needs=Capability.VIEW_ALL).filter(organization=organization, slug__in=names)
    found = {row.slug: row for row in rows}
    if unknown := [name for name in names if name not in found]:
        raise NotFound(f"There is no customer “{unknown[0][:60]}”, or the token gives no access to it.")
    return [found[name] for name in names]


def _shown(trial: Trial) -> dict[str, Any]:
    return {
        "customer": trial.tenant.slug,
        "outcomes": dict(trial.counts),
        "resources": trial.listed,
        "incomplete": trial.incomplete,
    }


ACTIONS: Final = {"publish": PublishView, "switch": SwitchView, "trial": TrialView}
