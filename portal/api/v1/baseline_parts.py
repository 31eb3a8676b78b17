"""The parts of a baseline: parameters, profile, rules and channels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.views.decorators.debug import sensitive_variables
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.bodies import checked, names_of_fields
from portal.api.people import person
from portal.api.preconditions import IF_MATCH
from portal.api.v1.baselines import (
    NEEDS,
    BaselineSerializer,
    DeleteView,
    change_baseline,
    tenants_of,
)
from portal.api.v1.channels import CHANNEL_KINDS
from portal.api.v1.owner_rules import ConditionsSerializer
from portal.api.v1.watch_rules import SEVERITIES, WatchConditionsSerializer
from portal.changes.actions.baseline_rules import (
    remove_baseline_watch_rule,
    set_baseline_shipped_rule,
    set_baseline_watch_rule,
)
from portal.changes.shipped import SHIPPED
from portal.notify.kinds import KINDS
from portal.treatment.actions.baselines import (
    remove_baseline_channel,
    remove_baseline_rule,
    set_baseline_channel,
    set_baseline_parameters,
    set_baseline_rule,
)
from portal.treatment.actions.baselines.change import MAX_NAME
from portal.treatment.actions.baselines.profile import set_baseline_profile
from portal.treatment.models import Baseline, BaselineChannel
from portal.treatment.selectors.owners import owners_everywhere
from tenants import access
from tenants.errors import invalid
from tenants.models import Organization, Person

_FOLLOW: Final = (
    "Customers that have the previous value of the baseline get the new value. If the baseline had no value, customers"
    " that have the default value get the new value. Customers with a value of their own are listed as deviating."
)
_NAMES: Final = {"enabled": "is_enabled", "kinds": "events"}


class BaselineParametersSerializer(serializers.Serializer[Any]):
    """Parameters of a control."""

    control = serializers.SlugField(max_length=80)
    values = serializers.DictField(
        allow_null=True,
        help_text="The values, by the name of the parameter. Parameters that are left out get their default. Null"
        " if each customer sets its own values",
    )


class SetBaselineProfileSerializer(serializers.Serializer[Any]):
    """The controls that are judged for the customers."""

    profile = serializers.CharField(
        max_length=60,
        allow_blank=True,
        help_text="The key of the profile; empty if each customer chooses its own profile",
    )
    controls = serializers.ListField(
        child=serializers.SlugField(max_length=80),
        required=False,
        help_text="If the profile is `own`: its controls",
    )


class SetBaselineOwnerRuleSerializer(ConditionsSerializer):
    """An owner rule for many customers. So it has no condition on a subscription or directory."""

    name = serializers.CharField(max_length=MAX_NAME)
    owner = serializers.EmailField(
        help_text="The email address of a person who may own findings of all customers of the organization"
    )
    is_enabled = serializers.BooleanField(default=True)


class SetBaselineWatchRuleSerializer(WatchConditionsSerializer):
    """A watch rule for many customers. So it has no condition on subscriptions."""

    name = serializers.CharField(max_length=MAX_NAME)
    severity = serializers.ChoiceField(SEVERITIES)
    is_enabled = serializers.BooleanField(default=True)


class SetBaselineShippedRuleSerializer(serializers.Serializer[Any]):
    """The settings of a baseline for a watch rule that every customer has."""

    rule = serializers.ChoiceField(list(SHIPPED))
    severity = serializers.ChoiceField(SEVERITIES)
    is_enabled = serializers.BooleanField(allow_null=True, help_text="Null if each customer sets it")


class SetBaselineChannelSerializer(serializers.Serializer[Any]):
    """A channel for many customers."""

    name = serializers.CharField(max_length=MAX_NAME)
    kind = serializers.ChoiceField(CHANNEL_KINDS, required=False, help_text="Needed for a new channel")
    address = serializers.CharField(
        write_only=True, max_length=2000, required=False, help_text="Needed for a new channel"
    )
    events = serializers.ListField(
        child=serializers.ChoiceField(list(KINDS)), min_length=1, max_length=len(KINDS)
    )


class BaselineWithSecretSerializer(BaselineSerializer):
    """The baseline after the request, and the signing secret of a new webhook."""

    secret = serializers.CharField(
        allow_null=True, help_text="The signing secret of a new webhook, in this answer only; otherwise null"
    )


class BaselinePartSerializer(serializers.Serializer[Any]):
    """The name of a part of a baseline, such as a rule."""

    name = serializers.CharField(max_length=MAX_NAME)


def _part[F: Callable[..., Response]](
    operation: str, summary: str, body: type[serializers.Serializer[Any]], text: str = _FOLLOW
) -> Callable[[F], F]:
    """Return a decorator that describes an operation in the contract. The operation changes a part of a baseline, and
    its answer is the baseline.
    """
    described: Callable[[F], F] = extend_schema(
        operation_id=operation,
        summary=summary,
        description=text,
        parameters=[IF_MATCH],
        request=body,
        responses=BaselineSerializer,
    )
    return described


class _PartView(APIView):
    """The base class of operations on a part of a baseline. The right is checked before the body of the request is
    read, as in all other operations of the API.
    """

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        access.organization(kwargs["organization"], needs=NEEDS)


class ParametersView(_PartView):
    """The parameters of controls in a baseline."""

    @_part(
        "set_baseline_parameters",
        "Set the parameters of a control in a baseline",
        BaselineParametersSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        given = checked(BaselineParametersSerializer, request)
        return change_baseline(
            request,
            organization,
            pk,
            lambda row, found: set_baseline_parameters(
                **_given(request, row, found), slug=given["control"], values=given["values"]
            ),
        )


class ProfileView(_PartView):
    """The profile of controls in a baseline."""

    @_part("set_baseline_profile", "Set the profile of controls in a baseline", SetBaselineProfileSerializer)
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        given = checked(SetBaselineProfileSerializer, request)
        return change_baseline(
            request,
            organization,
            pk,
            lambda row, found: set_baseline_profile(**_given(request, row, found), **given),
        )


class OwnerRuleView(_PartView):
    """The owner rules of a baseline."""

    @_part(
        "set_baseline_owner_rule",
        "Add an owner rule to a baseline, or replace the rule of this name",
        SetBaselineOwnerRuleSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        given = checked(SetBaselineOwnerRuleSerializer, request)

        def action(row: Baseline, found: Organization) -> None:
            names = [rule["name"] for rule in row.owner_rules]
            values = {**given, "owner": _owner(found, given["owner"]), "enabled": given["is_enabled"]}
            del values["is_enabled"]
            position = names.index(given["name"]) if given["name"] in names else None
            with names_of_fields(_NAMES):
                set_baseline_rule(**_given(request, row, found), position=position, **values)

        return change_baseline(request, organization, pk, action)


class RemoveOwnerRuleView(_PartView):
    """The removal of an owner rule from a baseline."""

    @_part(
        "remove_baseline_owner_rule",
        "Remove an owner rule from a baseline",
        BaselinePartSerializer,
        "Customers keep their rules.",
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        name = checked(BaselinePartSerializer, request)["name"]

        def action(row: Baseline, found: Organization) -> None:
            _require_part(name, [rule["name"] for rule in row.owner_rules])
            remove_baseline_rule(**_given(request, row, found), name=name)

        return change_baseline(request, organization, pk, action)


class WatchRuleView(_PartView):
    """The watch rules of a baseline."""

    @_part(
        "set_baseline_watch_rule",
        "Add a watch rule to a baseline, or replace the rule of this name",
        SetBaselineWatchRuleSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        given = checked(SetBaselineWatchRuleSerializer, request)

        def action(row: Baseline, found: Organization) -> None:
            known = given["name"] in [rule.get("name") for rule in row.watch_rules]
            values = {**given, "enabled": given["is_enabled"], "present": given["name"] if known else ""}
            del values["is_enabled"]
            with names_of_fields(_NAMES):
                set_baseline_watch_rule(**_given(request, row, found), **values)

        return change_baseline(request, organization, pk, action)


class RemoveWatchRuleView(_PartView):
    """The removal of a watch rule from a baseline."""

    @_part(
        "remove_baseline_watch_rule",
        "Remove a watch rule from a baseline",
        BaselinePartSerializer,
        "Customers keep their rules.",
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        name = checked(BaselinePartSerializer, request)["name"]

        def action(row: Baseline, found: Organization) -> None:
            _require_part(name, [rule.get("name", "") for rule in row.watch_rules])
            remove_baseline_watch_rule(**_given(request, row, found), name=name)

        return change_baseline(request, organization, pk, action)


class ShippedRuleView(_PartView):
    """The shipped watch rules in a baseline."""

    @_part(
        "set_baseline_shipped_rule",
        "Turn a shipped watch rule on or off in a baseline, or set its severity",
        SetBaselineShippedRuleSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        given = checked(SetBaselineShippedRuleSerializer, request)
        return change_baseline(
            request,
            organization,
            pk,
            lambda row, found: set_baseline_shipped_rule(
                **_given(request, row, found),
                key=given["rule"],
                enabled=given["is_enabled"],
                severity=given["severity"],
            ),
        )


class ChannelView(_PartView):
    """The channels of a baseline."""

    @extend_schema(
        operation_id="set_baseline_channel",
        summary="Add a channel to a baseline, or change the channel of this name",
        description=f"The answer has the signing secret of a new webhook. The secret cannot be read again. {_FOLLOW}",
        parameters=[IF_MATCH],
        request=SetBaselineChannelSerializer,
        responses=BaselineWithSecretSerializer,
    )
    @sensitive_variables("given", "secrets", "secret")
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        given = checked(SetBaselineChannelSerializer, request)
        secrets: list[str] = []

        def action(row: Baseline, found: Organization) -> None:
            stored = row.channels.filter(name=given["name"]).first()
            if stored is None and not given.get("address"):
                raise invalid("address", "Enter the address of the new channel.")
            if stored is not None and given.get("kind", stored.kind) != stored.kind:
                raise invalid(
                    "kind", "The kind of a channel cannot change. Remove the channel, then add it again."
                )
            with names_of_fields(_NAMES):
                _, secret = set_baseline_channel(
                    **_given(request, row, found),
                    channel=stored,
                    name=given["name"],
                    kind=stored.kind if stored else given.get("kind", ""),
                    address=given.get("address", ""),
                    kinds=given["events"],
                )
            secrets.append(secret)

        response = change_baseline(request, organization, pk, action)
        response.data = {**response.data, "secret": next(iter(secrets), "") or None}
        return response


class RemoveChannelView(_PartView):
    """The removal of a channel from a baseline."""

    @_part(
        "remove_baseline_channel",
        "Remove a channel from a baseline",
        BaselinePartSerializer,
        "Customers keep their channels.",
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        name = checked(BaselinePartSerializer, request)["name"]

        def action(row: Baseline, found: Organization) -> None:
            rows = BaselineChannel.objects.filter(baseline=row, name=name)
            stored = rows.select_related("baseline__organization").first()
            if stored is None:
                raise invalid("name", "The baseline has no channel of this name.")
            remove_baseline_channel(channel=stored, by=person(request), tenants=tenants_of(found))

        return change_baseline(request, organization, pk, action)


ACTIONS: Final[dict[str, type[APIView]]] = {
    "delete": DeleteView,
    "parameters": ParametersView,
    "profile": ProfileView,
    "owner-rules": OwnerRuleView,
    "owner-rules/remove": RemoveOwnerRuleView,
    "watch-rules": WatchRuleView,
    "watch-rules/remove": RemoveWatchRuleView,
    "shipped-watch-rules": ShippedRuleView,
    "channels": ChannelView,
    "channels/remove": RemoveChannelView,
}
"""The views of further operations on a baseline. Each key is the part of the URL below the baseline."""


def _given(request: Request, row: Baseline, organization: Organization) -> dict[str, Any]:
    return {"baseline": row, "by": person(request), "tenants": tenants_of(organization)}


def _owner(organization: Organization, email: str) -> Person:
    wanted = email.strip().lower()
    found = next((one for one in owners_everywhere(organization) if one.email == wanted), None)
    if found is None:
        raise invalid(
            "owner", "No person with this address may own findings of all customers of the organization."
        )
    return found


def _require_part(name: str, names: list[str]) -> None:
    if name not in names:
        raise invalid("name", "The baseline has no rule of this name.")
