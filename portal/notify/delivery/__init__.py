"""Send due mails and posts: claim (short transaction), send (no transaction), record (short transaction).

    send_due(tenant_id=...)        send everything that is due in a tenant, within a time limit
    is_due(tenant)                 whether something is due

A claim counts an attempt and moves `due_at` by five minutes, during which no other worker takes the row. If a worker
dies before recording, the row is **sent again** after that time. Recipients can recognize the second copy: mails have
the same Message-ID, webhooks the same `webhook-id`. If a worker takes longer than five minutes and another worker
claims the row meanwhile, `attempts` changes, so the first worker records nothing.
"""

from portal.notify.delivery.due import is_due, send_due

__all__ = ["is_due", "send_due"]
