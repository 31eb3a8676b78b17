"""Exceptions of a customer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db.models import Count, QuerySet
from django.utils import timezone
from rest_framework import serializers

from portal.api.listing import UUID, Filters, Listing, any_of, one_of
from portal.api.pages import Key
from portal.api.v1.findings import check_controls
from portal.api.v1.shared import PersonSerializer
from portal.queries.exceptions.filters import ENDING_LABELS, ExceptionFilter
from portal.queries.parameters import Parameters, values_of
from portal.treatment.matching import FIELDS
from portal.treatment.models import ExceptionItem, FindingException
from portal.treatment.selectors.exceptions import changed as changed_items
from portal.treatment.selectors.exceptions import seen_digest
from portal.treatment.selectors.findings import visible_exceptions, visible_findings
from portal.treatment.selectors.past_exceptions import reviewed_states, show_reviewed_exceptions
from tenants import scope
from tenants.models import Tenant
from tenants.roles import Capability


class FindingExceptionSerializer(serializers.Serializer[Any]):
    """An exception: failures that are accepted until a date."""

    number = serializers.IntegerField()
    id = serializers.UUIDField()
    state = serializers.ChoiceField(FindingException.State.values)
    scope = serializers.ChoiceField(FindingException.Scope.values)
    rule = serializers.SerializerMethodField(
        help_text="The conditions of an exception with the scope `rule`; otherwise empty"
    )
    findings = serializers.IntegerField(
        help_text="The number of findings of the exception. Findings that have changed or no longer fail are counted,"
        " although the exception does not cover them"
    )
    changed = serializers.IntegerField(
        help_text="The number of findings that are not covered because they have changed since the approval"
    )
    maximum = serializers.IntegerField(
        help_text="The maximum number of findings that the exception may cover"
    )
    reason = serializers.CharField()
    compensating_control = serializers.CharField(allow_blank=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    requested_by = PersonSerializer()
    requested_at = serializers.DateTimeField()
    decided_by = PersonSerializer(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decision_note = serializers.CharField(allow_blank=True)
    returned_at = serializers.DateTimeField(
        help_text="When Surety returned the exception to an approver; `returned_because` says why",
        allow_null=True,
    )
    returned_because = serializers.ChoiceField(FindingException.Because.values, allow_blank=True)
    ended_by = PersonSerializer(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    end_note = serializers.CharField(allow_blank=True)

    def get_rule(self, row: FindingException) -> dict[str, str]:
        return {name: value for name in FIELDS if (value := getattr(row, name))}


def _rows(tenant: Tenant) -> QuerySet[FindingException]:
    return visible_exceptions(tenant).select_related("requested_by", "decided_by", "ended_by")


def _counted(tenant: Tenant, rows: Sequence[FindingException]) -> Iterable[FindingException]:
    """Set on each exception how many findings it has, and how many of these have changed. One query counts the findings
    of all exceptions.
    """
    items = ExceptionItem.objects.filter(tenant=tenant, exception__in=[row.pk for row in rows]).order_by()
    counted = items.values_list("exception_id").annotate(
        findings=Count("id"), changed=Count("id", filter=changed_items())
    )
    numbers = {pk: (findings, changed) for pk, findings, changed in counted}
    for row in rows:
        findings, changed = numbers.get(row.pk, (0, 0))
        vars(row).update(findings=findings, changed=changed)
    show_reviewed_exceptions(rows)
    return rows


def _filtered(
    rows: QuerySet[FindingException], parameters: Parameters, tenant: Tenant
) -> QuerySet[FindingException]:
    check_controls(visible_findings(tenant), values_of(parameters, "control"))
    sees_all = scope.current().may(Capability.VIEW_ALL, tenant.pk)
    visible = None if sees_all else visible_findings(tenant)
    reviewed = reviewed_states(tenant, rows)
    return ExceptionFilter.parse(parameters, visible, reviewed).apply(rows, timezone.now())


EXCEPTIONS: Final = Listing[FindingException](
    plural="exceptions",
    singular="exception",
    needs=Capability.VIEW,
    serializer=FindingExceptionSerializer,
    rows=_rows,
    objects=_counted,
    key=Key("number", descending=True),
    filters=Filters(
        (
            one_of("state", FindingException.State.values, "State"),
            one_of(
                "ending",
                ENDING_LABELS,
                "Only exceptions that have not ended, and that end within this number of days",
            ),
            any_of("asked", "The id of the person who requested the exception", f"^{UUID}$"),
            any_of("control", "The control of a finding that the exception covers"),
        ),
        _filtered,
    ),
    lookup="number",
    converter="int",
    description="Exceptions, the newest first. People who see only their own findings get the exceptions that they"
    " requested, and exceptions that cover one of their findings.",
    # The person who decides must have seen the findings as they are now, so the entity tag covers the findings.
    seen=seen_digest,
)
