"""Code for the pages of delegated subscriptions and of subscriptions of other directories. On these pages, people
assign subscriptions to customers, or exclude them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from django.contrib import messages
from django.http import HttpRequest

from assessments.estate.quantities import counted
from portal.web.shared.action_messages import reported
from tenants import access
from tenants.azure.delegations import DelegatedSubscription
from tenants.azure.foreign import ForeignSubscription
from tenants.errors import Conflict, InvalidInput
from tenants.models import Directory
from tenants.roles import Capability

# The pages show these errors as messages. For other errors, such as a missing right or object, the status is 403 or
# 404.
REFUSED: Final = (Conflict, InvalidInput)
NOTHING_SELECTED: Final = "Select a subscription first."


def exclude_selected(
    request: HttpRequest, chosen: Sequence[object], exclude: Callable[[str], object]
) -> None:
    """Call `exclude` with the reason from the form, and show the result as a message."""
    if not chosen:
        messages.warning(request, NOTHING_SELECTED)
        return
    with reported(request, f"{counted(len(chosen), 'subscription')} excluded.", refusal=REFUSED):
        exclude(request.POST.get("reason", ""))


def chosen_home(
    request: HttpRequest, one: DelegatedSubscription | ForeignSubscription, *, missing: str
) -> Directory:
    """Return the `Directory` row to which the subscription will be assigned.

    Several customers can have the subscription's home directory, each with a row of its own (`one.homes`). Return the
    row that the person chose. If the person chose none, return the only row. Raise Conflict if there are several rows
    or none. `missing` is the reason that the error states if there is no row.
    """
    if chosen := request.POST.get(f"directory-{one.row.pk}"):
        rows = Directory.objects.select_related("tenant").filter(pk__in=[home.pk for home in one.homes])
        return access.get(Directory, chosen, needs=Capability.ADMINISTER, queryset=rows)
    if len(one.homes) == 1:
        return one.homes[0]
    reason = "Several customers have this directory. Choose one of them." if one.homes else missing
    raise Conflict(f"{one.row} was not assigned. {reason}", code="no_home")
