"""Find actions for the palette, such as “start assessment”, “build report” and “request exception”."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from tenants import scope
from tenants.models import Tenant
from tenants.roles import Capability


@dataclass(frozen=True, slots=True)
class Action:
    """An action that the palette offers for customers.

    If `is_post` is True, the action submits a form at once. If it is False, the action opens the page that has the
    form.
    """

    label: str
    icon: str
    url_name: str
    needs: Capability
    is_post: bool = False
    fragment: str = ""


ACTIONS: Final = (
    Action("Start assessment", "play", "assessment-start", Capability.ASSESS, is_post=True),
    Action("Build report", "reports", "reports", Capability.REPORT),
    Action("Request exception by rule", "exceptions", "exception-request", Capability.ASSIGN),
    Action("Answer manual controls", "attestations", "attestations", Capability.ATTEST),
    Action("Add owner rule", "person", "owner-rule-add", Capability.ASSIGN),
    Action("Add channel", "bell", "channel-add", Capability.ADMINISTER),
    Action("Change policy", "clock", "policy", Capability.ADMINISTER),
    Action("Check permissions", "key", "tenant-settings", Capability.ADMINISTER),
)


@dataclass(frozen=True, slots=True)
class FoundAction:
    """An action for one customer, as the palette offers it."""

    label: str
    icon: str
    url: str
    customer: str
    is_post: bool


def find_actions(words: Sequence[str], customers: Sequence[Tenant], most: int) -> list[FoundAction]:
    """Return the actions that the person may take in these customers, and that match all words.

    An action matches if each word occurs in its label or in the customer's name, and at least one word occurs in its
    label.
    """
    current = scope.current()
    found = []
    for action in ACTIONS:
        label = action.label.casefold()
        if words and not any(word in label for word in words):
            continue
        for customer in customers:
            if customer.is_archived and action.url_name == "assessment-start":
                continue
            text = f"{label} {customer.name.casefold()}"
            if current.may(action.needs, customer.pk) and all(word in text for word in words):
                url = reverse(action.url_name, args=[customer.slug])
                found.append(FoundAction(action.label, action.icon, url, customer.name, action.is_post))
    return found[:most]
