"""Find the subscriptions of a tenant that people may see, and say why assessments do not cover some of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from assessments.models import Unit
from tenants import selectors
from tenants.azure.exclusion_rules import has_tag, is_below, matches
from tenants.models import Directory, ExclusionRule, Situation, Subscription, Tenant

NOT_ASSESSED: Final[Mapping[Situation, str]] = {
    Situation.FOREIGN: "Moved to the directory {home}, so it is no longer assessed for this customer",
    Situation.NO_RESOURCES: "The subscription has the offer “Access to Azure Active Directory” ({quota}), which"
    " permits no resources. Azure refuses to list resources (DisallowedOperation)",
    Situation.EXCLUDED: "Excluded in the customer’s settings",
    Situation.WAITING: "No service principal of the directory can see the subscription yet. Grant a service"
    " principal the Reader role",
    Situation.VANISHED: "The service principal no longer sees the subscription (last seen {seen}). Either the"
    " subscription was deleted, or access to it was removed",
    Situation.DELETED: "Azure states that the subscription is deleted, so none of its data can be read",
}

# {state of a subscription in Azure: remark}. In the states Disabled and Expired, Azure answers GET requests but refuses
# changes. Source: https://learn.microsoft.com/azure/cost-management-billing/manage/subscription-states
STATE_REMARKS: Final[Mapping[str, str]] = {
    "Disabled": "The subscription is disabled in Azure. Its resources can be read, but findings can be fixed only"
    " after the subscription is reactivated",
    "Expired": "The subscription is cancelled in Azure. Its resources can be read, but findings can be fixed only"
    " after the subscription is reactivated",
    "PastDue": "The payment for the subscription is overdue, so Azure may disable the subscription",
    "Warned": "Azure has warned that it will disable the subscription soon. Remove the cause of the warning",
}


CHOOSABLE: Final = (Situation.INCLUDED, Situation.EXCLUDED, Situation.VANISHED)
"""The situations of a subscription in which people can exclude it from assessments or include it again.

Service principals no longer see a `VANISHED` subscription, so its findings stay unknown until somebody excludes it.
"""


@dataclass(frozen=True, slots=True)
class SubscriptionFilter:
    """Filter of a list of subscriptions: by the name of a management group above the subscription, and by a tag
    (`name=value`).
    """

    group: str = ""
    tag: str = ""

    @property
    def is_active(self) -> bool:
        return bool(self.group or self.tag)

    def matches(self, row: Subscription) -> bool:
        """Return whether the subscription is below the group and has the tag."""
        below = not self.group or is_below(row, self.group)
        return below and (not self.tag or has_tag(row, self.tag))


def group_choices(rows: Iterable[Subscription]) -> list[tuple[str, str]]:
    """Return (name, label) of the management groups above the subscriptions, in the order of the labels."""
    found = {name: label for row in rows for name, label in row.management_groups}
    return sorted(found.items(), key=lambda group: (group[1].casefold(), group[0]))


def tag_choices(rows: Iterable[Subscription]) -> list[str]:
    """Return the tags of the subscriptions as `name=value`."""
    return sorted({tag for row in rows for tag in _tags(row)}, key=str.casefold)


def _tags(row: Subscription) -> set[str]:
    return {f"{name}={value}" for name, value in row.tags.items()}


def listed_subscriptions(tenant: Tenant) -> QuerySet[Subscription]:
    """Return the subscriptions that the tenant's people may see.

    These are the subscriptions of the tenant's directories, and foreign subscriptions that were assessed in the past.
    Foreign subscriptions that were never assessed may belong to another customer, so only administrators of the
    organization see them (`tenants.azure.foreign`).
    """
    units = Unit.objects.filter(tenant=tenant, subscription=OuterRef("pk"))
    return selectors.subscriptions(tenant).filter(Subscription.own() | Exists(units))


def unassessed_places(tenant: Tenant) -> frozenset[str]:
    """Return the scope ids of the listed subscriptions that assessments do not cover. The inventory may still list
    their resources, as an earlier assessment read them.
    """
    rows = listed_subscriptions(tenant).exclude(Subscription.assessed())
    return frozenset(f"/subscriptions/{guid}" for guid in rows.values_list("subscription_id", flat=True))


def rule_reason(rule: ExclusionRule) -> str:
    """Return a sentence with the name, the reason and the end of a rule that excludes a subscription."""
    until = f" until {rule.until:%Y-%m-%d}" if rule.until else ""
    return f"Excluded by the rule “{rule.name}”{until}: {rule.reason}"


def describe_conditions(rule: ExclusionRule, groups: Mapping[str, str]) -> str:
    """Return the conditions of a rule in words. `groups` is {name of a management group, in lower case: label}."""
    label = groups.get(rule.management_group.casefold(), "")
    group = f"{label} ({rule.management_group})" if label not in ("", rule.management_group) else ""
    below = f"below the management group {group or rule.management_group}" if rule.management_group else ""
    tag = f"with the tag {rule.tag}" if rule.tag else ""
    text = " and ".join(filter(None, (below, tag)))
    return text[:1].upper() + text[1:]


def matching_subscriptions(rule: ExclusionRule, rows: Iterable[Subscription]) -> list[Subscription]:
    """Return the subscriptions that match the conditions of a rule, whether or not the rule is saved."""
    return [row for row in rows if matches(rule, row)]


def why_not_assessed(row: Subscription) -> str:
    """Return the reason why assessments do not cover the subscription.

    Return an empty text for a covered subscription.
    """
    text = NOT_ASSESSED.get(row.situation, "")
    if row.situation is Situation.EXCLUDED and row.included and row.exclusion_rule is not None:
        return rule_reason(row.exclusion_rule)
    if row.situation is Situation.EXCLUDED:
        reason = f": {row.exclusion_reason}" if row.exclusion_reason else ""
        until = f", until {row.excluded_until:%Y-%m-%d}" if row.excluded_until else ""
        return f"{text}{reason}{until}"
    return text.format(home=row.home_directory_id, quota=row.quota_id, seen=f"{row.last_seen_at:%Y-%m-%d}")


def state_remark(row: Subscription) -> str:
    """Return a remark on the effect of a subscription's Azure state on its findings, or an empty text."""
    return STATE_REMARKS.get(row.state, "") if row.situation is Situation.INCLUDED else ""


def unit_names(tenant: Tenant) -> dict[str, str]:
    """Return {scope id: name} of the tenant's units. A scope id is ``/subscriptions/<guid>`` or
    ``directory:<guid>``.
    """
    subscriptions = listed_subscriptions(tenant).values_list("subscription_id", "display_name")
    directories = Directory.objects.filter(tenant=tenant).values_list("directory_id", "name")
    return {f"/subscriptions/{guid}": name for guid, name in subscriptions} | {
        f"directory:{guid}": name for guid, name in directories
    }
