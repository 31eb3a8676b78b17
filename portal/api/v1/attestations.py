"""Manual controls of a customer, and their answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers

from assessments.controls.registry import known_controls
from assessments.display.sentences import sentence
from assessments.display.subjects import subject_text
from assessments.models import Finding
from assessments.presentation.finding_names import names_for_findings
from portal.api.listing import Filters, Listing, one_of, text
from portal.api.v1.shared import PersonSerializer
from portal.queries.attestations import MINE, AttestationFilter
from portal.queries.parameters import Parameters
from portal.queries.subscriptions import unit_names
from portal.treatment.selectors.attestations import Standing, manual_findings, with_standing
from tenants import scope
from tenants.errors import NoScope
from tenants.models import Person, Tenant
from tenants.roles import Capability


class AnswerSerializer(serializers.Serializer[Any]):
    """The current answer to a manual control."""

    id = serializers.UUIDField()
    met = serializers.BooleanField(help_text="Whether the control is met")
    statement = serializers.CharField()
    attested_by = PersonSerializer()
    attested_at = serializers.DateTimeField()
    valid_until = serializers.DateTimeField()


class AttestationSerializer(serializers.Serializer[Any]):
    """A manual control, which a person answers. `id` is the id of the control's finding."""

    id = serializers.UUIDField()
    control = serializers.SlugField()
    title = serializers.CharField()
    severity = serializers.ChoiceField(Finding.Severity.values)
    subject_name = serializers.CharField(allow_blank=True)
    subject = serializers.CharField(
        help_text="The Azure resource id, or the id of a subject that is not an Azure resource"
    )
    unit_name = serializers.CharField(help_text="The name of the subscription or directory", allow_blank=True)
    question = serializers.CharField(allow_blank=True)
    standing = serializers.ChoiceField(
        Standing.values,
        help_text="The status of the answer. With `changed` or `valid`, the control needs no new answer; with any other"
        " status, it needs one",
    )
    owner = PersonSerializer(allow_null=True)
    answer = AnswerSerializer(allow_null=True)


def _rows(tenant: Tenant) -> QuerySet[Any]:
    return with_standing(manual_findings(tenant), timezone.now())


def _objects(tenant: Tenant, rows: Sequence[Any]) -> Iterable[dict[str, Any]]:
    places = unit_names(tenant)
    names = names_for_findings(tenant, rows, places)
    for row in rows:
        control, treatment = known_controls().get(row.control), getattr(row, "treatment", None)
        yield {
            "id": row.pk,
            "control": row.control,
            "title": control.title if control else row.control,
            "severity": row.severity,
            "subject_name": str(subject_text(row.subject, row.subject_name, names)),
            "subject": row.subject,
            "unit_name": places.get(row.unit, row.unit),
            "question": str(sentence(row.reason, names)),
            "standing": row.standing,
            "owner": treatment.owner if treatment else None,
            "answer": treatment.attestation if treatment else None,
        }


def _filtered(rows: QuerySet[Any], parameters: Parameters, tenant: Tenant) -> QuerySet[Any]:
    person = scope.current().person
    if not isinstance(person, Person):
        raise NoScope("Open tenants.scope.person_scope(person) before you filter attestations.")
    return AttestationFilter.parse(parameters, tenant, person).apply(rows)


ATTESTATIONS: Final = Listing[Any](
    plural="attestations",
    singular="attestation",
    needs=Capability.VIEW,
    serializer=AttestationSerializer,
    rows=_rows,
    objects=_objects,
    filters=Filters(
        (
            one_of("answer", Standing.values, "Status of the answer"),
            one_of("owner", [MINE], "Only manual controls that the person of the token owns"),
            text("q", "Words that the subject, the control or the question contains"),
        ),
        _filtered,
    ),
    description="All manual controls, with their current answers. Owners see only manual controls that they own.",
    # The person who answers must have seen the results of the automatic checks, so the entity tag covers these results.
    seen=lambda row: row.observed_sha256,
)
