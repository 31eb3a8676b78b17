"""Texts that no finding says any more."""

from uuid import UUID

from django.db.models import Exists, OuterRef

from assessments.models import Finding, FindingText
from assessments.selectors import TEXT_REFS


def forget_unsaid(tenant_id: UUID) -> int:
    """Delete the tenant's texts that no finding has; inside the caller's transaction and tenant lock, so that no
    writer of findings relies meanwhile on a text that goes. Answers how many went.
    """
    findings = Finding.objects.filter(tenant_id=tenant_id).order_by()
    texts = FindingText.objects.filter(tenant_id=tenant_id)
    # A statement each: where the two were alternatives of one condition, PostgreSQL could not join, and asked all
    # findings anew for each text as soon as there are more of them than its memory for hashing holds.
    return sum(
        texts.filter(~Exists(findings.filter(**{column: OuterRef("key")})), kind=kind).delete()[0]
        for kind, column in TEXT_REFS.items()
    )
