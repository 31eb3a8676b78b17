"""Send due mails and posts: claim (short transaction), send (no transaction), record (short transaction).

    send_due(tenant_id=...)        send everything that is due in a tenant, within a time limit
    is_due(tenant)                 whether something is due

A claim counts an attempt and moves `due_at` by five minutes, during which no other worker takes the row. If a worker
dies between sending and recording, the row is **sent again** after that time: at least once, not exactly once. The
copies can be recognized: mails have the same Message-ID (made from their notices), webhooks the same
`webhook-id`. Two live workers never send the same row: claims of a tenant are serialized, rows are locked, and a
worker that returns after its claim expired records nothing, because `attempts` has changed.
"""

from portal.notify.delivery.due import is_due, send_due

__all__ = ["is_due", "send_due"]
