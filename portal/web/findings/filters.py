"""The filters of the findings page: from its address to conditions of the database."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict

from assessments.models import Finding
from assessments.selectors import kinds_saying, saying
from portal.treatment.matching import tagged
from portal.treatment.models import Treatment
from portal.treatment.selectors.stranded import owner_has_left
from portal.treatment.states import SAYS, TREATABLE, Shown, shown_state
from portal.web.findings import moments
from tenants.ids import parse_uuid
from tenants.models import Tenant

# The names in the address that are a column of the finding.
COLUMNS: Final[Mapping[str, str]] = {
    "severity": "severity",
    "verdict": "outcome",
    "section": "section",
    "subscription": "unit",
    "control": "control",
}
NAMES: Final = (*COLUMNS, "state", "owner", "due", "age", "tag")
NOBODY: Final = "nobody"
# Whose owner has no access to the tenant any more.
GONE: Final = "gone"
MOST_TEXT: Final = 200
MOST_FOUND: Final = 1000
# The state in the row from which a shown state is derived; the others show as they are.
FROM_STATE: Final[Mapping[str, str]] = {
    Shown.OPEN: "open",
    Shown.ACKNOWLEDGED: "open",
    Shown.EXCEPTED: "open",
    Shown.MANUAL: "manual",
    Shown.ATTESTED: "manual",
    Shown.NOT_MET: "manual",
    Shown.LAPSED: "manual",
}
# What can show otherwise than its verdict does.
TREATED: Final = SAYS & Q(state__in=TREATABLE)


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """What the address asks for: values of one name are alternatives, names narrow each other.

    Of one tenant at one moment, at which due dates, ages and shown states are looked at.
    """

    tenant: Tenant
    now: datetime
    values: dict[str, list[str]] = field(default_factory=dict)
    q: str = ""
    found: tuple[UUID, ...] | None = None
    """The ids of all that the search finds, where it has been looked for and finds few."""
    kinds: Mapping[str, Collection[str]] | None = None
    """Where each word is found at all, where it has been looked for."""

    @classmethod
    def from_query(cls, query: QueryDict, tenant: Tenant, now: datetime) -> Self:
        # A NUL cannot be in a text of PostgreSQL, so nothing can match it.
        values = {
            name: [v.replace("\0", "") for v in query.getlist(name)] for name in NAMES if query.getlist(name)
        }
        return cls(tenant, now, values, query.get("q", "").replace("\0", "").strip()[:MOST_TEXT])

    @property
    def active(self) -> int:
        """How many filters are on."""
        return sum(map(len, self.values.values())) + bool(self.q)

    @property
    def many(self) -> bool:
        """Whether there is a search that finds many, so that every pass looks it up again."""
        return bool(self.q) and self.found is None

    def without(self, name: str) -> Self:
        """The same without one of the names."""
        return replace(self, values={key: some for key, some in self.values.items() if key != name})

    def searched(self, rows: QuerySet[Finding], free: Collection[str] = NAMES) -> Self:
        """The same with the search looked up once, so that the few that match are found by their ids. Left as
        it is where many match: then each question compares all findings with the texts that do.

        Only among what the filters leave, so the names in `free` alone may be left out of it afterwards.
        """
        if not self.q or self.found is not None:
            return self
        looked = replace(self, kinds=kinds_saying(self.tenant, self.q))
        among = looked._narrowed(rows, free).filter(looked.text()).order_by()
        ids = list(among.values_list("pk", flat=True)[: MOST_FOUND + 1])
        return replace(looked, found=tuple(ids)) if len(ids) <= MOST_FOUND else looked

    def _narrowed(self, rows: QuerySet[Finding], free: Collection[str]) -> QuerySet[Finding]:
        """What the columns of the findings say of the filters that are not `free`."""
        for name, values in self.values.items():
            if name in COLUMNS and name not in free:
                rows = rows.filter(**{f"{COLUMNS[name]}__in": values})
            elif name == "state" and name not in free:
                rows = rows.filter(state__in={FROM_STATE.get(value, value) for value in values})
        return rows

    def has(self, *names: str) -> bool:
        return any(name in self.values for name in names)

    def apply(self, rows: QuerySet[Finding], *, treated: bool = True) -> QuerySet[Finding]:
        """The matching findings; those whose subject is gone only when they are asked for.

        With `treated` False as if nobody had done anything about them: states and due dates of the verdicts.
        """
        if self.has("age"):
            rows = rows.alias(since=moments.SINCE)
        if Shown.GONE not in self.values.get("state", []):
            rows = rows.exclude(state=Shown.GONE)
        found = self.text()
        for name, values in self.values.items():
            found &= self._condition(name, values, treated)
        return rows.filter(found)

    def text(self) -> Q:
        """The search: every word in the subject, the control or the reason, by the tenant's texts (ADR 8)."""
        if self.found is not None:
            return Q(pk__in=self.found)
        return saying(self.tenant, self.q, self.kinds)

    def _condition(self, name: str, values: list[str], treated: bool) -> Q:
        if name in COLUMNS:
            return Q(**{f"{COLUMNS[name]}__in": values})
        if name == "state":
            return self._state(values) if treated else Q(state__in=values)
        if name == "due":
            covered = Q(pk__in=self._shown([Shown.EXCEPTED]))
            return moments.due(self.tenant, self.now, values, ~covered if treated else Q())
        if name == "age":
            return moments.age(self.now, values)
        if name == "owner":
            return self._owner(values)
        return self._tags(values)

    def _owner(self, values: list[str]) -> Q:
        ids = [pk for value in values if (pk := parse_uuid(value)) is not None]
        theirs = Q(treatment__owner__in=ids)
        if GONE in values:
            theirs |= owner_has_left(self.tenant)
        if NOBODY not in values:
            return theirs
        if ids or GONE in values:
            return theirs | Q(treatment__owner__isnull=True)
        # So indexes alone say it; a join would read the treatments.
        owned = Treatment.objects.filter(tenant=self.tenant, finding_id=OuterRef("pk"), owner__isnull=False)
        return ~Q(Exists(owned))

    def _state(self, values: list[str]) -> Q:
        """By the row's own state, which has an index, less what is shown otherwise, plus what is shown so."""
        own = Q(state__in=values)
        if not any(value in FROM_STATE for value in values):
            return own
        if any(value in ("open", "manual") for value in values):
            others = [value for value in FROM_STATE if value not in values]
            own &= ~Q(pk__in=self._shown(others))
        made = [value for value in values if value in FROM_STATE and value not in ("open", "manual")]
        return (
            own | Q(state__in={FROM_STATE[value] for value in made}, pk__in=self._shown(made))
            if made
            else own
        )

    def _shown(self, states: Collection[str]) -> QuerySet[Finding, Any]:
        """The ids of the treated findings that are shown in one of the states: few, found by the treatments."""
        rows = Finding.objects.filter(TREATED, tenant=self.tenant).annotate(shown=shown_state(self.now))
        return rows.filter(shown__in=states).order_by().values("pk")

    def _tags(self, values: list[str]) -> Q:
        """Findings on resources that have one of the tags, each as `name=value`, or `name` for any value."""
        found = Q(pk__in=())
        for value in values:
            name, _, content = value.partition("=")
            if name:
                found |= Q(subject_ref__in=tagged(self.tenant, name, content))
        return found & ~Q(state=Shown.GONE)
