"""The pages of notifications: bell, list, email preferences, channels and failed deliveries."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Finding
from portal.notify.actions.channels import add_channel_without_address
from portal.notify.actions.preferences import set_preferences
from portal.notify.delivery import send_due
from portal.notify.kinds import KINDS, Delivery
from portal.notify.models import Channel, Notice, Post, Preference
from portal.treatment.actions.owners.assign import assign
from portal.treatment.states import shown_state
from portal.web.notifications.forms import PreferencesForm
from tenants.models import JournalEntry, Person, Tenant
from tests import factories
from tests.portal.web.forms import start_of
from tests.portal.web.world import SignIn, World


def give(tenant: Tenant, person: Person, number: int = 1, **given: Any) -> list[Notice]:
    now = timezone.now()
    values: dict[str, Any] = {"delivery": Delivery.IMMEDIATE, "state": "sent", "kind": "mentioned", **given}
    with factories.in_tenant(tenant):
        return Notice.objects.bulk_create(
            Notice(
                tenant=tenant, person=person, key=f"k{n}", title=f"Mention {n} <b>", body="line one\nline two",
                path=f"/t/{tenant.slug}/findings/", created_at=now, due_at=now, **values,
            )
            for n in range(number)
        )  # fmt: skip


def test_bell_counts_unread_notifications(world: World, sign_in: SignIn) -> None:
    auditor = world.people["auditor"]
    client = sign_in(auditor)
    assert "bell-count" not in client.get("/").content.decode()
    give(world.home, auditor, 3)
    assert '<span class="bell-count">3<' in client.get("/").content.decode()
    client.post(reverse("notice-read"))
    assert "bell-count" not in client.get("/").content.decode()


def test_all_can_be_marked_as_read_only_if_something_is_unread(world: World, sign_in: SignIn) -> None:
    auditor = world.people["auditor"]
    client = sign_in(auditor)
    button = "Mark all as read"
    assert button not in client.get(reverse("notices")).content.decode()
    give(world.home, auditor)
    assert button in client.get(reverse("notices")).content.decode()
    client.post(reverse("notice-read"))
    assert button not in client.get(reverse("notices")).content.decode()


def test_bell_counts_at_most_99(world: World, sign_in: SignIn) -> None:
    auditor = world.people["auditor"]
    give(world.home, auditor, 130)
    assert '<span class="bell-count">99+<' in sign_in(auditor).get("/").content.decode()


def test_opening_a_notification_marks_it_as_read(world: World, sign_in: SignIn) -> None:
    auditor = world.people["auditor"]
    first, second = give(world.home, auditor, 2)
    client = sign_in(auditor)
    html = client.get(reverse("notices")).content.decode()
    assert "Mention 0 &lt;b&gt;" in html
    assert "line two" in html
    assert html.count('class="unread"') == 2
    answer = client.post(reverse("notice-read"), {"notice": first.pk})
    assert answer.headers["Location"] == f"/t/{world.home.slug}/findings/"
    html = client.get(reverse("notices") + "?unread=1").content.decode()
    assert str(first.pk) not in html
    assert str(second.pk) in html


@pytest.mark.parametrize("pk", ["somebody else's", "no id", ""])
def test_notification_of_another_person_is_404(world: World, sign_in: SignIn, pk: str) -> None:
    if pk.startswith("somebody"):
        (notice,) = give(world.home, world.people["approver"])
        pk = str(notice.pk)
    assert sign_in(world.people["auditor"]).post(reverse("notice-read"), {"notice": pk}).status_code == 404
    with factories.in_tenant(world.home):
        assert not Notice.objects.filter(read_at__isnull=False).exists()


def test_notifications_of_others_are_not_listed(world: World, sign_in: SignIn) -> None:
    give(world.home, world.people["approver"])
    html = sign_in(world.people["auditor"]).get(reverse("notices")).content.decode()
    assert "Mention" not in html
    assert "No notifications yet" in html


def test_failed_mail_is_shown(world: World, sign_in: SignIn) -> None:
    auditor = world.people["auditor"]
    give(world.home, auditor, state="failed", error="The mail server refused the address: 550")
    html = sign_in(auditor).get(reverse("notices")).content.decode()
    assert "Failed</span>" in html
    assert "refused the address: 550" in html


def test_preferences_for_all_customers_and_for_one(world: World, engineer: Client) -> None:
    who = world.people["organization_engineer"]
    second = factories.tenant(world.organization, "Second Customer")
    data = {key: str(kind.default) for key, kind in KINDS.items()}
    data["assigned"] = "weekly"
    assert engineer.post(reverse("preferences"), data).status_code == 302
    one = reverse("preferences") + f"?tenant={second.slug}"
    assert engineer.post(one, {**data, "assigned": "off"}).headers["Location"] == one
    for tenant, expected in ((world.home, "weekly"), (second, "off")):
        with factories.in_tenant(tenant):
            assert Preference.objects.get(person=who, kind="assigned").delivery == expected
    html = engineer.get(reverse("preferences")).content.decode()
    assert "Differs between customers" in html
    # If no delivery is chosen for a kind, each customer keeps its own delivery of this kind.
    assert engineer.post(reverse("preferences"), {**data, "assigned": ""}).status_code == 302
    with factories.in_tenant(second):
        assert Preference.objects.get(person=who, kind="assigned").delivery == "off"


def test_the_page_says_what_applies_to_later_customers(world: World, engineer: Client) -> None:
    html = " ".join(engineer.get(reverse("preferences")).content.decode().split())
    assert "Customers that are added later have the default choices until you save again." in html
    assert "If you have not chosen a time zone, the customer’s time zone applies" in html


def test_each_kind_of_event_is_in_one_area_of_the_preferences() -> None:
    areas = PreferencesForm(current={}).areas
    assert sorted(field.name for _title, fields in areas for field in fields) == sorted(KINDS)
    assert all(fields for _title, fields in areas)


@pytest.mark.parametrize("value", ["hourly", ""])
def test_unknown_delivery_is_refused(world: World, engineer: Client, value: str) -> None:
    data = {key: str(kind.default) for key, kind in KINDS.items()}
    assert engineer.post(reverse("preferences"), {**data, "assigned": value}).status_code == 400


def test_preferences_of_a_foreign_tenant_are_404(world: World, engineer: Client) -> None:
    assert engineer.get(reverse("preferences") + f"?tenant={world.foreign.slug}").status_code == 404


def add(client: Client, tenant: Tenant, **given: Any) -> Any:
    data = {
        "kind": "webhook", "name": "Tickets", "address": "https://hooks.example.com/abc-token", "kinds": ["assigned"],
        **given,
    }  # fmt: skip
    return client.post(reverse("channel-add", args=[tenant.slug]), data)


def test_webhook_secret_is_shown_once(world: World, engineer: Client) -> None:
    answer = add(engineer, world.home)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    secret = html.split("whsec_")[1].split("<")[0]
    with factories.in_tenant(world.home):
        channel = Channel.objects.get(name="Tickets")
        assert channel.host == "hooks.example.com"
    place = [world.home.slug, channel.pk]
    for url in (
        reverse("channel", args=place),
        reverse("channels", args=[world.home.slug]),
        reverse("channel-secret", args=place),
    ):
        shown = engineer.get(url).content.decode()
        assert secret not in shown
        assert "abc-token" not in shown
    rotated = engineer.post(reverse("channel-secret", args=place), {"hours": "0"}).content.decode()
    assert "whsec_" in rotated
    assert secret not in rotated


def test_replaced_secret_stays_valid_for_the_chosen_time(world: World, engineer: Client) -> None:
    add(engineer, world.home)
    with factories.in_tenant(world.home):
        channel = Channel.objects.get(name="Tickets")
    place = [world.home.slug, channel.pk]
    page = reverse("channel-secret", args=place)
    refused = engineer.post(page, {"hours": "9999"})
    assert refused.status_code == 400
    assert "whsec_" not in refused.content.decode()
    with factories.in_tenant(world.home):
        assert channel.secret == Channel.objects.get(pk=channel.pk).secret
    assert "signed with the previous secret until" in engineer.post(page, {"hours": "24"}).content.decode()
    assert (
        "signed with the previous secret until"
        in engineer.get(reverse("channel", args=place)).content.decode()
    )
    with factories.in_tenant(world.home):
        channel.refresh_from_db()
        assert channel.previous_secret_until is not None
        hours = (channel.previous_secret_until - timezone.now()).total_seconds() / 3600
    assert 23.9 < hours < 24
    engineer.post(page, {"hours": "0"})
    assert "previous secret" not in engineer.get(reverse("channel", args=place)).content.decode()


def test_a_teams_channel_has_no_signing_secret(world: World, engineer: Client) -> None:
    assert add(engineer, world.home, kind="teams").status_code == 302
    with factories.in_tenant(world.home):
        channel = Channel.objects.get(name="Tickets")
    place = [world.home.slug, channel.pk]
    assert engineer.get(reverse("channel-secret", args=place)).status_code == 404
    assert engineer.post(reverse("channel-secret", args=place)).status_code == 404


BAD = {
    "inside": {"address": "https://127.0.0.1/"},
    "http": {"address": "http://hooks.example.com/"},
    "no name": {"name": " "},
    "no events": {"kinds": []},
    "unknown event": {"kinds": ["nonsense"]},
    "unknown kind": {"kind": "pager"},
}


@pytest.mark.parametrize("given", BAD.values(), ids=BAD.keys())
def test_invalid_channel_is_reported_at_its_field(
    world: World, engineer: Client, given: dict[str, Any]
) -> None:
    answer = add(engineer, world.home, **given)
    assert answer.status_code == 400
    assert 'class="error"' in answer.content.decode()
    with factories.in_tenant(world.home):
        assert not Channel.objects.filter(name="Tickets").exists()


@pytest.mark.slow(seconds=1)
def test_channel_can_be_changed_switched_tested_and_deleted(world: World, engineer: Client) -> None:
    channel = world.of(world.home)["channel"]
    place = [world.home.slug, channel.pk]
    changed = {"name": "Renamed", "address": "", "kinds": ["overdue", "assigned"]}
    page, delete = reverse("channel", args=place), reverse("channel-delete", args=place)
    assert engineer.post(page, {**changed, **start_of(engineer, page)}).status_code == 302
    with factories.in_tenant(world.home):
        channel.refresh_from_db()
        assert (channel.name, channel.host) == ("Renamed", "hooks.example.com")
        assert channel.kinds == ["assigned", "overdue"]
    engineer.post(reverse("channel-test", args=place))
    html = engineer.get(reverse("channel", args=place)).content.decode()
    assert "Test message from Surety" in html
    assert 'hx-trigger="every 2s"' in html
    engineer.post(reverse("channel-switch", args=place), {"enabled": "0"})
    html = engineer.post(reverse("channel-test", args=place), follow=True).content.decode()
    assert "turned off" in html
    assert engineer.post(delete, start_of(engineer, page, delete)).status_code == 302
    assert engineer.get(reverse("channel", args=place)).status_code == 404
    with factories.in_tenant(world.home):
        actions = set(
            JournalEntry.objects.filter(action__startswith="channel.").values_list("action", flat=True)
        )
        assert {"channel.changed", "channel.tested", "channel.disabled", "channel.deleted"} <= actions


def test_failed_deliveries_can_be_retried_and_discarded(world: World, engineer: Client) -> None:
    own = world.of(world.home)
    html = engineer.get(reverse("dead-letters", args=[world.home.slug])).content.decode()
    assert "The receiver answered 503." in html
    assert "550 no such user" in html
    engineer.post(reverse("post-retry", args=[world.home.slug, own["post"].pk]))
    engineer.post(reverse("mail-retry", args=[world.home.slug, own["mail"].pk]))
    html = engineer.get(reverse("dead-letters", args=[world.home.slug])).content.decode()
    assert "The receiver answered 503." not in html
    assert "550 no such user" not in html
    with factories.in_tenant(world.home):
        post = Post.objects.get(pk=own["post"].pk)
        assert (post.state, post.attempts) == ("waiting", 0)
        assert Notice.objects.get(pk=own["mail"].pk).state == "waiting"
    refused = engineer.post(reverse("post-drop", args=[world.home.slug, post.pk]), follow=True)
    assert "can be retried or discarded" in refused.content.decode()


def test_refused_mail_can_be_discarded(world: World, engineer: Client) -> None:
    mail = world.of(world.home)["mail"]
    answer = engineer.post(reverse("mail-drop", args=[world.home.slug, mail.pk]), follow=True)
    assert "Mail discarded. The recipient still sees" in answer.content.decode()
    assert "550 no such user" not in answer.content.decode()
    with factories.in_tenant(world.home):
        assert Notice.objects.get(pk=mail.pk).state == "kept"
    again = engineer.post(reverse("mail-drop", args=[world.home.slug, mail.pk]), follow=True)
    assert "can be retried or discarded" in again.content.decode()


def test_mail_link_changes_nothing_until_the_button_is_pressed(
    world: World, sign_in: SignIn, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    home, owner = world.home, world.people["owner"]
    finding = world.of(home)["finding"]
    with factories.in_tenant(home):
        Notice.objects.all().delete()
        Channel.objects.all().delete()
        one = Finding.objects.filter(pk=finding.pk)
        set_preferences(person=owner, tenants=[home], deliveries={"assigned": "immediate"})
        assign(tenant=home, findings=one, owner=owner, by=world.people["organization_engineer"])
    assert send_due(tenant_id=home.pk) == (1, 0)
    (mail,) = mailoutbox
    link = re.search(r"Acknowledge: http://127\.0\.0\.1:8000(\S+)", str(mail.body))
    assert link is not None
    path = link.group(1)

    def state() -> str:
        with factories.in_tenant(home):
            return str(one.annotate(shown=shown_state(timezone.now())).values_list("shown", flat=True).get())

    signed_out = Client().get(path)
    assert signed_out.headers["Location"] == f"/accounts/login/?next={path}"
    client = sign_in(owner)
    assert client.get(path).status_code == 200
    assert state() == "open"
    assert client.post(path, {}).status_code == 302
    assert state() == "acknowledged"


def test_channel_of_a_configuration_file_asks_for_its_address(world: World, engineer: Client) -> None:
    with factories.in_tenant(world.home):
        channel = add_channel_without_address(
            tenant=world.home, by=factories.BY, name="Tickets", kind="webhook", kinds=["assigned"]
        )
    place = [world.home.slug, channel.pk]
    page = reverse("channel", args=place)
    html = engineer.get(page).content.decode()
    assert "This channel has no address yet." in html
    assert "replace the secret" in html
    assert reverse("channel-switch", args=place) not in html
    assert "without an address" in engineer.get(reverse("channels", args=place[:1])).content.decode()
    html = engineer.post(
        reverse("channel-switch", args=place), {"enabled": "1"}, follow=True
    ).content.decode()
    assert "Enter an address first." in html
    data = {"name": "Tickets", "kinds": ["assigned"], "address": "https://hooks.example.com/x"}
    assert engineer.post(page, {**data, **start_of(engineer, page)}).status_code == 302
    engineer.post(reverse("channel-switch", args=place), {"enabled": "1"})
    with factories.in_tenant(world.home):
        channel.refresh_from_db()
        assert (channel.host, channel.enabled) == ("hooks.example.com", True)
