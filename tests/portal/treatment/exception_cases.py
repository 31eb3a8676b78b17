"""A tenant with people and findings for tests of exceptions. Its methods open the tenant's scope themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from assessments.models import Finding
from portal.treatment.actions.exceptions import approve, request_exception
from portal.treatment.errors import WrongState
from portal.treatment.models import ExceptionItem, FindingException, Treatment
from portal.treatment.states import shown_state
from tenants import journal
from tenants.models import Person, Tenant
from tenants.roles import Role
from tests import factories
from tests.concurrency import run_concurrently
from tests.portal.treatment.findings import make

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY = timedelta(days=1)
REASON = "The vendor needs this until the migration."
Scope = FindingException.Scope


def hash_of(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def run_in_tenant(tenant: Tenant, *calls: Callable[[], Any]) -> list[Any]:
    """Run the calls concurrently in the tenant's scope; return their results or WrongState."""
    return run_concurrently(*calls, tenant=tenant, caught=(WrongState,))


@dataclass
class CustomerWithApprovers:
    """A tenant; `asker` is its administrator, `approver` and `other` may decide."""

    tenant: Tenant = field(default_factory=factories.tenant)
    asker: Person = field(init=False)
    approver: Person = field(init=False)
    other: Person = field(init=False)
    numbers: Any = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.asker = factories.member(Role.TENANT_ADMINISTRATOR, self.tenant)
        self.approver = factories.member(Role.APPROVER, self.tenant)
        self.other = factories.member(Role.APPROVER, self.tenant)

    def finding(self, value: str = "a", **fields: Any) -> Finding:
        """A finding that fails with the observed value, unless `fields` say otherwise."""
        number = next(self.numbers)
        values: dict[str, Any] = {
            "outcome": "fail",
            "state": "open",
            "failing_since": NOW - 10 * DAY,
            "observed": {"value": value},
            "observed_sha256": hash_of(value),
            **fields,
        }
        with factories.in_tenant(self.tenant):
            return make(self.tenant, values, number)

    def set(self, finding: Finding, **fields: Any) -> None:
        with factories.in_tenant(self.tenant):
            Finding.objects.filter(pk=finding.pk).update(**fields)

    def change(self, finding: Finding, value: str) -> None:
        self.set(finding, observed={"value": value}, observed_sha256=hash_of(value))

    def ask(
        self, findings: Iterable[Finding] | None = None, *, rule: dict[str, str] | None = None, **given: Any
    ) -> FindingException:
        """Request an exception as `asker` for 30 days."""
        values: dict[str, Any] = {
            "by": self.asker,
            "scope": Scope.LIST if rule is None else Scope.RULE,
            "reason": REASON,
            "ends_at": NOW + 30 * DAY,
            "now": NOW,
            **given,
        }
        with factories.in_tenant(self.tenant):
            if findings is not None:
                values["findings"] = Finding.objects.filter(pk__in=[row.pk for row in findings])
            return request_exception(tenant=self.tenant, rule=rule, **values)

    def approved(self, findings: Iterable[Finding] | None = None, **given: Any) -> FindingException:
        exception = self.ask(findings, **given)
        with factories.in_tenant(self.tenant):
            return approve(exception=exception, by=self.approver, now=given.get("now", NOW))

    def shown(self, finding: Finding, now: datetime = NOW) -> str:
        with factories.in_tenant(self.tenant):
            row = Finding.objects.annotate(shown=shown_state(now)).get(pk=finding.pk)
        return str(row.shown)

    def read(self, exception: FindingException) -> FindingException:
        with factories.in_tenant(self.tenant):
            return FindingException.objects.select_related("tenant", "requested_by").get(pk=exception.pk)

    def items(self, exception: FindingException) -> dict[Any, ExceptionItem]:
        with factories.in_tenant(self.tenant):
            return {item.finding_id: item for item in ExceptionItem.objects.filter(exception=exception)}

    def cover(self, finding: Finding) -> Treatment | None:
        with factories.in_tenant(self.tenant):
            return Treatment.objects.filter(finding=finding).first()

    def journal(self) -> list[str]:
        """The journal actions about exceptions, oldest first; also checks the chain."""
        with factories.in_tenant(self.tenant):
            assert journal.verify(self.tenant) == []
            found = journal.entries(self.tenant).filter(action__startswith="exception.")
            return [entry.action.removeprefix("exception.") for entry in found]
