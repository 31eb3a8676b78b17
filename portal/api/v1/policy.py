"""The policy of a customer: due days, the maximum length of exceptions, which controls are judged, their parameters,
and the rules that change severities.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.actions.control_settings import set_control_values
from assessments.actions.profiles import (
    CONDITIONS,
    MAX_REASON,
    MAX_SEVERITY_RULES,
    MAX_TAG,
    MAX_TAG_VALUES,
    checked_severity_rules,
    profile_part,
    set_severity_rules,
    severity_part,
    switch_on,
)
from assessments.controls.registry import catalogue, known_controls
from assessments.models import ControlSetting, Finding, SwitchedOffControl
from assessments.severity_preview import preview_severities
from portal.api.bodies import checked
from portal.api.etags import ETAG, etag_of, with_etag
from portal.api.pages import only
from portal.api.people import person
from portal.api.preconditions import IF_MATCH, require_match
from portal.api.v1.tenant_changes import change_tenant_as_read
from portal.treatment.actions.control_switches import change_profile, switch_control_off
from tenants import access
from tenants.actions.organizations import MAX_DAYS, lock_settings
from tenants.errors import NotFound
from tenants.models import Tenant
from tenants.roles import Capability

STEPS: Final = (1, -1)


class ParameterSerializer(serializers.Serializer[Any]):
    """A parameter of a control whose value the customer has changed."""

    control = serializers.SlugField()
    parameter = serializers.CharField()
    value = serializers.JSONField(help_text="The customer's value. It has the same type as the default")
    default = serializers.JSONField(help_text="The value of the catalogue")


class SwitchedOffSerializer(serializers.Serializer[Any]):
    """A control that is not judged for the customer."""

    control = serializers.SlugField()
    reason = serializers.CharField()
    by = serializers.CharField(
        help_text="The email address of the person who switched the control off, or the name of the operator; empty if"
        " the person's data was erased"
    )
    at = serializers.DateTimeField()


class ProfileSerializer(serializers.Serializer[Any]):
    """The controls that are judged for the customer."""

    profile = serializers.CharField(
        help_text="The key of a profile of controls, such as “everything” or “own”"
    )
    controls = serializers.ListField(
        child=serializers.SlugField(), required=False, help_text="If the profile is “own”: its controls"
    )


class SeverityRuleSerializer(serializers.Serializer[Any]):
    """A rule that changes the severity of failures, depending on the context of the failing resource."""

    when = serializers.ChoiceField(
        CONDITIONS,
        help_text="`internet`: public networks can reach the resource; `secrets`: the resource holds secrets;"
        " `tag`: the resource has a tag",
    )
    step = serializers.ChoiceField(STEPS, help_text="1: one level more severe; -1: one level less severe")
    tag = serializers.CharField(
        required=False, max_length=MAX_TAG, help_text="The name of the tag; required for the condition `tag`"
    )
    values = serializers.ListField(
        child=serializers.CharField(max_length=MAX_TAG),
        required=False,
        max_length=MAX_TAG_VALUES,
        help_text="Values of the tag. The tag of the resource must have one of these values. Without this field, any"
        " value matches",
    )


class SeverityRulesSerializer(serializers.Serializer[Any]):
    """The rules that change severities. With an empty list, no severity changes."""

    rules = serializers.ListField(child=SeverityRuleSerializer(), max_length=MAX_SEVERITY_RULES)


class SeverityChangeSerializer(serializers.Serializer[Any]):
    """Findings that would change from one severity to another."""

    before = serializers.ChoiceField(Finding.Severity.values, help_text="The present severity")
    after = serializers.ChoiceField(Finding.Severity.values, help_text="The severity under the rules")
    findings = serializers.IntegerField()


class SeverityPreviewSerializer(serializers.Serializer[Any]):
    """The changes of severities that rules would cause. Nothing is saved."""

    compared = serializers.IntegerField(help_text="The number of failing findings that were compared")
    changed = serializers.IntegerField(help_text="The number of findings whose severity would change")
    changes = SeverityChangeSerializer(many=True)
    incomplete = serializers.CharField(
        allow_blank=True,
        help_text="Why some failing findings were not compared; empty if all failing findings were compared",
    )


class SwitchSerializer(serializers.Serializer[Any]):
    """Whether a control is switched off for the customer, and why."""

    off = serializers.BooleanField()
    reason = serializers.CharField(
        required=False,
        max_length=MAX_REASON,
        help_text="The reason, which reports show; required to switch a control off",
    )


class PolicySerializer(serializers.Serializer[Any]):
    """The policy of a customer."""

    exception_cap_days = serializers.IntegerField(help_text="The maximum length of exceptions, in days")
    due_days = serializers.DictField(
        child=serializers.IntegerField(allow_null=True),
        help_text="For each severity, the number of days from the beginning of a failure to its due date",
    )
    parameters = ParameterSerializer(many=True)
    profile = serializers.CharField(
        help_text="The key of the profile of controls. The profile decides which controls apply to the customer"
    )
    profile_controls = serializers.ListField(
        child=serializers.SlugField(),
        help_text="The controls in the profile “own”; empty with another profile",
    )
    switched_off = SwitchedOffSerializer(many=True)
    severity_rules = SeverityRuleSerializer(many=True)


class DueDaysSerializer(serializers.Serializer[Any]):
    """For each severity, the number of days from the beginning of a failure to its due date."""

    critical = serializers.IntegerField(min_value=1, max_value=MAX_DAYS)
    high = serializers.IntegerField(min_value=1, max_value=MAX_DAYS)
    medium = serializers.IntegerField(min_value=1, max_value=MAX_DAYS)
    low = serializers.IntegerField(min_value=1, max_value=MAX_DAYS)
    info = serializers.IntegerField(min_value=1, max_value=MAX_DAYS)


class ChangePolicySerializer(serializers.Serializer[Any]):
    """The new values. Fields that are left out do not change."""

    exception_cap_days = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_DAYS, help_text="The maximum length of exceptions, in days"
    )
    due_days = DueDaysSerializer(required=False)


class ValuesSerializer(serializers.Serializer[Any]):
    """The values of a control's parameters."""

    values = serializers.DictField(
        child=serializers.JSONField(),
        help_text="An object that maps the name of each parameter to its value. Parameters that are left out get"
        " their default value",
    )


