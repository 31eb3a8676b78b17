"""A customer whose data has the ages that a test chooses. Use it without an open scope."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import time_machine
from django.db import connection
from django.utils import timezone

from assessments.models import (
    Assessment,
    EvidenceItem,
    Finding,
    FindingChange,
    Resource,
    ResourceVersion,
    Unit,
)
from portal.reports.models import Report
from portal.treatment.models import ExceptionItem, FindingException
from tenants.models import Directory, Person, Tenant
from tenants.roles import Role
from tests import factories
from tests.databases import owner_sql
from tests.portal.treatment.findings import make

DAY = timedelta(days=1)
PLACE = "11111111-1111-4111-8111-111111111111"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class Customer:
    """A tenant, with methods that add rows to it. The argument `days` of these methods is the age of the row."""

    tenant: Tenant = field(default_factory=factories.tenant)
    now: datetime = field(default_factory=timezone.now)
    directory: Directory = field(init=False)
    administrator: Person = field(init=False)
    approver: Person = field(init=False)

    def __post_init__(self) -> None:
        self.directory = factories.directory(self.tenant)
        self.administrator = factories.member(Role.TENANT_ADMINISTRATOR, self.tenant)
        self.approver = factories.member(Role.APPROVER, self.tenant)

    def at(self, days: float) -> datetime:
        return self.now - days * DAY

    def assessment(
        self, number: int, days: float, documents: Iterable[str] | None = (), *, places: Sequence[str] = (PLACE,),
        **given: Any,
    ) -> Assessment:  # fmt: skip
        """A finished assessment that ended `days` ago and read the documents with these names.

        If the name of a document begins with `list`, the document is evidence that something does not exist.
        """
        with factories.in_tenant(self.tenant):
            row = Assessment.objects.create(
                tenant=self.tenant, number=number, catalogue_hash="c" * 64, product_version="1",
                **{"state": "finished", "ended_at": self.at(days), "summary": {"score": 1}, **given},
            )  # fmt: skip
            Assessment.objects.filter(pk=row.pk).update(created_at=self.at(days))
            for place in places:
                manifest = None
                if documents is not None:
                    manifest = self._manifest(f"{number} {place}", documents, days)
                Unit.objects.create(
                    tenant=self.tenant, assessment=row, kind="subscription", azure_id=place, name="Production",
                    directory=self.directory, state="done", ended_at=self.at(days), manifest=manifest,
                )  # fmt: skip
            return row

    def _manifest(self, name: str, documents: Iterable[str], days: float) -> EvidenceItem:
        rows = [[f"/{one}", [sha(one)]] for one in documents if not one.startswith("list")]
        lists = [sha(one) for one in documents if one.startswith("list")]
        return EvidenceItem.objects.create(
            tenant=self.tenant, sha256=sha(f"manifest {name}"), source="manifest", collection="manifest",
            document_id=name, collected_at=self.at(days),
            content={"answers": {"accounts": {"/scope": rows}}, "lists": lists},
        )  # fmt: skip

    def document(self, name: str, days: float) -> EvidenceItem:
        with factories.in_tenant(self.tenant):
            return EvidenceItem.objects.create(
                tenant=self.tenant, sha256=sha(name), source="arm", collection="accounts", document_id=f"/{name}",
                collected_at=self.at(days), content={"name": name},
            )  # fmt: skip

    def finding(self, number: int, *, evidence: Sequence[str] = (), **given: Any) -> Finding:
        with factories.in_tenant(self.tenant):
            values = {"unit": f"/subscriptions/{PLACE}", "outcome": "pass", "state": "passing", **given}
            return make(self.tenant, {**values, "evidence": [sha(name) for name in evidence]}, number)

    def change(
        self, finding: Finding, assessment: Assessment, before: str, after: str, **given: Any
    ) -> FindingChange:
        with factories.in_tenant(self.tenant):
            at = given.pop("at", assessment.ended_at)
            return FindingChange.objects.create(
                tenant=self.tenant, finding=finding, assessment=assessment, at=at, before_outcome=before,
                after_outcome=after, reason="r", after_observed={"n": assessment.number}, **given,
            )  # fmt: skip

    def report(self, number: int, days: float, assessment: Assessment, **given: Any) -> Report:
        with factories.in_tenant(self.tenant), time_machine.travel(self.at(days), tick=False):
            return Report.objects.create(
                tenant=self.tenant, number=number, title="t", requested_as="x", assessment=assessment,
                as_of=assessment.ended_at or self.now,
                **{"state": "ready", "sha256": "a" * 64, "size": 7, "file": f"{self.tenant.pk}/{number}.pdf", **given},
            )  # fmt: skip

    def exception(self, finding: Finding, days: float, state: str = "active") -> FindingException:
        """An exception that was approved `days` ago."""
        at = self.at(days)
        ended = {"ended_at": at + DAY} if state in ("expired", "revoked") else {}
        with factories.in_tenant(self.tenant):
            number = FindingException.objects.count() + 1
            row = FindingException.objects.create(
                tenant=self.tenant, number=number, scope="finding", state="requested", reason="Because.", maximum=1,
                cap_days=3000, starts_at=at, ends_at=at + 2999 * DAY, requested_by=self.administrator,
                requested_at=at,
            )  # fmt: skip
            ExceptionItem.objects.create(
                tenant=self.tenant, exception=row, finding=finding, requested_sha256="a" * 64,
                approved_sha256="a" * 64, approved_observed={}, approved_at=at,
            )  # fmt: skip
            rows: Any = FindingException.objects.filter(pk=row.pk)
            rows.update(state="active", decided_by=self.approver, decided_at=at)
            if state != "active":
                rows.update(state=state, **ended)
            row.refresh_from_db()
            return row

    def resource(self, name: str, versions: Sequence[float], assessment: Assessment) -> list[ResourceVersion]:
        """Create a resource. `versions`: how many days ago each version was found, each by its own assessment."""
        with factories.in_tenant(self.tenant):
            row = Resource.objects.create(
                tenant=self.tenant, resource_id=f"/subscriptions/x/{name}", key=sha(name), type="t", name=name,
                unit=f"/subscriptions/{PLACE}", sha256=sha(name), first_seen_at=self.at(max(versions)),
                changed_at=self.at(min(versions)),
            )  # fmt: skip
            found = []
            for days in versions:
                last = Assessment.objects.order_by("-number").values_list("number", flat=True)[0]
                ran = Assessment.objects.create(
                    tenant=self.tenant, number=last + 1, state="finished", ended_at=self.at(days),
                    catalogue_hash="c" * 64, product_version="1", only=["x"],
                )  # fmt: skip
                found.append(
                    ResourceVersion.objects.create(
                        tenant=self.tenant,
                        resource=row,
                        assessment=ran,
                        at=self.at(days),
                        sha256=sha(f"{days}"),
                        stored={"days": days},
                    )
                )
            return found

    def rows(self, kind: str, days: float) -> dict[UUID, str]:
        """Return {id of each row older than `days`: why the row is kept}. The reason is empty for deletable rows."""
        with factories.in_tenant(self.tenant), connection.cursor() as cursor:
            cursor.execute(
                "SELECT row_id, row_cited FROM retention_rows(%s, %s, %s)",
                [self.tenant.pk, kind, self.at(days)],
            )
            return dict(cursor.fetchall())

    def delete(self, kind: str, days: float, limit: int = 1000) -> int:
        """Delete old rows with the function of the database; return how many."""
        with factories.in_tenant(self.tenant), connection.cursor() as cursor:
            cursor.execute(
                "SELECT deleted_rows FROM retention_delete(%s, %s, %s, %s)",
                [self.tenant.pk, kind, self.at(days), limit],
            )
            return int(cursor.fetchone()[0])


def make_effective() -> None:
    """Make all decisions seven days older. They must be committed: the tables' owner has a connection of its own."""
    for table in ("retention_retentionrule", "retention_organizationretentionrule"):
        owner_sql(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        owner_sql(
            f"UPDATE {table} SET decided_at = decided_at - interval '7 days 1 second',"
            " effective_at = effective_at - interval '7 days 1 second'"
        )
        owner_sql(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
