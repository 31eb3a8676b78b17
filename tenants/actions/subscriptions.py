"""Update the list of subscriptions from ARM, and include or exclude a subscription."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tenants import journal
from tenants.actions.directories import guid
from tenants.actors import Actor
from tenants.azure.credentials import DiscoveredSubscription
from tenants.azure.exclusion_rules import assign_rules
from tenants.errors import invalid
from tenants.models import Directory, ServicePrincipal, Subscription, Tenant
from tenants.values.stale_values import Part, check_unchanged
from tenants.values.visible_text import is_blank

MAX_REASON_LENGTH = 1000
_MAX_TAGS = 50
_MAX_GROUPS = 10


@dataclass(slots=True)
class SubscriptionChanges:
    """The changes that a discovery found. Each list contains the ids of the subscriptions with one kind of change.

    - `elsewhere`: subscriptions that the principal sees through Azure Lighthouse, and that are already stored for
      another directory of the tenant. Nothing is changed for these subscriptions
    - `moved`: subscriptions whose home directory changed
    - `details`: {`<kind of value> <id of the subscription>`: old and new value}
    """

    new: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    state_changed: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    details: dict[str, object] = field(default_factory=dict)

    def any(self) -> bool:
        """Return whether the tenant's list of subscriptions changed."""
        return any((self.new, self.vanished, self.returned, self.renamed, self.state_changed, self.moved))


def lock_subscriptions(tenant_ids: Iterable[UUID], subscription_ids: Collection[str] | None = None) -> None:
    """Lock all directories and all subscriptions of these tenants until the transaction ends.

    If `subscription_ids` is given, lock all directories, but only the subscriptions with these ids. Call this before
    the first journal entry of an action that changes subscriptions.
    """
    tenants = list(tenant_ids)
    directories = Directory.objects.filter(tenant__in=tenants).order_by("pk")
    list(directories.select_for_update(no_key=True, of=("self",)).values_list("pk"))
    rows = Subscription.objects.filter(tenant__in=tenants).order_by("pk")
    if subscription_ids is not None:
        rows = rows.filter(subscription_id__in=subscription_ids)
    list(rows.select_for_update(no_key=True, of=("self",)).values_list("pk"))


@transaction.atomic
def sync_subscriptions(
    *,
    by: Actor,
    service_principal: ServicePrincipal,
    discovered: Iterable[DiscoveredSubscription],
    also_seen: Collection[str] = (),
) -> SubscriptionChanges:
    """Update the tenant's subscriptions from the list that the principal sees now. `discovered` must be complete.

    - Some subscriptions in `discovered` may be stored for another directory of the tenant. Such a subscription moves to
      the principal's directory if it has vanished, or if it is foreign in the other directory and belongs to the
      principal's directory. Otherwise, it is not changed. No subscription moves to another tenant.
    - A subscription of this principal becomes Vanished if it is in neither `discovered` nor `also_seen`, and is not
      delegated to the organization. `also_seen` are the subscriptions that other principals of the directory see.
    - All other subscriptions that are not in `discovered` stay as they are, such as subscriptions of other principals
      and subscriptions in the state Waiting.

    Then the customer's exclusion rules are applied to all subscriptions.
    """
    directory = Directory.objects.get(pk=service_principal.directory_id)
    lock_subscriptions([directory.tenant_id])
    seen = {guid("subscription_id", line.subscription_id): line for line in discovered}
    rows = Subscription.objects.filter(tenant_id=directory.tenant_id).select_related("directory")
    known = {row.subscription_id: row for row in rows}
    own = {identifier for identifier, row in known.items() if not row.is_foreign}
    changes = SubscriptionChanges()
    now = timezone.now()
    touched: list[Subscription] = []
    made: list[Subscription] = []
    for identifier, line in seen.items():
        row = known.get(identifier)
        if row is None:
            made.append(_new(directory, service_principal, identifier, line, now))
            changes.new.append(identifier)
            continue
        at_home = line.home_directory_id.casefold() == directory.directory_id and row.is_foreign
        if row.directory_id != directory.pk and row.state != Subscription.VANISHED and not at_home:
            changes.elsewhere.append(identifier)
            continue
        if row.state == Subscription.VANISHED or (at_home and row.directory_id != directory.pk):
            changes.returned.append(identifier)
            row.directory, row.service_principal = directory, service_principal
        elif row.state != line.state:
            changes.state_changed.append(identifier)
            changes.details[f"state {identifier}"] = {"from": row.state, "to": line.state}
        if row.service_principal_id is None:
            row.service_principal = service_principal
        _take_over(row, line, changes)
        row.state, row.last_seen_at = line.state, now
        _classify(row, line)
        touched.append(row)
    for identifier, row in known.items():
        mine = row.directory_id == directory.pk and row.service_principal_id in (service_principal.pk, None)
        was_seen = row.state not in (Subscription.VANISHED, Subscription.WAITING)
        if mine and row.is_delegated and identifier not in seen and identifier not in also_seen:
            # No service principal of the customer's own directory sees the subscription any more, so the
            # organization's principal reads it (`tenants.actions.delegations`).
            if row.service_principal_id is not None:
                row.service_principal = None
                touched.append(row)
            continue
        if mine and identifier not in seen and identifier not in also_seen and was_seen:
            changes.vanished.append(identifier)
            row.state = Subscription.VANISHED
            touched.append(row)
    Subscription.objects.bulk_create(made)
    fields = [
        "directory",
        "service_principal",
        "display_name",
        "state",
        "last_seen_at",
        "home_directory_id",
        "quota_id",
        "tags",
        "management_groups",
        "decision",
        "decision_reason",
        "decided_by",
        "decided_at",
    ]
    Subscription.objects.bulk_update(touched, fields, batch_size=500)
    own |= {row.subscription_id for row in (*touched, *made) if not row.is_foreign}
    if details := _details(changes, own):
        journal.record(
            tenant=directory.tenant,
            actor=by,
            action="subscriptions.changed",
            target=service_principal,
            details=details,
        )
    assign_rules(by=by, tenant=directory.tenant)
    return changes


