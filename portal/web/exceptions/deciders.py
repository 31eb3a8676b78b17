"""Say whether anybody can decide an exception. A new customer has no approver until an administrator appoints one."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpRequest

from portal.treatment.actions.exceptions.records import approvers
from portal.treatment.models import FindingException

_NOBODY: Final = (
    "nobody who may decide has the role Approver for {customer}. Ask an administrator to give somebody this"
    " role."
)


def without_decider(found: FindingException) -> str:
    """Return a sentence that says that nobody can decide the exception now. Return an empty text if somebody can."""
    return "" if approvers(found) else f"At present, {_NOBODY.format(customer=found.tenant.name)}"


def report_request(request: HttpRequest, what: str, found: FindingException) -> None:
    """Show a message that an exception was requested, and whether approvers were notified.

    `what` begins the message, for example “Exception 5”. If several exceptions were requested, `found` is one of them.
    """
    if approvers(found):
        messages.success(request, f"{what} requested. The approvers are notified.")
    else:
        nobody = _NOBODY.format(customer=found.tenant.name)
        messages.warning(request, f"{what} requested, but nobody was notified: {nobody}")
