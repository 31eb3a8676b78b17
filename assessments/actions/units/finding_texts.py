"""Delete the texts by which findings are searched (`FindingText`), if no finding uses them any more."""

from uuid import UUID

from django.db.models import Exists, OuterRef

from assessments.models import Finding, FindingText
from assessments.selectors import TEXT_REFS
from tenants.query_plans import hashed_joins


def delete_unused_texts(tenant_id: UUID) -> int:
    """Delete the tenant's texts that no finding uses. Return their number.

    The caller holds `Lock.VERDICTS`, so that meanwhile nobody writes a finding that uses one of the texts.
    """
    findings = Finding.objects.filter(tenant_id=tenant_id).order_by()
    texts = FindingText.objects.filter(tenant_id=tenant_id)
    # Execute one statement per kind of text: PostgreSQL plans each of these statements as a join. For a single
    # statement about all kinds, PostgreSQL would scan all findings once per text.
    with hashed_joins():
        return sum(
            texts.filter(~Exists(findings.filter(**{column: OuterRef("key")})), kind=kind).delete()[0]
            for kind, column in TEXT_REFS.items()
        )
