"""Delete search texts that no finding uses."""

from uuid import UUID

from django.db.models import Exists, OuterRef

from assessments.models import Finding, FindingText
from assessments.selectors import TEXT_REFS


def delete_unused_texts(tenant_id: UUID) -> int:
    """Delete the tenant's texts that no finding uses. Return the number of deleted texts.

    Call it in a transaction that holds `Lock.VERDICTS`: otherwise a writer of findings could start to use a text while
    it is deleted.
    """
    findings = Finding.objects.filter(tenant_id=tenant_id).order_by()
    texts = FindingText.objects.filter(tenant_id=tenant_id)
    # One statement per kind, which PostgreSQL executes as a join. A condition on both kinds prevents joins: PostgreSQL
    # would scan all findings for each text of a large tenant.
    return sum(
        texts.filter(~Exists(findings.filter(**{column: OuterRef("key")})), kind=kind).delete()[0]
        for kind, column in TEXT_REFS.items()
    )
