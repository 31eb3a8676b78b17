"""Check which findings a request for an exception covers, and how many findings a rule may cover."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db.models import QuerySet

from assessments.models import Finding
from assessments.presentation.finding_names import names_for_findings
from portal.treatment.conditions import set_conditions
from portal.treatment.errors import NotFailing
from portal.treatment.matching import match
from portal.treatment.models import FindingException
from portal.treatment.naming import count_of_findings, label_with
from tenants import scope as scopes
from tenants.errors import InvalidInput, PermissionDenied, invalid
from tenants.models import Tenant
from tenants.roles import Capability

MAX_NAMED_FINDINGS: Final = 5
# The largest `maximum` of a rule that people can enter. The database could store larger numbers, but they can only be
# mistakes.
MAX_COVERED_FINDINGS: Final = 1_000_000

Scope = FindingException.Scope


def requested_findings(
    exception: FindingException, findings: QuerySet[Finding] | None, rule: Mapping[str, str] | None
) -> QuerySet[Finding]:
    """Return the failing findings that the request covers now. If there is a rule, store its conditions in `exception`.

    Raises InvalidInput if the findings or the rule are invalid, and NotFailing if a listed finding does not fail.
    Raises PermissionDenied for a rule if the requester sees only the findings that they own.
    """
    failing = Finding.objects.filter(
        tenant=exception.tenant, outcome=Finding.Outcome.FAIL, gone_at__isnull=True
    ).order_by("pk")
    if exception.scope == Scope.RULE:
        if findings is not None:
            raise InvalidInput("State either a rule or a list of findings, but not both.")
        _require_view_all(exception.tenant)
        set_conditions(exception, rule or {})
        return failing.filter(match(exception))
    if rule:
        raise InvalidInput("Only an exception with the scope “rule” can have a rule.")
    if findings is None:
        raise invalid("findings", "Select the findings.", code="findings_missing")
    selected = Finding.objects.filter(tenant=exception.tenant, pk__in=findings.order_by().values("pk"))
    others = selected.exclude(outcome=Finding.Outcome.FAIL, gone_at__isnull=True)
    if count := others.count():
        listed = list(others.order_by("control", "subject_key")[:MAX_NAMED_FINDINGS])
        book = names_for_findings(exception.tenant_id, listed)
        names = [label_with(row, book) for row in listed]
        more = f" and {count - MAX_NAMED_FINDINGS} more" if count > MAX_NAMED_FINDINGS else ""
        raise NotFailing(
            "An exception covers only failing findings. Remove these findings, which do not fail:"
            f" {', '.join(names)}{more}.",
            fields={"findings": names},
        )
    count = selected.count()
    if count == 0:
        raise invalid("findings", "Select at least one finding.", code="findings_missing")
    if exception.scope == Scope.FINDING and count != 1:
        raise invalid(
            "findings",
            "This scope covers exactly one finding. To cover several findings, request an"
            " exception on a list.",
        )
    return selected.order_by("pk")


def requested_maximum(exception: FindingException, maximum: int | None, count: int) -> int:
    """Return how many findings the exception may cover.

    For a rule with a given `maximum`, this is `maximum`. In all other cases, it is `count`, the number of findings that
    the exception covers now.
    """
    if exception.scope != Scope.RULE:
        return count
    if maximum is None and count == 0:
        raise invalid(
            "maximum",
            "No failing finding matches the rule now. Enter how many findings the exception may cover.",
        )
    return valid_maximum(count if maximum is None else maximum, count)


def valid_maximum(maximum: int, count: int) -> int:
    """Return the maximum of a rule that matches `count` findings. Raises InvalidInput if the maximum is not allowed."""
    if maximum < max(count, 1):
        raise invalid(
            "maximum",
            f"The rule matches {count_of_findings(count)} that {'fails' if count == 1 else 'fail'} now. Enter a"
            f" maximum of at least {count}, or add conditions to the rule."
            if count
            else "Allow at least one finding.",
            code="maximum_too_low",
        )
    if maximum > MAX_COVERED_FINDINGS:
        raise invalid("maximum", f"Allow at most {MAX_COVERED_FINDINGS} findings.")
    return maximum


def _require_view_all(tenant: Tenant) -> None:
    """Refuse a rule if its requester sees only the findings that they own, because the rule could cover findings of
    other people.
    """
    scope = scopes.current()
    if scope.person is not None and not scope.may(Capability.VIEW_ALL, tenant.pk):
        raise PermissionDenied(
            "You see only findings that you own. Request an exception on a list of findings instead of a rule."
        )
