"""Mail through Django's real SMTP backend to a small local server: what it says, to whom, and when it fails."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connections
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from portal.notify.access import INACTIVE, LOST_ACCESS, LOST_FINDING
from portal.notify.actions.deliveries import retry_mail
from portal.notify.actions.preferences import mark_read, set_preferences
from portal.notify.delivery import is_due, send_due
from portal.notify.delivery.claims import DIED, MAIL_TRIES, claim_letter
from portal.notify.errors import WrongState
from portal.notify.kinds import KINDS, Delivery
from portal.notify.models import Notice, Preference
from portal.treatment.actions.owners import assign
from tenants.actions import revoke_membership
from tenants.errors import InvalidInput
from tenants.models import Membership, Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.factories import BY
from tests.notify.conftest import happen
from tests.web.world import World, make_world

pytestmark = pytest.mark.django_db


@dataclass
class PostOffice:
    """`refuse` answers RCPT, `reject` answers DATA: an SMTP reply, or nothing where all is well."""

    refuse: str = ""
    reject: str = ""
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
        return "250 OK"


def smtp(port: int) -> dict[str, Any]:
    options = {"host": "127.0.0.1", "port": port, "timeout": 5}
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    handler = PostOffice()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.MAILERS = smtp(port)
    settings.DEFAULT_FROM_EMAIL = "Surety <surety@msp.example>"
    settings.SURETY_URL = "https://surety.msp.example"
    yield handler
    controller.stop()


@pytest.fixture
def tenant() -> Tenant:
    return factories.tenant(name="Alder & Finch <Clinics>")


@pytest.fixture
def mira(tenant: Tenant) -> Person:
    return factories.member(Role.TENANT_ADMINISTRATOR, tenant, factories.person("mira@example.com", "Mira"))


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


def test_what_happens_at_once_is_one_mail(tenant: Tenant, mira: Person, office: PostOffice) -> None:
    assert happen(tenant, mira) == 1
    assert happen(tenant, mira) == 0
    assert send_due(tenant_id=tenant.pk) == (1, 0)
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    (message,) = office.got
    assert office.to == ["mira@example.com"]
    assert message["To"] == "mira@example.com"
    assert message["From"] == "Surety <surety@msp.example>"
    assert message["Subject"] == "Alder & Finch <Clinics>: Exception 12 was approved"
    notice = the_notice(tenant)
    assert message["Message-ID"] == f"<{notice.pk}@msp.example>"
    assert message["List-Unsubscribe"] == "<https://surety.msp.example/notices/preferences/>"
    assert message["Auto-Submitted"] == "auto-generated"
    plain, html = texts(message)
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
def test_a_hostile_title_stays_a_title(tenant: Tenant, mira: Person, office: PostOffice, title: str) -> None:
    happen(tenant, mira, title=title, lines=(title, "second\nline"))
    assert send_due(tenant_id=tenant.pk) == (1, 0)
    (message,) = office.got
    assert office.to == ["mira@example.com"]
    assert set(message.keys()) == {
        "Subject", "From", "To", "Date", "Message-ID", "List-Unsubscribe", "Auto-Submitted",
        "X-Auto-Response-Suppress", "Content-Type", "MIME-Version",
    }  # fmt: skip
    assert message["Bcc"] is None
    assert len(message["Subject"]) <= 180
    plain, html = texts(message)
    assert "<script" not in html
    assert "<img" not in html
    assert "second line" in plain


def test_a_digest_is_one_mail_with_all_that_is_due(tenant: Tenant, mira: Person, office: PostOffice) -> None:
    with factories.in_tenant(tenant):
        chosen = {"assigned": "daily", "commented": "weekly"}
        set_preferences(person=mira, tenants=[tenant], deliveries=chosen)
    for number in range(3):
        happen(tenant, mira, kind="assigned", key=str(number), title=f"Storage {number} was given to you")
    happen(tenant, mira, kind="commented", title="Somebody commented")
    happen(tenant, mira, kind="exception_ended", title="At once")
    assert send_due(tenant_id=tenant.pk) == (1, 0)
    assert "At once" in office.got[0]["Subject"]
    come_due(tenant)
    assert send_due(tenant_id=tenant.pk) == (1, 0)
    digest = office.got[1]
    assert digest["Subject"] == "Alder & Finch <Clinics>: 4 notices"
    plain, html = texts(digest)
    for body in (plain, html):
        assert body.index(KINDS["assigned"].label) < body.index("Storage 0") < body.index("Storage 2")
        assert body.index("Storage 2") < body.index(KINDS["commented"].label)
    assert re.fullmatch(r"<digest-[0-9a-f]{32}@msp\.example>", digest["Message-ID"])
    with factories.in_tenant(tenant):
        assert set(Notice.objects.values_list("state", flat=True)) == {"sent"}


def test_digests_are_a_persons_and_a_tenants(office: PostOffice) -> None:
    owner = factories.organization()
    one, two = factories.tenant(owner, "One"), factories.tenant(owner, "Two")
    mira = factories.member(Role.ORGANIZATION_ENGINEER, owner, factories.person("mira@example.com"))
    omar = factories.member(Role.TENANT_ADMINISTRATOR, one, factories.person("omar@example.com"))
    for tenant in (one, two):
        for number in range(2):
            happen(tenant, mira, omar, kind="assigned", key=str(number))
        come_due(tenant)
        send_due(tenant_id=tenant.pk)
    subjects = sorted((message["To"], message["Subject"]) for message in office.got)
    assert subjects == [
        ("mira@example.com", "One: 2 notices"),
        ("mira@example.com", "Two: 2 notices"),
        ("omar@example.com", "One: 2 notices"),
    ]
    with factories.in_tenant(two):
        # Omar has no access to Two.
        kept = Notice.objects.filter(person=omar)
        assert {(notice.state, notice.error) for notice in kept} == {("kept", LOST_ACCESS)}


def test_who_chose_not_to_be_mailed_keeps_the_notice(
    tenant: Tenant, mira: Person, office: PostOffice
) -> None:
    with factories.in_tenant(tenant):
        set_preferences(person=mira, tenants=[tenant], deliveries={"exception_decided": "off"})
    happen(tenant, mira)
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    assert the_notice(tenant).state == "kept"


def test_a_choice_reaches_what_already_waits(tenant: Tenant, mira: Person, office: PostOffice) -> None:
    happen(tenant, mira, kind="assigned")
    assert not_due(tenant)
    with factories.in_tenant(tenant):
        assert set_preferences(person=mira, tenants=[tenant], deliveries={"assigned": "immediate"}) == 1
        assert is_due(tenant)
        assert set_preferences(person=mira, tenants=[tenant], deliveries={"assigned": "off"}) == 1
        assert not is_due(tenant)
        assert set_preferences(person=mira, tenants=[tenant], deliveries={"assigned": "off"}) == 0
    assert the_notice(tenant).state == "kept"


def not_due(tenant: Tenant) -> bool:
    with factories.in_tenant(tenant):
        return not is_due(tenant)


@pytest.mark.parametrize("deliveries", [{"nonsense": "daily"}, {"assigned": "hourly"}])
def test_what_cannot_be_chosen(tenant: Tenant, mira: Person, deliveries: dict[str, str]) -> None:
    with factories.in_tenant(tenant), pytest.raises(InvalidInput):
        set_preferences(person=mira, tenants=[tenant], deliveries=deliveries)
    with factories.in_tenant(tenant):
        assert not Preference.objects.exists()


def test_who_lost_access_is_sent_nothing(tenant: Tenant, mira: Person, office: PostOffice) -> None:
    happen(tenant, mira)
    with organization_scope(tenant.organization):
        revoke_membership(by=BY, membership=Membership.objects.get(person=mira))
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    assert office.got == []
    assert (the_notice(tenant).state, the_notice(tenant).error) == ("kept", LOST_ACCESS)


def test_whose_account_is_switched_off_is_sent_nothing(
    tenant: Tenant, mira: Person, office: PostOffice
) -> None:
    happen(tenant, mira)
    Person.objects.filter(pk=mira.pk).update(is_active=False)
    send_due(tenant_id=tenant.pk)
    assert (office.got, the_notice(tenant).error) == ([], INACTIVE)


def test_an_owner_hears_of_a_finding_while_it_is_theirs(office: PostOffice) -> None:
    world: World = make_world(accounts=2)
    home, owner, by = world.home, world.people["owner"], world.people["organization_engineer"]
    finding = world.of(home)["finding"]
    with factories.in_tenant(home):
        Notice.objects.all().delete()
        assign(tenant=home, findings=type(finding).objects.filter(pk=finding.pk), owner=owner, by=by)
        Notice.objects.all().delete()
    path = reverse("finding", args=[home.slug, finding.pk])
    happen(home, owner, kind="reopened", key="1", finding=finding, path=path, title="It fails again")
    assert send_due(tenant_id=home.pk) == (1, 0)
    plain, html = texts(office.got[0])
    link = "https://surety.msp.example" + reverse("finding-acknowledge", args=[home.slug, finding.pk])
    assert f"Acknowledge: {link}" in plain
    assert f'href="{link}"' in html
    happen(home, owner, kind="reopened", key="2", finding=finding, path=path)
    with factories.in_tenant(home):
        assign(tenant=home, findings=type(finding).objects.filter(pk=finding.pk), owner=None, by=by)
    assert send_due(tenant_id=home.pk) == (0, 0)
    with factories.in_tenant(home):
        assert Notice.objects.get(kind="reopened", key="2").error == LOST_FINDING


def test_an_address_that_is_refused_is_given_up_and_can_be_retried(
    tenant: Tenant, mira: Person, office: PostOffice
) -> None:
    office.refuse = "550 5.1.1 no such\tuser here"
    happen(tenant, mira)
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    notice = the_notice(tenant)
    assert notice.state == "failed"
    assert notice.error == "The mail server refused the address: 550 5.1.1 no such user here"
    office.refuse = ""
    with factories.in_tenant(tenant):
        retry_mail(notice=notice, by=BY)
    assert send_due(tenant_id=tenant.pk) == (1, 0)
    assert office.got[0]["Message-ID"] == f"<{notice.pk}@msp.example>"
    with factories.in_tenant(tenant), pytest.raises(WrongState):
        retry_mail(notice=notice, by=BY)


def test_a_server_that_is_busy_is_tried_again_until_it_is_enough(
    tenant: Tenant, mira: Person, office: PostOffice
) -> None:
    office.reject = "451 4.3.0 try later"
    happen(tenant, mira)
    for number in range(1, MAIL_TRIES + 1):
        notice = the_notice(tenant)
        assert (notice.state, notice.attempts) == ("waiting", number - 1)
        come_due(tenant)
        send_due(tenant_id=tenant.pk)
        notice = the_notice(tenant)
        if number == 1:
            assert timedelta(seconds=40) < notice.due_at - timezone.now() < timedelta(seconds=80)
    assert (notice.state, notice.attempts) == ("failed", MAIL_TRIES)
    assert notice.error == "The mail server refused the message: 451 4.3.0 try later"


def test_a_server_that_is_away_costs_no_try(
    tenant: Tenant, mira: Person, office: PostOffice, settings: Any
) -> None:
    there, settings.MAILERS = settings.MAILERS, smtp(9)
    happen(tenant, mira)
    for _ in range(MAIL_TRIES + 1):
        assert send_due(tenant_id=tenant.pk) == (0, 0)
    notice = the_notice(tenant)
    assert (notice.state, notice.attempts) == ("waiting", 0)
    assert "cannot be reached" in notice.error
    settings.MAILERS = there
    assert send_due(tenant_id=tenant.pk) == (1, 0)
    assert the_notice(tenant).error == ""


def test_one_refused_address_does_not_hold_up_the_others(
    tenant: Tenant, mira: Person, office: PostOffice
) -> None:
    broken = factories.member(Role.AUDITOR, tenant)
    Person.objects.filter(pk=broken.pk).update(email="a@b@c.example")
    happen(tenant, mira, broken)
    assert send_due(tenant_id=tenant.pk) == (1, 0)
    assert office.to == ["mira@example.com"]
    with factories.in_tenant(tenant):
        notice = Notice.objects.get(person=broken)
    assert notice.state == "failed"
    assert notice.error


def test_a_worker_that_dies_leaves_a_copy_that_can_be_told(
    tenant: Tenant, mira: Person, office: PostOffice
) -> None:
    """Killed after the server took the mail and before that was written down."""
    for number in range(2):
        happen(tenant, mira, kind="assigned", key=str(number))
    come_due(tenant)
    with factories.in_tenant(tenant):
        assert len(claim_letter(tenant.pk)) == 2
        assert claim_letter(tenant.pk) == []
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    come_due(tenant)
    assert send_due(tenant_id=tenant.pk) == (1, 0)
    with factories.in_tenant(tenant):
        from portal.notify.delivery.letters import message_id

        assert office.got[0]["Message-ID"] == message_id(list(Notice.objects.order_by("-pk")))
        assert set(Notice.objects.values_list("attempts", "state")) == {(2, "sent")}


def test_one_that_kills_each_worker_is_given_up(tenant: Tenant, mira: Person, office: PostOffice) -> None:
    happen(tenant, mira)
    with factories.in_tenant(tenant):
        Notice.objects.update(attempts=F("attempts") + MAIL_TRIES)
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    assert (the_notice(tenant).state, the_notice(tenant).error) == ("failed", DIED)


def test_who_did_it_is_not_told_of_it(tenant: Tenant, mira: Person) -> None:
    from portal.notify.emit import Happening, tell

    happening = Happening(kind="mentioned", key="1", title="x", path="/x/")
    with factories.in_tenant(tenant):
        assert tell(tenant=tenant, happening=happening, people=[mira, mira], by=mira) == 0
        assert tell(tenant=tenant, happening=happening, people=[mira, mira], by=BY) == 1


@pytest.mark.parametrize("path", ["//evil.example/", "https://evil.example/", "", "javascript:alert(1)"])
def test_a_notice_leads_to_a_page_of_ours(tenant: Tenant, mira: Person, path: str) -> None:
    with pytest.raises(ValueError, match="no path"):
        happen(tenant, mira, path=path)


def test_long_keys_are_told_apart(tenant: Tenant, mira: Person) -> None:
    assert happen(tenant, mira, key="x" * 500 + "1") == 1
    assert happen(tenant, mira, key="x" * 500 + "2") == 1
    assert happen(tenant, mira, key="x" * 500 + "2") == 0


def test_reading_is_ones_own(tenant: Tenant, mira: Person) -> None:
    omar = factories.member(Role.AUDITOR, tenant)
    happen(tenant, mira, omar)
    with factories.in_tenant(tenant):
        theirs = Notice.objects.get(person=omar)
        assert mark_read(person=mira, notice=theirs) == 0
        assert mark_read(person=mira) == 1
        assert mark_read(person=mira) == 0
        theirs.refresh_from_db()
        assert theirs.read_at is None


def test_digest_moments_are_the_tenants(mira: Person, tenant: Tenant) -> None:
    with organization_scope(tenant.organization):
        tenant.timezone = "Pacific/Kiritimati"
        tenant.save()
    happen(tenant, mira, kind="assigned")
    due_at = the_notice(tenant).due_at
    assert due_at > datetime.now(UTC)
    assert due_at.astimezone(UTC).hour == 17
    assert the_notice(tenant).delivery == Delivery.DAILY


@pytest.mark.django_db(transaction=True)
def test_two_workers_mail_nothing_twice_and_share_out_no_digest(office: PostOffice) -> None:
    tenant = factories.tenant()
    people = [factories.member(Role.AUDITOR, tenant) for _ in range(4)]
    for number in range(5):
        happen(tenant, *people, kind="assigned", key=str(number))
        happen(tenant, *people, key=str(number), title=f"At once {number}")
    come_due(tenant)
    start = threading.Barrier(4)
    sent: list[int] = []

    def work() -> None:
        try:
            start.wait(10)
            sent.append(send_due(tenant_id=tenant.pk)[0])
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    ids = [message["Message-ID"] for message in office.got]
    assert (len(ids), len(set(ids)), sum(sent)) == (24, 24, 24)
    digests = [message for message in office.got if "5 notices" in message["Subject"]]
    assert len(digests) == 4
