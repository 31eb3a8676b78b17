"""Find the failing findings of a customer that the entries of a mute list match, or the reason why an entry matches
none.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from assessments.equivalents.equivalents import Check, product
from assessments.estate.ids import fold
from assessments.models import Finding, Resource, ResourceVersion
from assessments.resource_versions import read_newest
from portal.mute_lists.compare import Judged, Outcome, Result, Subject, checks_of, compare
from portal.mute_lists.file import ANY, Entry
from portal.queries.subscriptions import unit_names
from portal.treatment.models import ExceptionItem, FindingException
from portal.treatment.selectors.findings import visible_findings
from tenants.models import Tenant
from tenants.roles import Capability
from tenants.scope import current

_GLOBAL: Final = "global"
"""The region that Prowler states for subjects outside of resource groups, such as subscriptions and directories."""
_BATCH: Final = 200
_UNDER_WAY: Final = (*FindingException.PENDING, *FindingException.COVERING)
_APP: Final = "Microsoft.Web/sites"
_WORDS: Final[Mapping[Result, str]] = {
    Result.REGION: "in other regions",
    Result.RESOURCE: "on other resources",
    Result.SUBJECT: "that the check does not judge",
    Result.TAGS: "without these tags",
    Result.EXCEPTED: "left out by “Exceptions” in the file",
    Result.EARLIER: "already in an entry above",
    Result.NOT_KNOWN: "whose region, tags or name could not be compared",
}


@dataclass(frozen=True, slots=True)
class Planned:
    """The failing findings of a customer, compared with one entry of a mute list.

    - `findings`: the matching findings that would get an exception
    - `under_way`: how many matching findings already have an exception or a request for one
    - `why`: why no finding matches
    - `others`: how many findings of the entry's checks do not match, and why
    - `differs`: how controls can differ from Prowler's checks
    """

    entry: Entry
    controls: tuple[str, ...]
    findings: tuple[UUID, ...]
    under_way: int
    why: str
    others: str
    differs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MuteListPlan:
    """The entries of a file, and a digest of the findings that they match now."""

    entries: tuple[Planned, ...]
    digest: str


def plan_mute_list(tenant: Tenant, entries: Sequence[Entry]) -> MuteListPlan:
    """Compare the entries with the failing findings that the person for whom the scope was opened may see.

    Raise TooMuchWork if the comparison takes too many steps.
    """
    known = product("prowler").checks
    names = unit_names(tenant)
    checks = {
        number: [known[name] for name in found] for number, found in checks_of(entries, list(known)).items()
    }
    by_control: dict[str, set[str]] = defaultdict(set)
    for found in checks.values():
        for check in found:
            for slug in check.controls:
                by_control[slug].add(check.id)
    failing: QuerySet[Finding, Any] = (
        visible_findings(tenant)
        .filter(outcome=Finding.Outcome.FAIL, gone_at__isnull=True, control__in=by_control)
        .order_by("control", "subject_name", "pk")
        .values_list(
            "pk", "control", "subject", "subject_name", "subject_ref", "unit", "observed_sha256", named=True
        )
    )
    rows = list(failing)
    outcomes = compare(entries, _judged(tenant, rows, by_control, names))
    with_exception = set(
        ExceptionItem.objects.filter(
            tenant=tenant, exception__state__in=_UNDER_WAY, finding__in=[row.pk for row in rows]
        ).values_list("finding_id", flat=True)
    )
    # People who see only their own findings must not learn which other subscriptions exist.
    sees_all = current().may(Capability.VIEW_ALL, tenant.pk)
    units = names if sees_all else {row.unit for row in rows}
    accounts = {one.casefold() for unit in units for one in _accounts(unit, names)}
    unknown_account = (
        f"{tenant.name} has no subscription or directory with this name or ID"
        if sees_all
        else "You can see no failing finding for this check in a subscription or directory with this name or ID"
    )
    planned = tuple(
        _planned(
            entry, checks[entry.number], outcomes.get(entry.number), with_exception, accounts, unknown_account
        )
        for entry in entries
    )
    seen = {row.pk: row.observed_sha256 for row in rows}
    stated = [[one.entry.number, [[str(pk), seen[pk]] for pk in one.findings]] for one in planned]
    return MuteListPlan(planned, hashlib.sha256(json.dumps(stated).encode()).hexdigest())


def _judged(
    tenant: Tenant, rows: Sequence[Any], by_control: Mapping[str, set[str]], names: Mapping[str, str]
) -> Iterator[Judged]:
    known = product("prowler").checks
    # For some controls, the observed value decides which check judges a subject. Read only the observed values of these
    # controls, because observed values can be large.
    by_observed = {
        slug for slug, named in by_control.items() if any(known[one].only_observed for one in named)
    }
    needed = [row.pk for row in rows if row.control in by_observed]
    observed = dict(Finding.objects.filter(tenant=tenant, pk__in=needed).values_list("pk", "observed"))
    by_kind = {slug for slug, named in by_control.items() if any(known[one].only_kind for one in named)}
    kinds = _kinds(tenant, {row.subject_ref for row in rows if row.control in by_kind})
    units = {row.unit for row in rows}
    resources = {
        fold(resource): (location, tags)
        for resource, location, tags in Resource.objects.filter(
            tenant=tenant, unit__in=units, gone_at__isnull=True
        ).values_list("resource_id", "location", "tags")
    }
    for row in rows:
        region, tags = _place(row.subject, resources)
        subject = Subject(_accounts(row.unit, names), region, row.subject_name, tags)
        named = sorted(by_control[row.control])
        kind = kinds.get(row.subject_ref, "")
        judging = tuple(
            check for check in named if known[check].judges(row.subject, observed.get(row.pk), kind)
        )
        yield Judged(row.pk, judging, subject, tuple(check for check in named if check not in judging))


def _kinds(tenant: Tenant, subjects: set[UUID]) -> dict[UUID, str]:
    """Return {`subject_ref` of findings: property `kind` of the subject} for the web apps and function apps among the
    subjects.

    Deployment slots are left out, because Prowler does not judge them. Like Prowler, treat an app without `kind` as a
    web app.
    """
    kinds = {}
    for refs in batched(sorted(subjects), _BATCH):
        apps = Resource.objects.filter(tenant=tenant, ref__in=refs, type__iexact=_APP, gone_at__isnull=True)
        ref_of = dict(apps.values_list("pk", "ref"))
        newest = read_newest(ResourceVersion.objects.all(), tenant_id=tenant.pk, resources=list(ref_of))
        for pk, version in newest.items():
            kinds[ref_of[pk]] = str(version.document.get("kind") or "app")
    return kinds


def _place(subject: str, resources: Mapping[str, tuple[str, Any]]) -> tuple[str | None, str | None]:
    """Return region and tags of a subject, or of the resource of which the subject is a part. If the resource is
    unknown, return None for both.
    """
    identifier = fold(subject)
    if "/resourcegroups/" not in identifier:
        return _GLOBAL, ""
    while identifier:
        if (found := resources.get(identifier)) is not None:
            location, tags = found
            pairs = tags.items() if isinstance(tags, dict) else ()
            return location or _GLOBAL, " | ".join(f"{name}={value}" for name, value in pairs)
        identifier = identifier.rpartition("/")[0]
    return None, None


def _accounts(unit: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """Return the texts with which an entry can name a subscription or directory as its account."""
    guid = unit.rpartition("/")[2].removeprefix("directory:")
    name = names.get(unit, "")
    return (guid, *((name, f"Tenant: {name}") if unit.startswith("directory:") else (name,)))


def _planned(
    entry: Entry,
    checks: Sequence[Check],
    outcome: Outcome | None,
    with_exception: set[UUID],
    accounts: set[str],
    unknown_account: str,
) -> Planned:
    muted = outcome.muted if outcome else []
    others = outcome.others if outcome else {}
    controls = tuple(sorted({slug for check in checks for slug in check.controls}))
    words = [f"{others[result]} {text}" for result, text in _WORDS.items() if others.get(result)]
    findings = tuple(pk for pk in muted if pk not in with_exception)
    return Planned(
        entry=entry,
        controls=controls,
        findings=findings,
        under_way=len(muted) - len(findings),
        why="" if muted else _why(entry, checks, controls, words, accounts, unknown_account),
        others=", ".join(words),
        differs=tuple(f"{check.id}: {check.differs}" for check in checks if check.differs and check.controls),
    )


def _why(
    entry: Entry,
    checks: Sequence[Check],
    controls: Sequence[str],
    words: Sequence[str],
    accounts: set[str],
    unknown_account: str,
) -> str:
    """Return why an entry matches no finding. `unknown_account` is the reason if the entry names an account that is not
    in `accounts`.
    """
    if entry.problem:
        return entry.problem
    if not checks:
        return "Prowler has no check for Azure with this name"
    if not controls:
        missing = list(dict.fromkeys(check.missing for check in checks))
        return f"No control corresponds to this check of Prowler: {missing[0]}"
    if entry.account != ANY and entry.account.casefold() not in accounts:
        return unknown_account
    if not words:
        return "The controls for this check have no failing finding"
    return f"No failing finding matches. Findings that do not match: {', '.join(words)}"
