"""Request, approve, refuse, withdraw and revoke exceptions.

    exception = request_exception(tenant=t, by=owner, scope=Scope.LIST, findings=rows, reason=..., ends_at=...)
    approve(exception=exception, by=approver, seen=seen_digest(exception))

Each action takes the tenant's lock, reloads the exception and changes the object that the caller passed.
`portal.treatment.actions.transitions` makes the changes that result from new verdicts and from the passing of time. The
actions raise InvalidInput (an invalid argument), NotFailing, OwnRequest, WrongState or Conflict.
"""

from portal.treatment.actions.exceptions.comment import add_exception_comment, delete_exception_comment
from portal.treatment.actions.exceptions.decide import approve, refuse
from portal.treatment.actions.exceptions.end import revoke, withdraw
from portal.treatment.actions.exceptions.request import request_exception

__all__ = [
    "add_exception_comment",
    "approve",
    "delete_exception_comment",
    "refuse",
    "request_exception",
    "revoke",
    "withdraw",
]
