"""Delete the texts by which findings are searched (`FindingText`), if no finding uses them any more."""

from uuid import UUID

from django.db.models import Exists, OuterRef

from assessments.models import Finding, FindingText
from assessments.selectors import TEXT_REFS


def delete_unused_texts(tenant_id: UUID) -> int:
    """Delete the tenant's texts that no finding uses. Return the number of deleted texts.

    Call this function in a transaction that holds `Lock.VERDICTS`. Otherwise a writer of findings could start to use
    a text that is being deleted.
    """
    findings = Finding.objects.filter(tenant_id=tenant_id).order_by()
    texts = FindingText.objects.filter(tenant_id=tenant_id)
    # Delete each kind of text with a statement of its own, which PostgreSQL executes as a join. A single statement for
    # both kinds could not be executed as a join: for each text, PostgreSQL would scan all findings of the tenant.
    return sum(
        texts.filter(~Exists(findings.filter(**{column: OuterRef("key")})), kind=kind).delete()[0]
        for kind, column in TEXT_REFS.items()
    )