def _details(changes: SubscriptionChanges, own: set[str]) -> dict[str, object]:
    """Return the details for the tenant's journal: the changes of the subscriptions in `own`. `own` are the ids of the
    subscriptions that belong or belonged to a directory of the tenant.

    Changes of foreign subscriptions are not recorded, because such a subscription may belong to another tenant. Only
    decisions about foreign subscriptions are recorded (`tenants.actions.foreign_subscriptions`).
    """
    kinds = ("new", "vanished", "returned", "renamed", "state_changed", "moved")
    found = {kind: sorted(own.intersection(getattr(changes, kind))) for kind in kinds}
    details: dict[str, object] = {kind: identifiers for kind, identifiers in found.items() if identifiers}
    return details | {key: value for key, value in changes.details.items() if key.rpartition(" ")[2] in own}


def _take_over(row: Subscription, line: DiscoveredSubscription, changes: SubscriptionChanges) -> None:
    """Set the home directory, offer and name of a stored subscription to the values that ARM states.

    Add the differences to `changes`. If the home directory differs, clear the decision about the subscription.
    """
    home, quota = _home_and_quota(line)
    name = line.display_name[:200]
    if home and row.home_directory_id not in ("", home):
        changes.moved.append(row.subscription_id)
        changes.details[f"directory {row.subscription_id}"] = {"from": row.home_directory_id, "to": home}
    if home and row.home_directory_id != home:
        row.clear_decision()
    row.home_directory_id, row.quota_id = home or row.home_directory_id, quota or row.quota_id
    if row.display_name != name:
        changes.renamed.append(row.subscription_id)
        changes.details[f"name {row.subscription_id}"] = {"from": row.display_name, "to": name}
    row.display_name = name


def _new(
    directory: Directory,
    principal: ServicePrincipal,
    identifier: str,
    line: DiscoveredSubscription,
    now: datetime,
) -> Subscription:
    home, quota = _home_and_quota(line)
    row = Subscription(
        tenant_id=directory.tenant_id,
        directory=directory,
        service_principal=principal,
        subscription_id=identifier,
        display_name=line.display_name[:200],
        state=line.state[:40],
        home_directory_id=home,
        quota_id=quota,
        discovered_at=now,
        last_seen_at=now,
    )
    _classify(row, line)
    return row


def _classify(row: Subscription, line: DiscoveredSubscription) -> None:
    """Store the tags. Also store the management groups, unless they could not be read.

    Tags and groups beyond `_MAX_TAGS` and `_MAX_GROUPS` are not stored. Azure allows at most 50 tags and six levels of
    groups.
    """
    row.tags = {name[:512]: value[:256] for name, value in sorted(line.tags.items())[:_MAX_TAGS]}
    if line.management_groups is not None:
        groups = line.management_groups[:_MAX_GROUPS]
        row.management_groups = [[name[:90], label[:256]] for name, label in groups]


def _home_and_quota(line: DiscoveredSubscription) -> tuple[str, str]:
    home = guid("home_directory_id", line.home_directory_id) if line.home_directory_id else ""
    return home, line.quota_id[:100]


