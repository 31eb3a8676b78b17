"""Bulk jobs: actions on many findings of a customer, carried out by workers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.bodies import StrictSerializer, checked, names_of_fields
from portal.api.etags import ETAG
from portal.api.idempotency import IDEMPOTENCY_KEY, create
from portal.api.listing import Filters, Listing, ListView, one_of
from portal.api.pages import Key, check_values, listed, only, page_of, page_parameters, respond
from portal.api.people import person, token_of
from portal.api.v1.bulk_values import values_serializer
from portal.api.v1.findings import CHOICES, TEXTS, check_controls
from portal.api.v1.shared import PersonSerializer
from portal.api.v1.treatments import (
    AcknowledgeSerializer,
    AttestSerializer,
    ExceptionTermsSerializer,
    OwnerSerializer,
)
from portal.bulk_jobs.actions.requests import cancel_job, selected, start_job, undo_job
from portal.bulk_jobs.bulk_actions.base import MAX_FINDINGS, BulkAction
from portal.bulk_jobs.bulk_actions.registry import bulk_actions
from portal.bulk_jobs.models import BulkJob, BulkJobItem
from portal.bulk_jobs.selectors import undo_until, visible_jobs
from portal.queries.findings.filters import LABELS, NAMES, SEARCH
from portal.queries.findings.selection import MAX_PICKED, FindingSelection
from portal.queries.parameters import MAX_SEARCH_LENGTH, Parameters
from portal.treatment.selectors.findings import visible_findings
from tenants import access
from tenants.errors import invalid
from tenants.models import Tenant
from tenants.roles import Capability

_SHARED: Final[Mapping[str, type[StrictSerializer]]] = {
    "acknowledge": AcknowledgeSerializer,
    "assign": OwnerSerializer,
    "attest": AttestSerializer,
    "request-exception": ExceptionTermsSerializer,
}
"""The bulk actions that need the same values as an operation on one finding, such as `acknowledge_finding`: {action:
serializer of the values}.
"""
VALUES: Final[Mapping[str, type[StrictSerializer]]] = {
    key: _SHARED.get(key) or values_serializer(action)
    for key, action in bulk_actions().items()
    if action.values
}
"""The serializers of the values that actions need: {action: serializer}. Actions without values are not listed. The
values of an action are in the field of the request body that has the action's name (`field_of`).
"""
MAX_VALUES: Final = 100
MAX_TEXT: Final = 600


def field_of(action: str) -> str:
    """Return the field of the request body that contains the values of the action."""
    return action.replace("-", "_")


def _alternatives(name: str) -> serializers.ListField:
    words, pattern = TEXTS.get(name, ("", None))
    child: serializers.Field[Any, Any, Any, Any]
    if name in CHOICES:
        child = serializers.ChoiceField(CHOICES[name])
    elif pattern:
        child = serializers.RegexField(
            pattern,
            max_length=MAX_TEXT,
            error_messages={"invalid": f"This value has the wrong form. Give {words}."},
        )
    else:
        child = serializers.CharField(max_length=MAX_TEXT)
    return serializers.ListField(
        child=child,
        required=False,
        min_length=1,
        max_length=MAX_VALUES,
        help_text=f"{LABELS[name]}{words and ': '}{words}. Several values are alternatives",
    )


class FindingFiltersSerializer(StrictSerializer):
    """The filters of the list of findings. A finding must match all given filters. An empty object selects all findings
    that are not gone.
    """

    q = serializers.CharField(
        required=False,
        max_length=MAX_SEARCH_LENGTH,
        help_text="Words that the subject, the control or the reason contains",
    )

    def get_fields(self) -> dict[str, Any]:
        """Return a field for each filter of the list."""
        return {**{name: _alternatives(name) for name in NAMES}, **super().get_fields()}


class StartBulkJobSerializer(serializers.Serializer[Any]):
    """An action, and the findings to which it applies, given either as ids or as filters. If the action needs values,
    they are in the field with the name of the action.
    """

    action = serializers.ChoiceField(
        list(bulk_actions()), help_text="The action. The findings page offers the same actions"
    )
    findings = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        min_length=1,
        max_length=MAX_PICKED,
        help_text="Ids of findings",
    )
    filters = FindingFiltersSerializer(required=False)
    expected_count = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_FINDINGS,
        help_text="The number of findings that the program expects. If the number of matching findings is"
        " different, nothing is started",
    )
    seen_digest = serializers.RegexField(
        "^[0-9a-f]{64}$",
        required=False,
        help_text="For `attest`, required to start: the `seen_digest` of the preview. If the findings or their observed"
        " values have changed since the preview, nothing is started",
    )

    def get_fields(self) -> dict[str, Any]:
        """Return the declared fields, and a field for the values of each action."""
        return {**super().get_fields(), **{field_of(action): _values_field(action) for action in VALUES}}


def _values_field(action: str) -> StrictSerializer:
    """Return the field for the values of an action. Whether a request needs this field depends on its action. So the
    serializer does not require the field: `_values` does.
    """
    serializer = VALUES[action]
    is_needed = any(field.required for field in serializer().fields.values())
    return serializer(required=False, help_text=f"For `{action}`{', required' if is_needed else ''}")


class BulkJobPreviewSerializer(serializers.Serializer[Any]):
    """The findings that a job would work on."""

    total = serializers.IntegerField(help_text="The number of findings that match now")
    seen_digest = serializers.CharField(
        allow_blank=True,
        help_text="For `attest`: the SHA-256 in hex of the findings and their observed values. Otherwise empty",
    )


class BulkJobSerializer(serializers.Serializer[Any]):
    """A bulk job. It is complete when `ended_at` is set."""

    id = serializers.UUIDField()
    action = serializers.ChoiceField(list(bulk_actions()))
    parameters = serializers.DictField(help_text="The values of the action; `owner` is the id of a person")
    filters = serializers.CharField(
        allow_blank=True, help_text="The filters as a query string; empty if the program named the findings"
    )
    state = serializers.ChoiceField(
        BulkJob.State.values, help_text="`stopped` means that Surety ended the job early: `reason` says why"
    )
    reason_code = serializers.CharField(allow_blank=True, help_text="A stable name of the reason")
    reason = serializers.CharField(allow_blank=True, help_text="Why the job stopped")
    total = serializers.IntegerField(help_text="The number of selected findings")
    done = serializers.IntegerField(help_text="The number of changed findings")
    skipped = serializers.IntegerField(help_text="The number of findings to which the action does not apply")
    failed = serializers.IntegerField(help_text="The number of findings for which the action was refused")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    requested_by = PersonSerializer(source="by")
    token = serializers.CharField(help_text="The beginning of the token with which the job was started")
    exception = serializers.SerializerMethodField(help_text="The number of the exception that was requested")
    undo_until = serializers.SerializerMethodField(
        help_text="Until when the job can be undone; null if it cannot be undone"
    )
    undone_at = serializers.SerializerMethodField()

    def get_exception(self, job: BulkJob) -> int | None:
        return job.exception.number if job.exception is not None else None

    def get_undo_until(self, job: BulkJob) -> str | None:
        return _moment(undo_until(job))

    def get_undone_at(self, job: BulkJob) -> str | None:
        return _moment(job.batch.undone_at) if job.batch is not None else None


class BulkJobResultSerializer(serializers.Serializer[Any]):
    """The result of a job for one finding."""

    finding = serializers.UUIDField(source="finding_id")
    state = serializers.ChoiceField(
        BulkJobItem.State.values,
        help_text="`waiting` in a job that has ended means that the job ended before it reached this finding",
    )
    reason_code = serializers.CharField(allow_blank=True, help_text="A stable name of the reason")
    reason = serializers.CharField(allow_blank=True, help_text="Why the finding was skipped or failed")
    done_at = serializers.DateTimeField(allow_null=True)


def _moment(value: Any) -> str | None:
    found: str | None = serializers.DateTimeField().to_representation(value)
    return found


def _filtered(rows: QuerySet[BulkJob], parameters: Parameters, tenant: Tenant) -> QuerySet[BulkJob]:
    states = parameters.get("state")
    return rows.filter(state__in=states) if states else rows


BULK_JOBS: Final = Listing[BulkJob](
    plural="bulk-jobs",
    singular="bulk-job",
    needs=Capability.VIEW,
    serializer=BulkJobSerializer,
    rows=visible_jobs,
    key=Key(descending=True),
    filters=Filters((one_of("state", BulkJob.State.values, "The state of the job"),), _filtered),
    description="The newest first. Owners see only the jobs that they started. Jobs can be read for 30 days after"
    " their end.",
)
_EXAMPLE: Final = OpenApiExample(
    "Acknowledge all open failures of low severity",
    {
        "action": "acknowledge",
        "filters": {"severity": ["low"], "state": ["open"], "verdict": ["fail"]},
        "acknowledge": {"plan": "Part of the clean-up in January", "planned_for": "2027-01-29"},
    },
    request_only=True,
)


class BulkJobsView(ListView, listing=BULK_JOBS):
    """Bulk jobs of a customer."""

    @extend_schema(
        operation_id="start_bulk_job",
        summary="Start a bulk job",
        description="A worker carries out the action in steps, for all findings that are selected now. At each step,"
        " the token must still have the required rights. The header Location has the address of the job. Read this"
        " address until `ended_at` is set, then read the results of the job.",
        parameters=[IDEMPOTENCY_KEY],
        request=StartBulkJobSerializer,
        responses={202: BulkJobSerializer},
        examples=[_EXAMPLE],
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.VIEW)
        body = checked(StartBulkJobSerializer, request)
        action = bulk_actions()[body["action"]]
        action.require(tenant)
        values, field = _values(action, body)

        def start() -> BulkJob:
            with names_of_fields({name: f"{field}.{name}" for name in values}):
                return start_job(
                    tenant=tenant,
                    by=person(request),
                    token=token_of(request),
                    action=action,
                    values=values,
                    selection=_selection(tenant, body),
                    expected=body.get("expected_count"),
                    seen=body.get("seen_digest", ""),
                )

        return create(request, tenant, BULK_JOBS, "start_bulk_job", start, status=202)


class PreviewView(APIView):
    """The findings that a job would work on."""

    @extend_schema(
        operation_id="preview_bulk_job",
        summary="Count the findings of a bulk job",
        description="Validates the request and counts the findings without starting a job. To start `attest`, send the"
        " `seen_digest` of this answer.",
        request=StartBulkJobSerializer,
        responses=BulkJobPreviewSerializer,
        examples=[_EXAMPLE],
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.VIEW)
        body = checked(StartBulkJobSerializer, request)
        action = bulk_actions()[body["action"]]
        action.require(tenant)
        values, field = _values(action, body)
        with names_of_fields({name: f"{field}.{name}" for name in values}):
            action.parameters(tenant, person(request), values, timezone.now())
        found = selected(action, _selection(tenant, body))
        answer = {"total": len(found.findings), "seen_digest": found.digest}
        return Response(BulkJobPreviewSerializer(answer).data)


class CancelView(APIView):
    """The cancellation of a job."""

    @extend_schema(
        operation_id="cancel_bulk_job",
        summary="Cancel a bulk job",
        description="The job ends after its current step. The changes that the job has made to findings remain.",
        parameters=[ETAG],
        request=None,
        responses=BulkJobSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=Capability.VIEW)
        job = cancel_job(job=BULK_JOBS.find(tenant, pk), by=person(request))
        return BULK_JOBS.answer(tenant, job)


class UndoView(APIView):
    """Undo a job."""

    @extend_schema(
        operation_id="undo_bulk_job",
        summary="Undo a bulk job",
        description="Restores the values that the findings had before the job. Findings that have changed since the job"
        " keep their values. Only the person or service account that started a job can undo it, within 30 minutes after"
        " its last step.",
        parameters=[ETAG],
        request=None,
        responses=BulkJobSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=Capability.VIEW)
        undo_job(job=BULK_JOBS.find(tenant, pk), by=person(request))
        return BULK_JOBS.answer(tenant, BULK_JOBS.find(tenant, pk))


class ResultsView(APIView):
    """The results of a job."""

    _STATE = one_of("state", BulkJobItem.State.values, "State of the finding in the job")

    @extend_schema(
        operation_id="list_bulk_job_results",
        summary="List the results of a bulk job",
        description="One item for each selected finding, in the order of the ids of the findings.",
        parameters=[_STATE, *page_parameters(BulkJobResultSerializer)],
        responses=listed("BulkJobResultPage", BulkJobResultSerializer),
    )
    def get(self, request: Request, customer: str, pk: UUID) -> Response:
        only(request, ("state",), item=BulkJobResultSerializer)
        tenant = access.tenant(customer, needs=Capability.VIEW)
        parameters = dict(request.query_params.lists())
        check_values([self._STATE], parameters)
        rows = BULK_JOBS.find(tenant, pk).items.all()
        if states := parameters.get("state"):
            rows = rows.filter(state__in=states)
        page = page_of(request, rows, Key("finding_id"))
        return respond(request, BulkJobResultSerializer(page.rows, many=True).data, page.next_cursor)


ACTIONS: Final[Mapping[str, type[APIView]]] = {
    "bulk-jobs/preview": PreviewView,
    "bulk-jobs/<uuid:pk>/results": ResultsView,
    "bulk-jobs/<uuid:pk>/cancel": CancelView,
    "bulk-jobs/<uuid:pk>/undo": UndoView,
}
"""The views of the operations on bulk jobs, except listing, starting and reading jobs. Each key is the part of the URL
below the customer.
"""


def _values(action: BulkAction, body: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the values of the action, and the name of the field that contains them. Raise InvalidInput if values that
    the action requires are missing, or if the body has values of another action.
    """
    field = field_of(action.key)
    for other in map(field_of, VALUES):
        if other in body and other != field:
            raise invalid(other, f"The action {action.key} has no `{other}`. Remove this field.")
    if "seen_digest" in body and not action.depends_on_observed:
        raise invalid("seen_digest", f"The action {action.key} has no `seen_digest`. Remove this field.")
    if field in body or action.key not in VALUES:
        return dict(body.get(field, {})), field
    defaults = VALUES[action.key](data={})
    if not defaults.is_valid():
        raise invalid(field, f"The action {action.key} needs values in this field.")
    return dict(defaults.validated_data), field


def _selection(tenant: Tenant, body: Mapping[str, Any]) -> FindingSelection:
    """Return the selected findings.

    Raise InvalidInput if the body has both ids and filters or neither, or if a filter names a control that does not
    exist. Raise NotFound for the id of a finding that the person may not see.
    """
    findings, filters = body.get("findings"), body.get("filters")
    if (findings is None) == (filters is None):
        raise invalid("findings", "Give either a list of findings or filters, not both.")
    with names_of_fields({"control": "filters.control"}):
        check_controls(visible_findings(tenant), (filters or {}).get("control", ()))
    parameters: Parameters = (
        {SEARCH: [urlencode(filters, doseq=True)]}
        if filters is not None
        else {"finding": [str(one) for one in findings or ()]}
    )
    found = FindingSelection.parse(parameters, tenant)
    assert found is not None  # The check above ensures that there are ids or filters.
    return found
