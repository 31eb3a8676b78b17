"""The life of exceptions: asking, deciding, taking back, revoking. What time and verdicts do: `derive`.

    exception = request_exception(tenant=t, by=owner, scope=Scope.LIST, findings=rows, reason=..., ends_at=...)
    approve(exception=exception, by=approver, seen=seen_digest(exception))

Each takes the tenant's lock, reads the exception's state again, and changes the object that it was given.
Errors: InvalidInput (what was given), NotFailing, OwnRequest, WrongState, Conflict.
"""

from portal.treatment.actions.exceptions.decide import approve, refuse
from portal.treatment.actions.exceptions.end import revoke, withdraw
from portal.treatment.actions.exceptions.request import request_exception

__all__ = ["approve", "refuse", "request_exception", "revoke", "withdraw"]
