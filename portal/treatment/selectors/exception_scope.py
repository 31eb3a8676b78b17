"""Select the findings in the scope of an exception: the findings of its list, or the findings that its rule matches
now.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from assessments.models import Finding
from portal.treatment.matching import match
from portal.treatment.models import ExceptionItem, FindingException


def failing_findings(exception: FindingException) -> QuerySet[Finding]:
    """Return the failing findings in the scope of the exception. An approval now would bind the exception to the
    present values of these findings.
    """
    rows = Finding.objects.filter(
        tenant_id=exception.tenant_id, outcome=Finding.Outcome.FAIL, gone_at__isnull=True
    )
    if exception.scope == FindingException.Scope.RULE:
        return rows.filter(match(exception))
    return rows.filter(Exists(_item(exception)))


def is_critical(exception: FindingException) -> bool:
    """Return whether an approval would cover a critical finding. Such an approval needs a note."""
    return failing_findings(exception).filter(severity=Finding.Severity.CRITICAL).exists()


def unbound_matches(exception: FindingException) -> QuerySet[Finding]:
    """Return the failing findings that the exception's rule matches and that are not yet items of the exception, oldest
    failure first."""
    return failing_findings(exception).exclude(Exists(_item(exception))).order_by("failing_since", "pk")


def binding_digest(hashes: Mapping[UUID, str] | Mapping[str, str]) -> str:
    """Return one hash for all of `hashes`, which is {finding id: hash of the observed value}.

    The result is the SHA-256 in hex of the sorted lines `<finding id> <hash>`. It shows whether the findings or their
    values have changed, for example since an approver saw them.
    """
    lines = sorted(f"{pk} {sha256}" for pk, sha256 in hashes.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _item(exception: FindingException) -> QuerySet[ExceptionItem]:
    return ExceptionItem.objects.filter(exception=exception, finding_id=OuterRef("pk"))
