"""The content of mails, sent by Django's SMTP backend to a local server."""

from __future__ import annotations

import pytest

from portal.notify.delivery import send_due
from tenants.models import Person, Tenant
from tests.portal.notify.mail_server import MailServer, text_and_html
from tests.portal.notify.outbox import only_notice, publish_event

pytestmark = pytest.mark.django_db


def test_an_immediate_notice_is_mailed_once(tenant: Tenant, mira: Person, mail_server: MailServer) -> None:
    assert publish_event(tenant, mira) == 1
    assert publish_event(tenant, mira) == 0
    assert send_due(tenant_id=tenant.pk) == (1, 0)
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    (message,) = mail_server.received
    assert mail_server.recipients == ["mira@example.com"]
    assert message["To"] == "mira@example.com"
    assert message["From"] == "Surety <surety@msp.example>"
    assert message["Subject"] == "Alder & Finch <Clinics>: Exception 12 was approved"
    notice = only_notice(tenant)
    assert message["Message-ID"] == f"<{notice.pk}@msp.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Surety-Customer"] == str(tenant.pk)
    plain, html = text_and_html(message)
    link = f"https://surety.msp.example/t/{tenant.slug}/exceptions/"
    assert link in plain
    assert f'href="{link}"' in html
    assert "It covers 3 findings." in plain
    assert "Alder &amp; Finch &lt;Clinics&gt;" in html
    assert "Alder & Finch <Clinics>" in plain
    assert (notice.state, notice.attempts, notice.error) == ("sent", 1, "")
    assert notice.sent_at is not None


HOSTILE = {
    "line end": "Approved\nBcc: evil@example.com",
    "carriage return": "Approved\r\n\r\n<script>alert(1)</script>",
    "unicode line ends": "Approved\u2028Bcc: evil@example.com\x85X: y\x0b\x0c",
    "nul and escape": "Approved\x00\x1b[31m",
    "markup": '<img src=x onerror=alert(1)> & "quotes" \'',
    "encoded word": "=?utf-8?q?Approved=0ABcc:_evil=40example.com?=",
    "right to left": "Approved \u202e gnp.exe",
    "long": "Approved " * 200,
}


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_title_adds_no_headers_or_markup(
    tenant: Tenant, mira: Person, mail_server: MailServer, title: str
) -> None:
    publish_event(tenant, mira, title=title, lines=(title, "second\nline"))
    assert send_due(tenant_id=tenant.pk) == (1, 0)
    (message,) = mail_server.received
    assert mail_server.recipients == ["mira@example.com"]
    assert set(message.keys()) == {
        "Subject", "From", "To", "Date", "Message-ID", "Surety-Customer", "List-Unsubscribe",
        "List-Unsubscribe-Post", "Auto-Submitted",
        "X-Auto-Response-Suppress", "Content-Type", "MIME-Version",
    }  # fmt: skip
    assert message["Bcc"] is None
    assert len(message["Subject"]) <= 180
    plain, html = text_and_html(message)
    assert "<script" not in html
    assert "<img" not in html
    assert "second line" in plain


@pytest.mark.parametrize("path", ["//evil.example/", "https://evil.example/", "", "javascript:alert(1)"])
def test_paths_outside_surety_are_rejected(tenant: Tenant, mira: Person, path: str) -> None:
    with pytest.raises(ValueError, match="not a path"):
        publish_event(tenant, mira, path=path)


def test_long_keys_that_differ_at_the_end_are_distinct(tenant: Tenant, mira: Person) -> None:
    assert publish_event(tenant, mira, key="x" * 500 + "1") == 1
    assert publish_event(tenant, mira, key="x" * 500 + "2") == 1
    assert publish_event(tenant, mira, key="x" * 500 + "2") == 0
