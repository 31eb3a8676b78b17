"""Findings of a customer, with the filters of the findings page and the fields of the JSON export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from assessments.controls.registry import SECTIONS, known_controls
from assessments.models import Finding
from portal.api.listing import SCOPE, UUID, Filters, Listing, Orders
from portal.api.v1.shared import RequirementSerializer
from portal.queries.findings.export import exported, with_exported_columns
from portal.queries.findings.filters import LABELS, NAMES, SEARCH, UNASSIGNED, WITHOUT_ACCESS, FindingFilter
from portal.queries.findings.json_lines import finding_object
from portal.queries.findings.ordering import ORDERS, parts
from portal.queries.keyset import Part
from portal.queries.parameters import Parameters, values_of
from portal.queries.subscriptions import unit_names
from portal.treatment.date_buckets import AGE_LABELS, DUE_LABELS
from portal.treatment.selectors.findings import visible_findings
from portal.treatment.states import ShownState
from tenants.errors import invalid
from tenants.models import Tenant
from tenants.roles import Capability

CHOICES: Final[Mapping[str, list[str]]] = {
    "severity": Finding.Severity.values,
    "verdict": Finding.Outcome.values,
    "state": ShownState.values,
    "due": list(DUE_LABELS),
    "age": list(AGE_LABELS),
    "section": list(SECTIONS),
}
TEXTS: Final[Mapping[str, tuple[str, str | None]]] = {
    "subscription": ("`/subscriptions/<id>` or `directory:<id>`, in lower case", SCOPE),
    "owner": (
        f"the id of a person, `{UNASSIGNED}`, or `{WITHOUT_ACCESS}` for owners who cannot act",
        f"^({UUID}|{UNASSIGNED}|{WITHOUT_ACCESS})$",
    ),
    "tag": ("`name` or `name=value`", None),
    "control": ("the name of a control, from the list of controls", None),
}
"""The filters without a list of choices: {filter: (description of its values, their pattern or None)}."""


def _filter(name: str) -> OpenApiParameter:
    words, pattern = TEXTS.get(name, ("", None))
    label = f"{LABELS[name]}: {words}" if words else LABELS[name]
    text = f"{label}, as in the address of the findings page. With several values, a finding must have one of them."
    return OpenApiParameter(name, str, enum=CHOICES.get(name), pattern=pattern, many=True, description=text)


FILTERS: Final = (
    *map(_filter, NAMES),
    OpenApiParameter(SEARCH, str, description="Words that the subject, the control or the reason contains"),
)


def _text(help_text: str = "", *, nullable: bool = False) -> serializers.CharField:
    return serializers.CharField(help_text=help_text, allow_null=nullable, allow_blank=True)


class FindingSerializer(serializers.Serializer[Any]):
    """A finding: the verdict of a control on a subject, and what people do about it."""

    id = serializers.UUIDField()
    control = serializers.SlugField()
    title = _text("The title of the control")
    section = _text()
    severity = serializers.ChoiceField(Finding.Severity.values)
    verdict = serializers.ChoiceField(Finding.Outcome.values)
    state = _text("The state of the finding in words, such as open, acknowledged or excepted")
    subject_name = _text()
    subject = _text("The Azure resource id, or the id of a subject that is not an Azure resource")
    resource_type = _text()
    unit_name = _text("The name of the subscription or directory")
    resource_group = _text()
    found = _text("What was found, as a sentence")
    expected = _text()
    observed = _text()
    fix = _text("Commands that fix the failure; null for other verdicts", nullable=True)
    owner = _text(nullable=True)
    owner_email = _text(nullable=True)
    acknowledged_by = _text(nullable=True)
    plan = _text(nullable=True)
    planned_for = serializers.DateField(allow_null=True)
    due = serializers.DateTimeField(allow_null=True)
    exception = _text(nullable=True)
    exception_until = serializers.DateTimeField(allow_null=True)
    attested_until = serializers.DateTimeField(allow_null=True)
    failing_since = serializers.DateTimeField(allow_null=True)
    first_seen = serializers.DateTimeField()
    verdict_since = serializers.DateTimeField()
    known_with = _text(
        "What Surety needs to judge the subject; null unless the verdict is unknown", nullable=True
    )
    unit_read = _text(
        "Whether the subscription or directory was read completely, partly or not at all", nullable=True
    )
    requirements = RequirementSerializer(many=True)
    evidence = serializers.ListField(child=serializers.CharField(), help_text="SHA-256 of each document")
    remarks = serializers.ListField(
        child=serializers.CharField(),
        help_text="Sentences about the verdict, for example why the severity differs from the severity of the"
        " control",
    )


def check_controls(rows: QuerySet[Any], names: Iterable[str]) -> None:
    """Raise InvalidInput if one of the names is not the name of a control. Accept a control that an upgrade has
    removed, as long as `rows` contains findings of it.
    """
    for name in names:
        if name not in known_controls() and not rows.filter(control=name).exists():
            raise invalid("control", "Give the name of a control, from the list of controls.")


def _filtered(rows: QuerySet[Finding], parameters: Parameters, tenant: Tenant) -> QuerySet[Finding]:
    check_controls(rows, values_of(parameters, "control"))
    chosen = FindingFilter.parse(parameters, tenant, timezone.now()).look_up_search(rows)
    return chosen.apply(rows).only("pk")


def _in_order(rows: QuerySet[Finding], order: str, tenant: Tenant) -> tuple[Part[QuerySet[Finding]], ...]:
    return parts(rows, order, tenant, timezone.now())


def _objects(tenant: Tenant, rows: Sequence[Finding]) -> Iterator[dict[str, Any]]:
    """Yield the objects of these findings, in their order."""
    rows_again = with_exported_columns(
        Finding.objects.filter(tenant=tenant, pk__in=[row.pk for row in rows]), timezone.now()
    )
    found = {
        one.finding.pk: finding_object(one)
        for one in exported(rows_again.order_by(), tenant, unit_names(tenant))
    }
    # A finding can be deleted after `rows` were read.
    return (found[row.pk] for row in rows if row.pk in found)


FINDINGS: Final = Listing[Finding](
    plural="findings",
    singular="finding",
    needs=Capability.VIEW,
    serializer=FindingSerializer,
    rows=visible_findings,
    objects=_objects,
    is_finished=True,
    filters=Filters(FILTERS, _filtered),
    orders=Orders(ORDERS, _in_order),
    description="The list contains the findings that match all filters. Without `sort`, the findings are in the"
    " order in which Surety first saw them. Findings whose subject no longer exists are included only with"
    " `state=gone`. Owners see only their own findings.",
)
