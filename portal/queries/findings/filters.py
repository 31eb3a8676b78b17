"""The filter of a tenant's findings. It turns query parameters into database conditions and into words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from assessments.controls.registry import SECTIONS, ControlTexts
from assessments.models import Finding
from assessments.selectors import text_filter, text_kinds
from portal.queries.parameters import Condition, CountedFilter, Parameters, text_of, values_of
from portal.treatment import date_buckets
from portal.treatment.matching import tagged_resources
from portal.treatment.models import Treatment
from portal.treatment.selectors.orphaned_owners import owned_by_former_owner
from portal.treatment.states import CHANGES_SHOWN_STATE, TREATABLE, ShownState, shown_state
from tenants.ids import parse_uuid
from tenants.models import Tenant

# {parameter: column}, for the parameters that filter by one column of the finding.
COLUMNS: Final[Mapping[str, str]] = {
    "severity": "severity",
    "verdict": "outcome",
    "section": "section",
    "subscription": "unit",
    "control": "control",
}
# {parameter: label}, in the order in which filters are described.
LABELS: Final[Mapping[str, str]] = {
    "severity": "Severity",
    "state": "State",
    "verdict": "Verdict",
    "due": "Due",
    "owner": "Owner",
    "section": "Section",
    "subscription": "Subscription or directory",
    "age": "Age",
    "tag": "Tag",
    "control": "Control",
}
NAMES: Final = (*COLUMNS, "state", "owner", "due", "age", "tag")
SEARCH: Final = "q"
# Values of the parameter `owner` that are not ids of people.
UNASSIGNED: Final = "nobody"
WITHOUT_ACCESS: Final = "gone"
OWNER_LABELS: Final[Mapping[str, str]] = {UNASSIGNED: "Unassigned", WITHOUT_ACCESS: "Owner cannot act"}
MAX_MATCHING_IDS: Final = 1000
# {shown state: the stored state from which it is derived}. A state that is missing here is stored as it is shown.
STORED_STATE: Final[Mapping[str, str]] = {
    ShownState.OPEN: "open",
    ShownState.ACKNOWLEDGED: "open",
    ShownState.EXCEPTED: "open",
    ShownState.MANUAL: "manual",
    ShownState.ATTESTED: "manual",
    ShownState.NOT_MET: "manual",
    ShownState.LAPSED: "manual",
}
# The condition that a finding's shown state may differ from its stored state.
TREATED: Final = CHANGES_SHOWN_STATE & Q(state__in=TREATABLE)


@dataclass(frozen=True, slots=True)
class FindingFilter(CountedFilter):
    """Filter of one tenant's findings. Due dates, ages and shown states are computed for the moment `now`.

    Values of one parameter are alternatives (OR); several parameters must all match (AND). `search` is the text of
    ``q``.
    """

    tenant: Tenant
    now: datetime
    values: dict[str, list[str]] = field(default_factory=dict)
    search: str = ""
    matching_ids: tuple[UUID, ...] | None = None
    """The ids of the findings that `look_up_search` found for the search. None if it was not called, or if more than
    1,000 findings match.
    """
    text_kinds: Mapping[str, Collection[str]] | None = None
    """For each word of the search, the kinds of texts that contain the word. `look_up_search` sets this field."""

    @classmethod
    def parse(cls, parameters: Parameters, tenant: Tenant, now: datetime) -> Self:
        """Return the filter for these parameters; unknown parameters are ignored."""
        values = {name: given for name in NAMES if (given := values_of(parameters, name))}
        return cls(tenant, now, values, text_of(parameters, SEARCH))

    @property
    def has_broad_search(self) -> bool:
        """Whether the filter has a search, but no list of the matching findings (`matching_ids`). After
        `look_up_search`, this means that more than 1,000 findings match.
        """
        return bool(self.search) and self.matching_ids is None

    def has(self, *names: str) -> bool:
        """Return whether any of these parameters is given."""
        return any(name in self.values for name in names)

    def without(self, name: str) -> Self:
        """Return the filter without one of its parameters."""
        return replace(self, values={key: values for key, values in self.values.items() if key != name})

    def describe(self, names: Mapping[str, str] | None = None) -> list[Condition]:
        """Return the filter in words. `names` maps values to names: ids of people, scope ids of subscriptions
        and directories, and tags.
        """
        titles = ControlTexts(lambda control: control.title)
        labels: dict[str, Mapping[str, str]] = {
            "severity": dict(Finding.Severity.choices),
            "state": dict(ShownState.choices),
            "verdict": dict(Finding.Outcome.choices),
            "due": date_buckets.DUE_LABELS,
            "age": date_buckets.AGE_LABELS,
            "section": SECTIONS,
            "control": titles,
            "owner": {**OWNER_LABELS, **(names or {})},
            "subscription": names or {},
            "tag": names or {},
        }
        conditions = [
            Condition(name, label, tuple(labels.get(name, {}).get(v, v) for v in self.values[name]))
            for name, label in LABELS.items()
            if name in self.values
        ]
        return conditions + ([Condition(SEARCH, "Search", (self.search,))] if self.search else [])

    def look_up_search(self, rows: QuerySet[Finding], removable: Collection[str] = NAMES) -> Self:
        """Return the filter with its search replaced by the ids of the matching findings, if at most 1,000 match.

        If more findings match, keep the search, because comparing the texts is then faster.

        The look-up also applies the filters by column and by state, so that fewer findings match. Callers may later
        remove the filters in `removable` from the returned filter, for example to count a facet. The look-up ignores
        these filters, so that the ids are complete without them too.
        """
        if not self.search or self.matching_ids is not None:
            return self
        prepared = replace(self, text_kinds=text_kinds(self.tenant, self.search))
        matching = prepared._narrow_by_columns(rows, removable).filter(prepared.text_condition()).order_by()
        ids = list(matching.values_list("pk", flat=True)[: MAX_MATCHING_IDS + 1])
        return replace(prepared, matching_ids=tuple(ids)) if len(ids) <= MAX_MATCHING_IDS else prepared

    def _narrow_by_columns(self, rows: QuerySet[Finding], removable: Collection[str]) -> QuerySet[Finding]:
        for name, values in self.values.items():
            if name in COLUMNS and name not in removable:
                rows = rows.filter(**{f"{COLUMNS[name]}__in": values})
            elif name == "state" and name not in removable:
                rows = rows.filter(state__in={STORED_STATE.get(value, value) for value in values})
        return rows

    def apply(self, rows: QuerySet[Finding], *, treated: bool = True) -> QuerySet[Finding]:
        """Return the matching findings. Gone findings are included only if the filter names their state.

        If `treated` is False, treatments are ignored: states and due dates then depend only on the verdicts.
        """
        if self.has("age"):
            rows = rows.alias(since=date_buckets.SINCE)
        if ShownState.GONE not in self.values.get("state", []):
            rows = rows.exclude(state=ShownState.GONE)
        found = self.text_condition()
        for name, values in self.values.items():
            found &= self._condition(name, values, treated)
        return rows.filter(found)

    def text_condition(self) -> Q:
        """Return the condition that each word of the search occurs in the subject, the control or the reason (ADR
        8).
        """
        if self.matching_ids is not None:
            return Q(pk__in=self.matching_ids)
        return text_filter(self.tenant, self.search, self.text_kinds)

    def _condition(self, name: str, values: list[str], treated: bool) -> Q:
        if name in COLUMNS:
            return Q(**{f"{COLUMNS[name]}__in": values})
        if name == "state":
            return self._state(values) if treated else Q(state__in=values)
        if name == "due":
            excepted = Q(pk__in=self._treated_with_state([ShownState.EXCEPTED]))
            return date_buckets.due_in(self.tenant, self.now, values, ~excepted if treated else Q())
        if name == "age":
            return date_buckets.aged(self.now, values)
        if name == "owner":
            return self._owner(values)
        return self._tags(values)

    def _owner(self, values: list[str]) -> Q:
        ids = [pk for value in values if (pk := parse_uuid(value)) is not None]
        owned = Q(treatment__owner__in=ids)
        if WITHOUT_ACCESS in values:
            owned |= owned_by_former_owner(self.tenant)
        if UNASSIGNED not in values:
            return owned
        if ids or WITHOUT_ACCESS in values:
            return owned | Q(treatment__owner__isnull=True)
        # With this subquery, PostgreSQL reads only indexes. With a join, it would read all treatments.
        has_owner = Treatment.objects.filter(
            tenant=self.tenant, finding_id=OuterRef("pk"), owner__isnull=False
        )
        return ~Q(Exists(has_owner))

    def _state(self, values: list[str]) -> Q:
        """Return the condition that the shown state is one of `values`. The condition reads the index of the stored
        state, and corrects the result for findings whose shown state differs.
        """
        stored = Q(state__in=values)
        if not any(value in STORED_STATE for value in values):
            return stored
        if any(value in ("open", "manual") for value in values):
            others = [value for value in STORED_STATE if value not in values]
            stored &= ~Q(pk__in=self._treated_with_state(others))
        derived = [value for value in values if value in STORED_STATE and value not in ("open", "manual")]
        if not derived:
            return stored
        origins = {STORED_STATE[value] for value in derived}
        return stored | Q(state__in=origins, pk__in=self._treated_with_state(derived))

    def _treated_with_state(self, states: Collection[str]) -> QuerySet[Finding, Any]:
        """Return the ids of the treated findings whose shown state is one of `states`. This subquery returns few ids,
        because few findings are treated.
        """
        rows = Finding.objects.filter(TREATED, tenant=self.tenant, treatment__tenant=self.tenant)
        rows = rows.annotate(shown=shown_state(self.now))
        return rows.filter(shown__in=states).order_by().values("pk")

    def _tags(self, values: list[str]) -> Q:
        """Return the condition that a finding's resource has one of the tags, given as `name=value` or, for any value,
        `name`.
        """
        found = Q(pk__in=())
        for value in values:
            name, _, content = value.partition("=")
            if name:
                found |= Q(subject_ref__in=tagged_resources(self.tenant, name, content))
        return found & ~Q(state=ShownState.GONE)