@transaction.atomic
def include_subscription(
    *,
    by: Actor,
    subscription: Subscription,
    included: bool,
    reason: str = "",
    until: datetime | None = None,
) -> Subscription:
    """Include the subscription in assessments, or exclude it with an optional reason and end.

    Raise InvalidInput if the reason is too long or consists only of invisible characters, or if a new end is not in the
    future.
    """
    reason = " ".join(reason.split())
    if len(reason) > MAX_REASON_LENGTH:
        raise invalid("reason", f"Enter a reason of at most {MAX_REASON_LENGTH} characters.")
    row = Subscription.objects.select_for_update(no_key=True).get(pk=subscription.pk)
    if included:
        reason, until = "", None
    elif reason and is_blank(reason):
        raise invalid("reason", "Enter why this subscription is not assessed.")
    if until is not None and until != row.excluded_until and until <= timezone.now():
        raise invalid("until", "Enter an end that is in the future, or leave it empty.", code="end_past")
    if (row.included, row.exclusion_reason, row.excluded_until) != (included, reason, until):
        row.included, row.exclusion_reason, row.excluded_until = included, reason, until
        row.save(update_fields=["included", "exclusion_reason", "excluded_until"])
        action = "subscription.included" if included else "subscription.left_out"
        details = {**({"reason": reason} if reason else {}), **({"until": until} if until else {})}
        journal.record(tenant=row.tenant, actor=by, action=action, target=row, details=details)
    return row


class Choice(NamedTuple):
    """A choice whether a subscription is assessed. If the subscription is excluded, `reason` says why, and `until` is
    when the subscription is included again.
    """

    included: bool
    reason: str = ""
    until: datetime | None = None

    def part(self) -> list[Any]:
        """Return the choice as JSON for `tenants.values.stale_values`. If the subscription is included, reason and end
        are empty.
        """
        if self.included:
            return [True, "", ""]
        return [
            False,
            " ".join(self.reason.split()),
            self.until.astimezone(UTC).isoformat() if self.until else "",
        ]


def choices_part(rows: Iterable[Subscription]) -> Part:
    """Return {id of a subscription: stored choice as `Choice.part` returns it}."""
    return {
        str(row.pk): Choice(row.included, row.exclusion_reason, row.excluded_until).part() for row in rows
    }


@transaction.atomic
def choose_subscriptions(*, by: Actor, choices: Mapping[UUID, Choice], expected: Part | None = None) -> None:
    """Include or exclude several subscriptions of a tenant. If one choice is refused, no choice is stored.

    `expected` has the choices that the person saw (`choices_part`). Raise Conflict (changed_meanwhile) if a stored
    choice has changed since then, unless all stored choices already equal the new ones.
    """
    # Lock all rows before the first change, because a change also locks the journal. `include_after_exclusion` locks
    # rows and journal in the same order, so the two cannot deadlock.
    rows = list(Subscription.objects.filter(pk__in=choices).order_by("pk").select_for_update(no_key=True))
    check_unchanged(expected, choices_part(rows), {str(row.pk): choices[row.pk].part() for row in rows})
    for row in rows:
        include_subscription(by=by, subscription=row, **choices[row.pk]._asdict())


def has_ended_exclusions(tenant: Tenant, now: datetime | None = None) -> bool:
    """Return whether the tenant has a subscription whose exclusion has ended, so that it must be included again.

    Call this function in the tenant's scope (`tenants.scope`).
    """
    return _ended_exclusions(tenant, now or timezone.now()).exists()


@transaction.atomic
def include_after_exclusion(
    *, by: Actor, tenant: Tenant, now: datetime | None = None
) -> list[tuple[Subscription, datetime, str]]:
    """Include the subscriptions whose exclusion has ended. Return each of them with the end and the reason of its
    exclusion.
    """
    done = []
    for row in _ended_exclusions(tenant, now or timezone.now()).order_by("pk").select_for_update(no_key=True):
        assert row.excluded_until is not None
        until, reason = row.excluded_until, row.exclusion_reason
        row.included, row.exclusion_reason, row.excluded_until = True, "", None
        row.save(update_fields=["included", "exclusion_reason", "excluded_until"])
        details = {"excluded_until": until, "reason_of_exclusion": reason}
        journal.record(tenant=tenant, actor=by, action="subscription.included", target=row, details=details)
        done.append((row, until, reason))
    return done


def _ended_exclusions(tenant: Tenant, now: datetime) -> QuerySet[Subscription]:
    """Return the subscriptions to include again.

    If the customer is archived, return none, because its subscriptions are included only after the customer is
    restored.
    """
    rows = Subscription.objects.filter(tenant=tenant, included=False, excluded_until__lte=now)
    return rows.none() if tenant.is_archived else rows
