"""Texts that no finding says any more."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from assessments.models import Finding, FindingText


def forget_unsaid(tenant_id: UUID) -> int:
    """Delete the tenant's texts that no finding has; inside the caller's transaction and tenant lock, so that no
    writer of findings relies meanwhile on a text that goes. Answers how many went.
    """
    findings = Finding.objects.filter(tenant_id=tenant_id).order_by()
    unsaid = FindingText.objects.filter(
        Q(kind=FindingText.Kind.SUBJECT) & ~Exists(findings.filter(subject_ref=OuterRef("key")))
        | Q(kind=FindingText.Kind.REASON) & ~Exists(findings.filter(reason_ref=OuterRef("key"))),
        tenant_id=tenant_id,
    )
    return unsaid.delete()[0]
