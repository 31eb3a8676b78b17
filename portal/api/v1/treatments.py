"""What people do about findings: acknowledgements, owners, exceptions and answers to manual controls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.models import Finding
from portal.api.bodies import StrictSerializer, checked
from portal.api.idempotency import IDEMPOTENCY_KEY, create
from portal.api.listing import ListView
from portal.api.people import person
from portal.api.preconditions import IF_MATCH, change
from portal.api.v1.attestations import ATTESTATIONS, AttestationSerializer
from portal.api.v1.bulk_values import ValuesSerializer
from portal.api.v1.exceptions import EXCEPTIONS, FindingExceptionSerializer
from portal.api.v1.findings import FINDINGS, FindingSerializer
from portal.bulk_jobs.bulk_actions import acknowledge as acknowledge_action
from portal.bulk_jobs.bulk_actions import attest as attest_action
from portal.bulk_jobs.bulk_actions import request_exception as request_exception_action
from portal.queries.findings.selection import MAX_PICKED, FindingSelection
from portal.treatment.actions import exceptions
from portal.treatment.actions.acknowledge import acknowledge, withdraw_acknowledgement
from portal.treatment.actions.attestations.attest import attest, withdraw_attestation
from portal.treatment.actions.exceptions.request import MAX_TEXT
from portal.treatment.actions.owners.assign import assign, owner_with_address
from portal.treatment.errors import WrongState
from portal.treatment.models import FindingException
from portal.treatment.selectors.exceptions import seen_digest
from tenants import access
from tenants.errors import invalid
from tenants.models import Tenant
from tenants.roles import Capability

_MAX_MAXIMUM: Final = 2**31 - 1


class AcknowledgeSerializer(ValuesSerializer):
    """The plan for correcting the failure, and the planned day."""

    action = acknowledge_action.ACTION


class OwnerSerializer(StrictSerializer):
    """The person who should correct the failure."""

    email = serializers.EmailField(
        allow_null=True,
        help_text="The email address of a person who may own findings; null to leave the finding"
        " without an owner",
    )


class ExceptionTermsSerializer(ValuesSerializer):
    """The reason and the period of an exception."""

    action = request_exception_action.ACTION


class RequestSerializer(ExceptionTermsSerializer):
    """The exception to request: its reason, its period, and its scope, which is either `findings` or a `rule`."""

    findings = serializers.ListField(
        child=serializers.UUIDField(), required=False, min_length=1, max_length=MAX_PICKED
    )
    rule = serializers.DictField(
        child=serializers.CharField(max_length=600),
        required=False,
        help_text="The conditions of the rule. A finding must meet all conditions. Possible conditions are control,"
        " section, severity, unit, resource_group, resource_pattern, tag_name and tag_value",
    )
    maximum = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=_MAX_MAXIMUM,
        help_text="The maximum number of findings that a rule may cover; by default, the number of findings that the"
        " rule matches now",
    )


class ApproveSerializer(serializers.Serializer[Any]):
    """The terms on which the exception is approved."""

    note = serializers.CharField(
        max_length=MAX_TEXT, default="", allow_blank=True, help_text="Required for critical findings"
    )
    maximum = serializers.IntegerField(
        default=None,
        allow_null=True,
        min_value=1,
        max_value=_MAX_MAXIMUM,
        help_text="The maximum number of findings; only for exceptions by rule",
    )
    ends_at = serializers.DateTimeField(
        default=None,
        allow_null=True,
        help_text="The end of the exception, if it should be earlier than requested",
    )


class NoteSerializer(serializers.Serializer[Any]):
    """The reason why the exception is refused or revoked."""

    note = serializers.CharField(max_length=MAX_TEXT, help_text="At least three words")


class AttestSerializer(ValuesSerializer):
    """An answer to a manual control."""

    action = attest_action.ACTION


class AcknowledgeView(APIView):
    """The acknowledgement of a failure."""

    @extend_schema(
        operation_id="acknowledge_finding",
        summary="Acknowledge a failing finding",
        description="The acknowledgement ends when the failure ends. A new `plan` replaces the previous plan; if `plan`"
        " is empty, the previous plan remains. A new `planned_for` replaces the previous day; if `planned_for` is null,"
        " the previous day remains. To remove the plan and the day, withdraw the acknowledgement.",
        parameters=[IF_MATCH],
        request=AcknowledgeSerializer,
        responses=FindingSerializer,
    )
    def post(self, request: Request, customer: str, pk: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.TREAT)
        values = checked(AcknowledgeSerializer, request)

        def action(row: Finding) -> None:
            acknowledge(
                tenant=tenant, findings=Finding.objects.filter(pk=row.pk), by=person(request), **values
            )

        return change(request, tenant, FINDINGS, pk, action)


class WithdrawAcknowledgementView(APIView):
    """The withdrawal of an acknowledgement."""

    @extend_schema(
        operation_id="withdraw_acknowledgement",
        summary="Withdraw the acknowledgement of a finding",
        parameters=[IF_MATCH],
        request=None,
        responses=FindingSerializer,
    )
    def post(self, request: Request, customer: str, pk: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.TREAT)
        return change(
            request,
            tenant,
            FINDINGS,
            pk,
            lambda row: withdraw_acknowledgement(finding=row, by=person(request)),
        )


class AssignView(APIView):
    """The owner of a finding."""

    @extend_schema(
        operation_id="assign_finding",
        summary="Assign a finding, or unassign it",
        parameters=[IF_MATCH],
        request=OwnerSerializer,
        responses=FindingSerializer,
    )
    def post(self, request: Request, customer: str, pk: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.ASSIGN)
        email = checked(OwnerSerializer, request)["email"]
        owner = None if email is None else owner_with_address(tenant, email)

        def action(row: Finding) -> None:
            assign(tenant=tenant, findings=Finding.objects.filter(pk=row.pk), owner=owner, by=person(request))

        return change(request, tenant, FINDINGS, pk, action)


class ExceptionsView(ListView, listing=EXCEPTIONS):
    """Exceptions of a customer."""

    @extend_schema(
        operation_id="request_exception",
        summary="Request an exception",
        description="Someone other than the requester must approve the exception. Until then, the exception covers"
        " no findings.",
        parameters=[IDEMPOTENCY_KEY],
        request=RequestSerializer,
        responses={201: FindingExceptionSerializer},
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.TREAT)
        values = checked(RequestSerializer, request)

        def action() -> FindingException:
            return exceptions.request_exception(
                tenant=tenant, by=person(request), **_scope(tenant, values), **values
            )

        return create(request, tenant, EXCEPTIONS, "request_exception", action, status=201)


class ApproveView(APIView):
    """The approval of an exception."""

    @extend_schema(
        operation_id="approve_exception",
        summary="Approve an exception",
        description="The exception covers its findings only while their observed values do not change. The person"
        " who requested the exception cannot approve it.",
        parameters=[IF_MATCH],
        request=ApproveSerializer,
        responses=FindingExceptionSerializer,
    )
    def post(self, request: Request, customer: str, number: int) -> Response:
        tenant = access.tenant(customer, needs=Capability.APPROVE)
        values = checked(ApproveSerializer, request)

        def action(row: FindingException) -> None:
            exceptions.approve(exception=row, by=person(request), seen=seen_digest(row), **values)

        return change(request, tenant, EXCEPTIONS, number, action)


class RefuseView(APIView):
    """The refusal of an exception."""

    @extend_schema(
        operation_id="refuse_exception",
        summary="Refuse an exception",
        description="The person who requested the exception cannot refuse it.",
        parameters=[IF_MATCH],
        request=NoteSerializer,
        responses=FindingExceptionSerializer,
    )
    def post(self, request: Request, customer: str, number: int) -> Response:
        tenant = access.tenant(customer, needs=Capability.APPROVE)
        values = checked(NoteSerializer, request)
        return change(
            request,
            tenant,
            EXCEPTIONS,
            number,
            lambda row: exceptions.refuse(exception=row, by=person(request), **values),
        )


class RevokeView(APIView):
    """The revocation of an approved exception."""

    @extend_schema(
        operation_id="revoke_exception",
        summary="Revoke an approved exception",
        description="Findings of the exception that still fail become open again.",
        parameters=[IF_MATCH],
        request=NoteSerializer,
        responses=FindingExceptionSerializer,
    )
    def post(self, request: Request, customer: str, number: int) -> Response:
        tenant = access.tenant(customer, needs=Capability.APPROVE)
        values = checked(NoteSerializer, request)
        return change(
            request,
            tenant,
            EXCEPTIONS,
            number,
            lambda row: exceptions.revoke(exception=row, by=person(request), **values),
        )


class WithdrawView(APIView):
    """The withdrawal of an exception request that nobody has decided."""

    @extend_schema(
        operation_id="withdraw_exception",
        summary="Withdraw a request that nobody has decided",
        description="Only the person who requested the exception can withdraw the request.",
        parameters=[IF_MATCH],
        request=None,
        responses=FindingExceptionSerializer,
    )
    def post(self, request: Request, customer: str, number: int) -> Response:
        tenant = access.tenant(customer, needs=Capability.TREAT)
        return change(
            request,
            tenant,
            EXCEPTIONS,
            number,
            lambda row: exceptions.withdraw(exception=row, by=person(request)),
        )


class AnswerView(APIView):
    """The answer to a manual control."""

    @extend_schema(
        operation_id="answer_attestation",
        summary="Answer a manual control",
        description="The new answer replaces the current answer. Surety keeps earlier answers as history.",
        parameters=[IF_MATCH],
        request=AttestSerializer,
        responses=AttestationSerializer,
    )
    def post(self, request: Request, customer: str, pk: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.ATTEST)
        values = checked(AttestSerializer, request)
        return change(
            request,
            tenant,
            ATTESTATIONS,
            pk,
            lambda row: attest(finding=row, by=person(request), seen=row.observed_sha256, **values),
        )


class WithdrawAnswerView(APIView):
    """The withdrawal of an answer."""

    @extend_schema(
        operation_id="withdraw_answer",
        summary="Withdraw the answer to a manual control",
        description="The newest earlier answer that was not withdrawn takes effect again.",
        parameters=[IF_MATCH],
        request=None,
        responses=AttestationSerializer,
    )
    def post(self, request: Request, customer: str, pk: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.ATTEST)

        def action(row: Any) -> None:
            treatment = getattr(row, "treatment", None)
            if treatment is None or treatment.attestation is None:
                raise WrongState("This control has no answer, so there is nothing to withdraw.")
            withdraw_attestation(attestation=treatment.attestation, by=person(request))

        return change(request, tenant, ATTESTATIONS, pk, action)


ACTIONS: Final[Mapping[str, type[APIView]]] = {
    "findings/<uuid:pk>/acknowledge": AcknowledgeView,
    "findings/<uuid:pk>/withdraw-acknowledgement": WithdrawAcknowledgementView,
    "findings/<uuid:pk>/assign": AssignView,
    "exceptions/<int:number>/approve": ApproveView,
    "exceptions/<int:number>/refuse": RefuseView,
    "exceptions/<int:number>/revoke": RevokeView,
    "exceptions/<int:number>/withdraw": WithdrawView,
    "attestations/<uuid:pk>/answer": AnswerView,
    "attestations/<uuid:pk>/withdraw-answer": WithdrawAnswerView,
}
"""The views that change one finding, exception or attestation. Each key is the part of the URL below the customer."""


def _scope(tenant: Tenant, values: dict[str, Any]) -> dict[str, Any]:
    """Remove `findings` or `rule` from the values, and return the arguments that describe the scope of the
    exception.
    """
    findings, rule = values.pop("findings", None), values.pop("rule", None)
    if (findings is None) == (rule is None):
        raise invalid("findings", "Give either a list of findings or a rule, not both.")
    if rule is not None:
        return {"scope": FindingException.Scope.RULE, "rule": rule}
    selection = FindingSelection.parse({"finding": [str(one) for one in findings]}, tenant)
    assert selection is not None  # The serializer refuses an empty list.
    single = len(selection.picked) == 1
    scope = FindingException.Scope.FINDING if single else FindingException.Scope.LIST
    return {"scope": scope, "findings": selection.rows}