class PolicyView(APIView):
    """The policy of a customer."""

    @extend_schema(
        operation_id="get_policy",
        summary="Get the policy",
        description="The policy consists of the due days, the maximum length of exceptions, the parameters of"
        " controls with a value other than the default, the profile of controls, the controls that are switched"
        " off, and the severity rules.",
        parameters=[ETAG],
        responses=PolicySerializer,
    )
    def get(self, request: Request, customer: str) -> Response:
        only(request, (), paged=False)
        return with_etag(Response(_shown(access.tenant(customer, needs=Capability.VIEW_ALL))))

    @extend_schema(
        operation_id="change_policy",
        summary="Change due dates and the maximum length of exceptions",
        description="A new maximum length applies to later requests and approvals of exceptions.",
        parameters=[IF_MATCH],
        request=ChangePolicySerializer,
        responses=PolicySerializer,
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        values = checked(ChangePolicySerializer, request)
        changed = change_tenant_as_read(request, tenant, lambda row: etag_of(_shown(row)), values)
        return with_etag(Response(_shown(changed)))


class ParametersView(APIView):
    """The parameters of a control."""

    @extend_schema(
        operation_id="set_control_parameters",
        summary="Set the parameters of a control",
        description="The next assessment uses the new values. Send the `ETag` of the policy in the header"
        " `If-Match`.",
        parameters=[IF_MATCH],
        request=ValuesSerializer,
        responses=PolicySerializer,
    )
    def post(self, request: Request, customer: str, control: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        if control not in catalogue():
            raise NotFound("This control does not exist.")
        values = checked(ValuesSerializer, request)["values"]
        return _change(
            request,
            tenant,
            lambda: set_control_values(tenant=tenant, by=person(request), slug=control, values=values),
        )


class ProfileView(APIView):
    """The profile of controls of a customer."""

    @extend_schema(
        operation_id="set_profile",
        summary="Set the profile of controls",
        description="The next assessment evaluates the controls of the new profile. Send the `ETag` of the policy in"
        " the header `If-Match`.",
        parameters=[IF_MATCH],
        request=ProfileSerializer,
        responses=PolicySerializer,
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        values = checked(ProfileSerializer, request)
        return _change(request, tenant, lambda: change_profile(tenant=tenant, by=person(request), **values))


class SeverityView(APIView):
    """The rules that raise or lower the severity of a customer's failures, depending on the failing resource."""

    @extend_schema(
        operation_id="set_severity_rules",
        summary="Set severities by context",
        description="From the next assessment, the rules raise or lower the severity of matching failures by one"
        " level. Send the `ETag` of the policy in the header `If-Match`.",
        parameters=[IF_MATCH],
        request=SeverityRulesSerializer,
        responses=PolicySerializer,
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        rules = checked(SeverityRulesSerializer, request)["rules"]
        return _change(
            request, tenant, lambda: set_severity_rules(tenant=tenant, by=person(request), rules=rules)
        )


class SeverityPreviewView(APIView):
    """The number of failures whose severity would change under the rules in the request."""

    @extend_schema(
        operation_id="preview_severity_rules",
        summary="Preview severities by context",
        description="Counts the failing findings whose severity these rules would change. The count uses the newest"
        " stored configurations. Nothing is saved.",
        request=SeverityRulesSerializer,
        responses=SeverityPreviewSerializer,
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        rules = checked_severity_rules(checked(SeverityRulesSerializer, request)["rules"])
        found = preview_severities(tenant, rules)
        values = {
            "compared": found.compared,
            "changed": found.changed,
            "changes": [
                {"before": before, "after": after, "findings": number}
                for before, after, number in found.rows()
            ],
            "incomplete": found.incomplete,
        }
        return Response(SeverityPreviewSerializer(values).data)


class SwitchView(APIView):
    """Switch a control on or off for a customer."""

    @extend_schema(
        operation_id="switch_control",
        summary="Switch a control off or on",
        description="The next assessment does not evaluate a control that is switched off. Send the `ETag` of the"
        " policy in the header `If-Match`.",
        parameters=[IF_MATCH],
        request=SwitchSerializer,
        responses=PolicySerializer,
    )
    def post(self, request: Request, customer: str, control: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        if control not in known_controls():
            raise NotFound("This control does not exist.")
        values = checked(SwitchSerializer, request)

        def action() -> None:
            if values["off"]:
                switch_control_off(
                    tenant=tenant, by=person(request), slug=control, reason=values.get("reason", "")
                )
            else:
                switch_on(tenant=tenant, by=person(request), slug=control)

        return _change(request, tenant, action)


def _change(request: Request, tenant: Tenant, action: Callable[[], object]) -> Response:
    """Call `action` to change the policy, and return the changed policy. Raise PreconditionFailed if the policy has
    changed since the program read it.
    """
    lock_settings([tenant])
    require_match(request, etag_of(_shown(tenant)))
    action()
    return with_etag(Response(_shown(tenant)))


def _shown(tenant: Tenant) -> Any:
    profile = profile_part(tenant)
    off = SwitchedOffControl.objects.filter(tenant=tenant).select_related("by")
    fields = {
        "exception_cap_days": tenant.exception_cap_days,
        "due_days": tenant.due_days,
        "parameters": _parameters(tenant),
        "profile": profile["profile"],
        "profile_controls": profile["controls"],
        "switched_off": [
            {
                "control": row.control,
                "reason": row.reason,
                "by": row.by.email if row.by else row.system_name,
                "at": row.at,
            }
            for row in off.order_by("control")
        ],
        "severity_rules": severity_part(tenant)["rules"],
    }
    return PolicySerializer(fields).data


def _parameters(tenant: Tenant) -> list[dict[str, Any]]:
    found = []
    for row in ControlSetting.objects.filter(tenant=tenant).order_by("control"):
        control = catalogue().get(row.control)
        # A stored setting can name a control or a parameter that was removed from the catalogue later. Leave it out.
        for one in control.parameters if control else ():
            if one.name in row.values:
                value = row.values[one.name]
                found.append(
                    {"control": row.control, "parameter": one.name, "value": value, "default": one.default}
                )
    return found
