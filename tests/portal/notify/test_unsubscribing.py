"""Unsubscribing by the link in a mail: one click, the page, invalid links, and what the page does not reveal."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core.signing import Signer
from django.test import Client
from django.urls import reverse

from portal.notify.actions.preferences import end_links, set_preferences
from portal.notify.delivery import send_due
from portal.notify.kinds import DIGESTS, KINDS
from portal.notify.models import Notice, Preference
from portal.notify.unsubscribing import DIGEST, MailLink
from tenants.actions import revoke_membership
from tenants.models import JournalEntry, Membership, Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.factories import BY
from tests.portal.notify.mail_server import MailServer, text_and_html
from tests.portal.notify.outbox import make_mail_due, publish_event

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def path_of(mail_server: MailServer, number: int = -1) -> str:
    """Return the path of the unsubscribe link in a mail's header."""
    header = mail_server.received[number]["List-Unsubscribe"]
    found = re.fullmatch(r"<(https://surety\.msp\.example/[!-~]+)>", header)
    assert found is not None, header
    return urlsplit(found[1]).path


def chosen(tenant: Tenant, person: Person) -> dict[str, str]:
    with factories.in_tenant(tenant):
        return dict(Preference.objects.filter(person=person).values_list("kind", "delivery"))


def stranger() -> Client:
    """A client without session and cookies, like a mail program, with CSRF checks as in production."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def mailed(tenant: Tenant, mira: Person, mail_server: MailServer) -> str:
    """The unsubscribe path of a mail about one immediate notice."""
    publish_event(tenant, mira)
    assert send_due(tenant_id=tenant.pk) == (1, 0)
    return path_of(mail_server)


def test_mails_have_the_headers_for_one_click(mailed: str, mail_server: MailServer) -> None:
    (message,) = mail_server.received
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain, html = text_and_html(message)
    assert f"https://surety.msp.example{mailed}" in plain
    assert f'href="https://surety.msp.example{mailed}"' in html


def test_the_link_header_is_sent_unfolded_and_unencoded(
    tenant: Tenant, mira: Person, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mail providers ignore a link that is folded or encoded because it is longer than a line."""
    raw: list[bytes] = []
    real = MailServer.handle_DATA

    async def record(self: MailServer, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        raw.append(envelope.content)
        return await real(self, server, session, envelope)

    monkeypatch.setattr(MailServer, "handle_DATA", record)
    publish_event(tenant, mira)
    send_due(tenant_id=tenant.pk)
    head = raw[0].split(b"\r\n\r\n")[0]
    header = re.search(rb"(?m)^List-Unsubscribe:(.*(?:\r\n[ \t].*)*)", head)
    assert header is not None
    assert re.fullmatch(rb"\s*<https://surety\.msp\.example/unsubscribe/[\w:-]+/>\s*", header[1]), header[1]
    assert all(len(line) < 998 for line in raw[0].split(b"\r\n"))


def test_without_https_one_click_is_not_offered(
    tenant: Tenant, mira: Person, mail_server: MailServer, settings: object
) -> None:
    settings.SURETY_URL = "http://surety.lan"  # type: ignore[attr-defined]
    publish_event(tenant, mira)
    send_due(tenant_id=tenant.pk)
    assert mail_server.received[0]["List-Unsubscribe"].startswith("<http://surety.lan/unsubscribe/")
    assert mail_server.received[0]["List-Unsubscribe-Post"] is None


@pytest.mark.parametrize("multipart", [False, True], ids=["urlencoded", "multipart"])
def test_one_click_unsubscribes_from_the_kind(
    tenant: Tenant, mira: Person, mailed: str, multipart: bool
) -> None:
    publish_event(tenant, mira, key="waits")
    client = stranger()
    body = "List-Unsubscribe=One-Click"
    answer = (
        client.post(mailed, ONE_CLICK)
        if multipart
        else client.post(mailed, body, content_type="application/x-www-form-urlencoded")
    )
    assert answer.status_code == 200  # RFC 8058 does not permit redirects.
    assert chosen(tenant, mira) == {"exception_decided": "off"}
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    assert publish_event(tenant, mira, key="2") == 1  # the notice is listed but not mailed
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    assert client.post(mailed, ONE_CLICK).status_code == 200
    assert chosen(tenant, mira) == {"exception_decided": "off"}


def test_mails_waiting_for_a_retry_are_not_sent_after_unsubscribing(
    tenant: Tenant, mira: Person, mailed: str, mail_server: MailServer
) -> None:
    mail_server.data_reply = "451 4.3.0 try later"
    publish_event(tenant, mira, key="2")
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    stranger().post(mailed, ONE_CLICK)
    mail_server.data_reply = ""
    make_mail_due(tenant)
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    assert len(mail_server.received) == 1


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_the_link_changes_nothing(tenant: Tenant, mira: Person, mailed: str, method: str) -> None:
    answer = getattr(stranger(), method)(mailed)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert chosen(tenant, mira) == {}


def test_the_page_names_the_kind_but_neither_person_nor_tenant(
    tenant: Tenant, mira: Person, mailed: str
) -> None:
    asked = stranger().get(mailed).content.decode()
    done = stranger().post(mailed, ONE_CLICK).content.decode()
    again = stranger().get(mailed).content.decode()
    for html in (asked, done):
        assert KINDS["exception_decided"].label in html
    for html in (asked, done, again):
        assert reverse("preferences") in html
        for private in (mira.email, "Mira", "mira", "Alder", tenant.slug, "surety.msp.example"):
            assert private not in html
    assert "You do not receive these mails" in again


def test_the_button_requires_a_csrf_token(tenant: Tenant, mira: Person, mailed: str) -> None:
    """Every POST needs a CSRF token, except the one-click POST of mail programs."""
    client = stranger()
    assert client.post(mailed).status_code == 403
    assert client.post(mailed, {"List-Unsubscribe": "one-click"}).status_code == 403
    assert chosen(tenant, mira) == {}
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(mailed).content.decode())
    assert token is not None
    answer = client.post(mailed, {"csrfmiddlewaretoken": token[1]})
    assert answer.status_code == 200
    assert chosen(tenant, mira) == {"exception_decided": "off"}


