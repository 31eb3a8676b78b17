"""Render a notice or a digest as a mail with text and HTML."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.template.loader import render_to_string

from portal import links, mail_headers
from portal.notify import unsubscribing
from portal.notify.delivery.unfolded_headers import MailMessage
from portal.notify.kinds import KINDS
from portal.notify.models import Notice
from portal.notify.publish import one_line
from tenants.models import Tenant
from tenants.values.time_display import localized_text, showing_in_mail

MAX_SUBJECT_CHARACTERS: Final = 180
MAX_NOTICES_SHOWN: Final = 100


def compose(notices: Sequence[Notice], tenant: Tenant) -> MailMessage:
    """Render a mail about a person's notices in one tenant; several notices become a digest. Needs the tenant's scope.

    Times are in the person's time zone or, if the person has chosen none, in the organization's time zone.
    """
    with showing_in_mail(notices[0].person, tenant.organization.timezone):
        return _compose(notices, tenant)


def _compose(notices: Sequence[Notice], tenant: Tenant) -> MailMessage:
    shown = notices[:MAX_NOTICES_SHOWN]
    link = unsubscribing.unsubscribe_link(notices)
    unsubscribe_url = links.absolute(links.unsubscribe(link.token))
    context = {
        "tenant": tenant,
        "person": notices[0].person,
        "groups": _groups(shown, tenant),
        "digest": len(notices) > 1,
        "count": len(notices),
        "more": len(notices) - len(shown),
        "notices_url": links.absolute(links.notices()),
        "preferences_url": links.absolute(links.preferences()),
        "unsubscribe_url": unsubscribe_url,
        "in_digest": link.what == unsubscribing.DIGEST,
    }
    subject = f"{tenant.name}: {_subject_text(notices)}"
    message = MailMessage(
        subject=one_line(subject)[:MAX_SUBJECT_CHARACTERS],
        body=render_to_string("notify/mail_message.txt", context),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[notices[0].person.email],
        headers={
            "Message-ID": message_id(notices),
            mail_headers.CUSTOMER: str(tenant.pk),
            **unsubscribing.headers(unsubscribe_url),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
    message.attach_alternative(render_to_string("notify/mail_message.html", context), "text/html")
    return message


def message_id(notices: Sequence[Notice]) -> str:
    """Return the Message-ID, which depends only on the notices.

    So mail programs recognize a mail that is sent twice.
    """
    if len(notices) == 1:
        return mail_headers.message_id(str(notices[0].pk))
    joined_ids = " ".join(sorted(str(notice.pk) for notice in notices))
    return mail_headers.message_id(f"digest-{hashlib.sha256(joined_ids.encode()).hexdigest()[:32]}")


def _subject_text(notices: Sequence[Notice]) -> str:
    if len(notices) == 1:
        return localized_text(notices[0].title)
    return f"{len(notices)} notifications"


def _groups(notices: Sequence[Notice], tenant: Tenant) -> list[dict[str, Any]]:
    """Return the notices grouped by kind, in the order of KINDS."""
    by_kind: dict[str, list[dict[str, Any]]] = {key: [] for key in KINDS}
    for notice in notices:
        kind = KINDS.get(notice.kind)
        by_kind.setdefault(notice.kind, []).append(
            {
                "title": localized_text(notice.title),
                "lines": [line for line in localized_text(notice.body).split("\n") if line],
                "url": links.absolute(notice.path),
                "acknowledge_url": links.absolute(links.acknowledge(tenant.slug, notice.finding_id))
                if kind is not None and kind.can_acknowledge and notice.finding_id
                else "",
            }
        )
    return [
        {"label": KINDS[key].label if key in KINDS else key, "rows": rows}
        for key, rows in by_kind.items()
        if rows
    ]
