"""Filter the findings of all customers by owner, due date, age, subscription and tag, and count the findings for each
value of these filters.

Snapshots store the number of findings for each value, and for some pairs of values (`stored_facets`). For other
combinations of values, the findings are counted. The findings for each value of a filter are counted only if at most
`MAX_COUNTED` findings match the other filters.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import reduce
from math import prod
from operator import or_
from typing import Any, Final
from uuid import UUID

from django.db.models import (
    BooleanField,
    Exists,
    F,
    FilteredRelation,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.sql.compiler import SQLCompiler

from assessments.models import Finding
from portal.queries.all_findings.stored_values import Numbers, stored_numbers, stored_tags
from portal.queries.findings.facet_query import group_by_sets
from portal.queries.findings.filters import COLUMNS, UNASSIGNED, WITHOUT_ACCESS
from portal.queries.findings.tags import tags_of
from portal.treatment import date_buckets
from portal.treatment.matching import resources_with_tag
from portal.treatment.models import Snapshot, Treatment
from portal.treatment.models.facet_count import PAIRS
from portal.treatment.selectors.owners import eligible_owner_ids
from portal.treatment.selectors.valid_snapshots import up_to_date_snapshots
from portal.treatment.states import CHANGES_SHOWN_STATE, WITH_DUE_DATE, ShownState, shown_state
from tenants.ids import parse_uuid
from tenants.models import Person, Tenant

# Query parameters, in the order of the facets on the page.
NAMES: Final = ("owner", "due", "age", "subscription", "tag")
MAX_COUNTED: Final = 5_000
# If the customers have more findings than this, the filters of `NAMES` are slow. So if one of these filters is chosen,
# the findings for each value of these filters are not counted, because counting would take too long.
MAX_READ: Final = 100_000
# Stored numbers are used for at most this many pairs of chosen values of two filters.
_MAX_PAIRS: Final = 200
# {facet: the columns and annotations whose values are counted for the facet}
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "owner": ("tenant_id", "owner"),
    "due": ("due_key",),
    "age": ("age_key",),
    "subscription": ("unit",),
}

_DECISION: Final = {"decision": FilteredRelation("treatment", condition=CHANGES_SHOWN_STATE)}

type Values = Mapping[str, Sequence[str]]


def matching(tenants: Sequence[Tenant], values: Values, now: datetime) -> QuerySet[Finding]:
    """Return the findings of these tenants, except gone ones, that match `values` ({filter: chosen values}). Only the
    filters of `NAMES` are applied.
    """
    rows = Finding.objects.filter(tenant_id__any_of=[tenant.pk for tenant in tenants])
    rows = rows.exclude(state=ShownState.GONE)
    for name in NAMES:
        if name not in values:
            continue
        if name == "due":
            rows = rows.alias(**_DECISION, shown_now=shown_state(now, treatment_of(values)))
        elif name == "age":
            rows = rows.alias(since=date_buckets.SINCE)
        rows = rows.filter(_condition(name, values[name], tenants, now))
    if _selects_owned_and_due(values) and _are_copies_up_to_date(tenants):
        # All matching findings are open, so this condition does not change the result. It makes the query faster:
        # PostgreSQL finds the open findings of an owner in an index that contains `finding_state`.
        rows = rows.filter(treatment__finding_state=Finding.State.OPEN)
    return rows


def reads_treatments(values: Values) -> bool:
    """Return whether the filters match only findings that have an owner, or only findings that have a due date. Such
    findings are few, so the treatment of each matching finding can be read.
    """
    return _has_owners(values) or ("due" in values and date_buckets.NOT_DUE not in values["due"])


def reads_many(tenants: Sequence[Tenant], values: Values) -> bool:
    """Return whether filters of `NAMES` are chosen and the tenants have more than `MAX_READ` findings."""
    if not any(name in values for name in NAMES):
        return False
    ids = [tenant.pk for tenant in tenants]
    stored = Snapshot.objects.filter(tenant_id__any_of=ids, totals__isnull=False)
    rows: Iterable[Any] = stored.order_by().values_list("totals", flat=True)
    return sum(sum(totals["states"].values()) for totals in rows) > MAX_READ


def stored_facets(values: Values) -> dict[str, list[str]] | None:
    """Return {filter: chosen values} if the numbers of findings with these values are stored (`FacetCount`). Otherwise,
    return None.

    Numbers are stored for each value of one filter, and for each pair of values of two filters that `PAIRS` lists
    together. Return None in these cases too:

    - more than `_MAX_PAIRS` pairs of values are chosen
    - “owners without access” are chosen, because access can change between two snapshots
    - several tags are chosen, because a finding with two of these tags would be counted twice
    """
    chosen = {name: list(values[name]) for name in NAMES if name in values}
    if len(chosen) != 1 and not _are_stored_pairs(chosen):
        return None
    if "owner" in chosen:
        if WITHOUT_ACCESS in chosen["owner"]:
            return None
        chosen["owner"] = [
            value if value == UNASSIGNED else str(parse_uuid(value)) for value in chosen["owner"]
        ]
    if "tag" in chosen and (len(chosen["tag"]) != 1 or chosen["tag"][0].startswith("=")):
        return None
    return chosen


def _are_stored_pairs(chosen: Values) -> bool:
    """Return whether exactly two filters are chosen, and numbers are stored for the pairs of their values."""
    dates = {"age": date_buckets.AGE_LABELS, "due": date_buckets.DUE_LABELS}
    return (
        tuple(sorted(chosen)) in PAIRS
        and prod(map(len, chosen.values())) <= _MAX_PAIRS
        # Accept only known values of dates: a pair is stored as its two values, joined by a space, so an unknown value
        # with a space could match another pair.
        and all(value in labels for name, labels in dates.items() for value in chosen.get(name, ()))
    )


def treatment_of(values: Values) -> str:
    """Return the prefix of lookups in a finding's treatment:

    - `treatment__`, if all matching findings have an owner
    - otherwise `decision__`, which `matching` adds only for the filter `due`. It joins the few treatments that can
      change the shown state
    """
    return "treatment__" if _has_owners(values) else "decision__"


def _has_owners(values: Values) -> bool:
    return "owner" in values and UNASSIGNED not in values["owner"]


def _selects_owned_and_due(values: Values) -> bool:
    """Return whether the filters match only findings that have both an owner and a due date.

    All these findings have the stored state `OPEN`, because findings in other states have no due date.
    """
    is_due = "due" in values and date_buckets.NOT_DUE not in values["due"]
    return is_due and _has_owners(values) and WITHOUT_ACCESS not in values["owner"]


def _are_copies_up_to_date(tenants: Sequence[Tenant]) -> bool:
    """Return whether the columns that treatments copy from their findings are up to date. Each snapshot updates these
    copies.
    """
    ids = {tenant.pk for tenant in tenants}
    return set(up_to_date_snapshots(ids).order_by().values_list("tenant_id", flat=True)) == ids


def _condition(name: str, values: Collection[str], tenants: Sequence[Tenant], now: datetime) -> Q:
    if name == "owner":
        return _owned(values, tenants)
    if name == "due":
        return _due(values, tenants, now)
    if name == "age":
        return date_buckets.aged(now, values)
    if name == "subscription":
        return Q(unit__in=values)
    return _tagged(values, tenants)


def _owned(values: Collection[str], tenants: Sequence[Tenant]) -> Q:
    found = Q(treatment__owner__in=[pk for value in values if (pk := parse_uuid(value)) is not None])
    if UNASSIGNED in values:
        found |= Q(treatment__owner__isnull=True)
    if WITHOUT_ACCESS in values:
        for eligible, alike in _by_eligible_owners(tenants).items():
            others = Q(tenant_id__any_of=alike, treatment__owner__isnull=False)
            found |= others & ~Q(treatment__owner__in=eligible)
    return found


def _by_eligible_owners(tenants: Sequence[Tenant]) -> dict[frozenset[UUID], list[UUID]]:
    """Group the tenants by the people who may own findings in them. Return {ids of people: ids of tenants}."""
    found: dict[frozenset[UUID], list[UUID]] = defaultdict(list)
    for tenant_id, people in eligible_owner_ids(tenants).items():
        found[frozenset(people)].append(tenant_id)
    return found


def _due(keys: Collection[str], tenants: Sequence[Tenant], now: datetime) -> Q:
    """Return the condition that a finding's due date is in one of these ranges, such as overdue. Needs the annotation
    `shown_now`.

    The due date depends on the policy of the finding's tenant.
    """
    found = Q(pk__in=())
    for alike in _by_policy(tenants):
        has_due_date = Q(shown_now__in=WITH_DUE_DATE)
        found |= Q(tenant_id__any_of=[tenant.pk for tenant in alike]) & date_buckets.due_in(
            alike[0], now, keys, has_due_date
        )
    return found


def _by_policy(tenants: Iterable[Tenant]) -> list[list[Tenant]]:
    """Return the tenants in groups with equal due days."""
    found: dict[tuple[tuple[str, Any], ...], list[Tenant]] = defaultdict(list)
    for tenant in tenants:
        found[tuple(sorted(tenant.due_days.items()))].append(tenant)
    return list(found.values())


def _tagged(values: Collection[str], tenants: Sequence[Tenant]) -> Q:
    ids = [tenant.pk for tenant in tenants]
    tags = [value.partition("=") for value in values if not value.startswith("=")]
    if not tags:
        return Q(pk__in=())
    tagged = reduce(or_, (resources_with_tag(ids, name, content) for name, _, content in tags))
    return Q(
        _IsOneOf(
            F("tenant_id"),
            F("subject_ref"),
            Subquery(tagged.values("tenant_id", "ref"), output_field=BooleanField()),
        )
    )


class _IsOneOf(Func):
    """The condition that a subquery contains the tenant and the resource of a finding. The tenant is compared too,
    because two tenants can have the same resource ID.

    The condition is within `CASE`, so that PostgreSQL reads the subquery only once. For a plain condition `IN`,
    PostgreSQL expects few findings and searches the resources again for each finding, which is slow.
    """

    output_field = BooleanField()

    def as_sql(self, compiler: SQLCompiler, *_: Any, **__: Any) -> tuple[str, tuple[Any, ...]]:
        parts = [compiler.compile(one) for one in self.source_expressions]
        (tenant, ref, rows), params = zip(*parts, strict=True)
        sql = f"CASE WHEN ({tenant}, {ref}) IN {rows} THEN true ELSE false END"
        return sql, tuple(param for some in params for param in some)


def counts(
    tenants: Sequence[Tenant], values: Values, controls: Collection[str] | None, now: datetime
) -> dict[str, Counter[str]]:
    """Return {facet: {value: number of findings that the value would match}} for owners, due dates, ages, subscriptions
    and tags.

    `tenants` are the chosen customers, `values` the page's filters, `controls` the chosen controls (None: all).

    A facet is counted without its own filter. A facet with a filter is left out if more than `MAX_COUNTED` findings
    match the other filters. If none of these facets has a filter, and the stored numbers are up to date, the stored
    numbers are added up instead.
    """
    facets = [name for name in NAMES if name != "tag"]
    chosen = [name for name in NAMES if name in values]
    if tenants and not chosen:
        ids = [tenant.pk for tenant in tenants]
        if (numbers := stored_numbers(ids, values, controls, now)) is not None:
            return _stored_counts(tenants, numbers)
    uncounted = {name for name in chosen if _are_too_many(_rows([name], tenants, values, controls, now))}
    found: dict[str, Counter[str]] = {name: Counter() for name in NAMES if name not in uncounted}
    together = [name for name in facets if name not in chosen]
    alone = [[name] for name in facets if name in chosen and name not in uncounted]
    for names in (together, *alone):
        if names:
            _count(found, names, tenants, values, controls, now)
    if "tag" not in uncounted:
        found["tag"] = Counter(tags_of(_rows(["tag"], tenants, values, controls, now)))
    return found


def _stored_counts(tenants: Sequence[Tenant], numbers: Numbers) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {name: Counter() for name in NAMES}
    eligible = eligible_owner_ids(tenants)
    for (tenant_id, owner), number in numbers["owner"].items():
        _add_owner(found["owner"], tenant_id, parse_uuid(owner), eligible, number)
    for name in ("due", "age", "subscription"):
        for (_, value), number in numbers[name].items():
            found[name][value] += number
    found["tag"] = Counter(stored_tags([tenant.pk for tenant in tenants], numbers["tag"]))
    return found


def names_of_owners(ids: Iterable[str]) -> dict[str, str]:
    """Return {id: name} of the people among `ids` who own a finding of a tenant in scope."""
    wanted = [pk for value in ids if (pk := parse_uuid(value)) is not None]
    if not wanted:
        return {}
    # All tenants share the accounts, so an id in the page's URL may be the id of somebody outside this scope.
    owners = Person.objects.filter(Exists(Treatment.objects.filter(owner=OuterRef("pk"))), pk__in=wanted)
    return {str(person.pk): person.get_full_name() for person in owners.only("name", "email")}


def _are_too_many(rows: QuerySet[Finding]) -> bool:
    return rows.order_by()[MAX_COUNTED : MAX_COUNTED + 1].exists()


def _rows(
    names: Sequence[str],
    tenants: Sequence[Tenant],
    values: Values,
    controls: Collection[str] | None,
    now: datetime,
) -> QuerySet[Finding]:
    """Return the findings, with `shown_now`, that match all filters except the filters of the facets `names`."""
    others = {name: given for name, given in values.items() if name not in names}
    rows = matching(tenants, others, now).alias(**_DECISION, shown_now=shown_state(now, "decision__"))
    for name in ("severity", "section"):
        if name in others:
            rows = rows.filter(**{f"{COLUMNS[name]}__in": others[name]})
    if "state" in others:
        rows = rows.filter(shown_now__in=others["state"])
    return rows if controls is None else rows.filter(control__in=controls)


def _count(
    found: dict[str, Counter[str]],
    names: Sequence[str],
    tenants: Sequence[Tenant],
    values: Values,
    controls: Collection[str] | None,
    now: datetime,
) -> None:
    rows = _rows(names, tenants, values, controls, now)
    if "owner" in names:
        rows = rows.annotate(owner=F("treatment__owner_id"))
    if "due" in names:
        rows = rows.annotate(
            due_key=date_buckets.due_key({key: _due([key], tenants, now) for key in date_buckets.DUE_BUCKETS})
        )
    if "age" in names:
        rows = rows.alias(since=date_buckets.SINCE).annotate(age_key=date_buckets.age_key(now))
    eligible = eligible_owner_ids(tenants) if "owner" in names else {}
    facet_of = {_COLUMNS[name]: name for name in names}
    columns = sorted({column for grouping in facet_of for column in grouping})
    for grouping, key, number in group_by_sets(rows.order_by().values(*columns), list(facet_of)):
        if facet_of[grouping] == "owner":
            _add_owner(found["owner"], key[0], key[1], eligible, number)
        else:
            found[facet_of[grouping]][key[0]] += number


def _add_owner(
    counted: Counter[str],
    tenant_id: UUID,
    owner: UUID | None,
    eligible: Mapping[UUID, set[UUID]],
    number: int,
) -> None:
    counted[str(owner) if owner else UNASSIGNED] += number
    if owner and owner not in eligible.get(tenant_id, ()):
        counted[WITHOUT_ACCESS] += number