def test_a_digests_link_unsubscribes_from_all_kinds_in_digests(
    tenant: Tenant, mira: Person, mail_server: MailServer
) -> None:
    with factories.in_tenant(tenant):
        set_preferences(person=mira, tenants=[tenant], deliveries={"mentioned": "weekly", "overdue": "off"})
    for number in range(2):
        publish_event(tenant, mira, kind="assigned", key=str(number))
    make_mail_due(tenant)
    send_due(tenant_id=tenant.pk)
    stranger().post(path_of(mail_server), ONE_CLICK)
    digested = {key for key, kind in KINDS.items() if kind.default in DIGESTS} | {"mentioned"}
    assert chosen(tenant, mira) == dict.fromkeys(digested, "off")
    assert "exception_decided" not in digested
    publish_event(tenant, mira, key="at once")
    assert send_due(tenant_id=tenant.pk) == (1, 0)


def test_a_link_is_valid_for_one_person_tenant_and_kind(
    tenant: Tenant, mira: Person, mail_server: MailServer, mailed: str
) -> None:
    other = factories.tenant(tenant.organization, "Other")
    factories.member(Role.TENANT_ADMINISTRATOR, other, mira)
    omar = factories.member(Role.AUDITOR, tenant)
    publish_event(tenant, mira, omar, kind="mentioned")
    publish_event(other, mira)
    for place in (tenant, other):
        send_due(tenant_id=place.pk)
    links = {path_of(mail_server, number) for number in range(len(mail_server.received))}
    assert len(mail_server.received) == len(links) == 4
    stranger().post(mailed, ONE_CLICK)
    assert chosen(tenant, mira) == {"exception_decided": "off"}
    assert (chosen(tenant, omar), chosen(other, mira)) == ({}, {})


def test_forged_links_are_404(tenant: Tenant, mira: Person, mailed: str) -> None:
    token = mailed.split("/")[2]
    payload, _, mark = token.rpartition(":")
    named = [tenant.pk.hex, mira.pk.hex, "mentioned", 0]
    forged = {
        "cut": token[:-1],
        "without a signature": payload,
        "another payload": f"{payload[:-2]}AA:{mark}",
        "another salt": Signer(salt="another").sign_object(named),
        "another key": Signer(key="k" * 60, salt="portal.notify.unsubscribing").sign_object(named),
        "words": "nonsense",
        "line ends": "a%0d%0aX:y",
    }
    for name, text in forged.items():
        url = mailed.replace(token, text)
        for answer in (stranger().get(url), stranger().post(url, ONE_CLICK)):
            assert answer.status_code == 404, name
            assert "This unsubscribe link is invalid or incomplete" in answer.content.decode(), name
    assert chosen(tenant, mira) == {}


