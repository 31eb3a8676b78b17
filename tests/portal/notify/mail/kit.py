"""A small SMTP server that keeps what it gets, and what the tests of mail ask of notices."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.utils import timezone

from portal.notify.models import Notice
from tenants.models import Tenant
from tests import factories


@dataclass
class PostOffice:
    """`refuse` answers RCPT, `reject` answers DATA: an SMTP reply, or nothing where all is well. `hang_up`: the
    message is taken and the connection ends before that is said.
    """

    refuse: str = ""
    reject: str = ""
    hang_up: bool = False
    got: list[EmailMessage] = field(default_factory=list)
    to: list[str] = field(default_factory=list)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.reject:
            return self.reject
        assert isinstance(envelope.content, bytes)
        found = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.got.append(found)
        self.to.extend(envelope.rcpt_tos)
        if self.hang_up:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 OK"


def smtp(port: int) -> dict[str, Any]:
    options = {"host": "127.0.0.1", "port": port, "timeout": 5}
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}


def the_notice(tenant: Tenant) -> Notice:
    with factories.in_tenant(tenant):
        return Notice.objects.get(tenant=tenant)


def come_due(tenant: Tenant) -> None:
    with factories.in_tenant(tenant):
        Notice.objects.filter(state="waiting").update(due_at=timezone.now() - timedelta(seconds=1))


def texts(message: EmailMessage) -> tuple[str, str]:
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    return plain.get_content(), html.get_content()
