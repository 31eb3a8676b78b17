"""Which findings an exception means: a list what it lists, a rule what it matches at the moment."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from assessments.models import Finding
from portal.treatment.matching import match
from portal.treatment.models import ExceptionItem, FindingException


def failing_findings(exception: FindingException) -> QuerySet[Finding]:
    """The findings that it means and that fail now: those that an approval would bind."""
    rows = Finding.objects.filter(
        tenant_id=exception.tenant_id, outcome=Finding.Outcome.FAIL, gone_at__isnull=True
    )
    if exception.scope == FindingException.Scope.RULE:
        return rows.filter(match(exception))
    return rows.filter(Exists(_item(exception)))


def unbound_matches(exception: FindingException) -> QuerySet[Finding]:
    """The failing findings that a rule matches and that are not among its items, the oldest failure first."""
    return failing_findings(exception).exclude(Exists(_item(exception))).order_by("failing_since", "pk")


def binding_digest(bound: Mapping[UUID, str] | Mapping[str, str]) -> str:
    """SHA-256 in hex of the lines `<finding id> <sha256 of what was observed>`, sorted: what was approved."""
    lines = sorted(f"{pk} {sha256}" for pk, sha256 in bound.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _item(exception: FindingException) -> QuerySet[ExceptionItem]:
    return ExceptionItem.objects.filter(exception=exception, finding_id=OuterRef("pk"))
