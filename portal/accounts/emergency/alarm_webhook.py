"""Post alarms about emergency access to the operator's webhook or chat, in addition to the mails to administrators.

`SURETY_ALARM_WEBHOOK` is the URL of the webhook. `SURETY_ALARM_WEBHOOK_KIND` is its format: a signed webhook, Teams or
Slack.
"""

from __future__ import annotations

import json
import time
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from portal.accounts.models import EmergencyAccess
from portal.notify import formats, outbound, signing
from portal.notify.models import Channel
from portal.notify.outbound import PostFailed
from tenants.errors import SuretyError
from tenants.secrets import Secret

KINDS: Final = tuple(Channel.Kind.values)
MIN_SECRET: Final = 32
CREATED, USED = "emergency_access_created", "emergency_access_used"


def check_settings() -> None:
    """Raise ImproperlyConfigured if the settings of the webhook are set but invalid."""
    address, kind = settings.SURETY_ALARM_WEBHOOK, settings.SURETY_ALARM_WEBHOOK_KIND
    if not address:
        return
    try:
        parts = urlsplit(address)
        is_address = parts.scheme in ("https", "http") and bool(parts.hostname)
    except ValueError:
        is_address = False
    if not is_address:
        raise ImproperlyConfigured("SURETY_ALARM_WEBHOOK is not an address. Set it to https://HOST/PATH.")
    if kind not in KINDS:
        raise ImproperlyConfigured(
            f"SURETY_ALARM_WEBHOOK_KIND={kind!r} is unknown. Set it to one of {', '.join(KINDS)}."
        )
    if kind == Channel.Kind.WEBHOOK and len(settings.SURETY_JOURNAL_SECRET) < MIN_SECRET:
        raise ImproperlyConfigured(
            f"SURETY_ALARM_WEBHOOK needs SURETY_JOURNAL_SECRET with at least {MIN_SECRET} random"
            " characters, because this secret signs the requests to the webhook."
        )


def post_alarm(access: EmergencyAccess, *, used: bool) -> bool:
    """Post the alarm. Return False if no webhook is configured. Raise PostFailed unless the answer is 2xx."""
    if not settings.SURETY_ALARM_WEBHOOK:
        return False
    event = USED if used else CREATED
    delivery = f"{access.pk}:{event}"
    body = _body(access, event, delivery)
    headers = signing.headers(
        secrets=[Secret(settings.SURETY_JOURNAL_SECRET)],
        event=event, delivery=delivery, timestamp=int(time.time()), body=body,
    )  # fmt: skip
    signed = settings.SURETY_ALARM_WEBHOOK_KIND == Channel.Kind.WEBHOOK
    sent = {"Content-Type": "application/json", **(headers if signed else {})}
    try:
        answer = outbound.post(settings.SURETY_ALARM_WEBHOOK, body, sent)
    except SuretyError as error:
        raise PostFailed(f"The alarm was not delivered: {error.message}") from None
    if not 200 <= answer.status < 300:
        raise PostFailed(f"The alarm was not delivered: the webhook answered with status {answer.status}.")
    return True


def _body(access: EmergencyAccess, event: str, delivery: str) -> bytes:
    person = access.person
    what = "was used" if event == USED else "was created"
    title = f"Emergency access of {person.get_full_name()} <{person.email}> {what}"
    if settings.SURETY_ALARM_WEBHOOK_KIND == Channel.Kind.WEBHOOK:
        at = access.used_at if event == USED and access.used_at else access.created_at
        content = {
            "id": delivery,
            "type": event,
            "timestamp": at.isoformat(),
            "event": event,
            "title": title,
            "person": {"id": str(person.pk), "email": person.email, "name": person.get_full_name()},
            "reason": access.reason,
            "created_at": access.created_at.isoformat(),
            "expires_at": access.expires_at.isoformat(),
            "used_at": access.used_at.isoformat() if access.used_at else None,
            "site": settings.SURETY_URL,
        }
        return json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    payload: dict[str, Any] = {
        "tenant": {"name": "Surety"},
        "event": "emergency access",
        "title": title,
        "lines": [f"Reason: {access.reason}", f"If you did not expect this, call {person.get_full_name()}."],
        "path": "/",
    }
    return formats.render_body(settings.SURETY_ALARM_WEBHOOK_KIND, payload, delivery)