def test_invalidated_links_are_410_and_newer_ones_work(
    tenant: Tenant, mira: Person, mail_server: MailServer, mailed: str
) -> None:
    with factories.in_tenant(tenant):
        end_links(person=mira, tenants=[tenant])
        end_links(person=mira, tenants=[tenant])
    for answer in (stranger().get(mailed), stranger().post(mailed, ONE_CLICK)):
        assert answer.status_code == 410
        assert "This unsubscribe link no longer works" in answer.content.decode()
    assert chosen(tenant, mira) == {}
    publish_event(tenant, mira, key="2")
    send_due(tenant_id=tenant.pk)
    assert stranger().post(path_of(mail_server), ONE_CLICK).status_code == 200
    assert chosen(tenant, mira) == {"exception_decided": "off"}


@pytest.mark.parametrize("signed_in", [False, True], ids=["nobody", "the person"])
def test_links_of_people_without_access_are_410(
    tenant: Tenant, mira: Person, mailed: str, signed_in: bool
) -> None:
    with organization_scope(tenant.organization):
        revoke_membership(by=BY, membership=Membership.objects.get(person=mira))
    client = stranger()
    if signed_in:
        client.force_login(mira, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(mailed).status_code == 410
    assert client.post(mailed, ONE_CLICK).status_code == 410
    assert chosen(tenant, mira) == {}


def test_links_of_deactivated_accounts_and_unknown_tenants_are_410(
    tenant: Tenant, mira: Person, mailed: str
) -> None:
    gone = MailLink(factories.person().pk, mira.pk, "mentioned", 0)  # No tenant has the id of a person.
    assert stranger().post(reverse("unsubscribe", args=[gone.token]), ONE_CLICK).status_code == 410
    Person.objects.filter(pk=mira.pk).update(is_active=False)
    assert stranger().post(mailed, ONE_CLICK).status_code == 410


def test_only_the_links_person_can_use_it_while_signed_in(tenant: Tenant, mira: Person, mailed: str) -> None:
    other = factories.member(Role.TENANT_ADMINISTRATOR, tenant)
    client = Client()
    client.force_login(other, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "This link belongs to someone else" in client.get(mailed).content.decode()
    assert client.post(mailed).status_code == 409
    assert chosen(tenant, mira) == {}
    client.force_login(mira, backend="allauth.account.auth_backends.AuthenticationBackend")
    # The page names the tenant only if the person of the link is signed in.
    assert "Alder &amp; Finch &lt;Clinics&gt;" in client.get(mailed).content.decode()
    answer = client.post(mailed)
    assert answer.status_code == 200
    assert "Alder &amp; Finch &lt;Clinics&gt;" in answer.content.decode()
    assert chosen(tenant, mira) == {"exception_decided": "off"}


def test_a_link_of_a_removed_kind_changes_nothing(tenant: Tenant, mira: Person) -> None:
    """Links of older versions may name kinds that no longer exist."""
    link = MailLink(tenant.pk, mira.pk, "of_an_older_version", 0)
    answer = stranger().post(reverse("unsubscribe", args=[link.token]), ONE_CLICK)
    assert (answer.status_code, chosen(tenant, mira)) == (200, {})


def test_unsubscribing_is_not_recorded_in_the_journal(tenant: Tenant, mira: Person, mailed: str) -> None:
    with factories.in_tenant(tenant):
        before = JournalEntry.objects.count()
    stranger().post(mailed, ONE_CLICK)
    with factories.in_tenant(tenant):
        end_links(person=mira, tenants=[tenant])
        assert JournalEntry.objects.count() == before
        assert Notice.objects.exists()


@pytest.mark.slow(seconds=1)
def test_people_can_unsubscribe_from_each_kind(tenant: Tenant, mira: Person) -> None:
    """Every kind of notice can be turned off. Mails that cannot, such as invitations, are not notices."""
    for kind in [*KINDS, DIGEST]:
        link = MailLink(tenant.pk, mira.pk, kind, 0)
        assert stranger().post(reverse("unsubscribe", args=[link.token]), ONE_CLICK).status_code == 200
    preferences = chosen(tenant, mira)
    # Kinds that are off by default need not be turned off, so they get no preference.
    assert preferences == {key: "off" for key, kind in KINDS.items() if kind.default != "off"}
