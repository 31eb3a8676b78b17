"""Sending what is due: claim (a short transaction) → send (none) → record (a short transaction).

    send_due(tenant_id=...)        everything that is due in a tenant, until the budget of time is used up
    is_due(tenant)                 whether there is anything

A claim counts a try and puts `due_at` five minutes off: for that long nobody else takes the row. A worker
that dies between sending and recording leaves it there, and it is **sent again** when that time is over: at
least once, not exactly once. Each copy says that it is one: mail has the same Message-ID (made of the notices
in it), a webhook the same `Surety-Delivery`. Two workers that are alive never send one row twice: claims of a
tenant are serialized and rows are locked, and `attempts` is the fence for whoever comes back too late.
"""

from portal.notify.delivery.due import is_due, send_due

__all__ = ["is_due", "send_due"]
