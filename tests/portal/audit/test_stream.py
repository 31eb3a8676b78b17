"""The stream: every entry of every chain arrives in order, over a webhook and syslog, and resumes after a failure."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from celery import current_app
from django.core.exceptions import ImproperlyConfigured
from django.template.loader import render_to_string
from django.utils import timezone

from portal import celery
from portal.audit import receivers, tasks
from portal.audit.actions.stream import MAX_BATCH_BYTES, stream_organization
from portal.audit.models import StreamCursor
from portal.audit.selectors import stream_of
from portal.web.journal.export import json_lines
from tenants import journal
from tenants.journal.failed_sign_ins import WINDOW, record_failure
from tenants.models import Organization, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.factories import BY
from tests.portal.audit.conftest import SECRET, SyslogServer
from tests.portal.notify.receivers import Receiver, is_standard
from tests.waiting import until

pytestmark = pytest.mark.django_db
RFC5424 = re.compile(
    rb"<(1[01][0-9])>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([!-~]+) surety - ([!-~]{1,32}) - (\{.*\})",
    re.DOTALL,
)


def record(tenant: Tenant, action: str = "assessment.start", **details: Any) -> None:
    with organization_scope(tenant.organization_id):
        journal.record(tenant=tenant, actor=BY, action=action, target="12 findings", details=details)


def lines(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(line) for post in receiver.received for line in post.body.decode().splitlines()]


def chains(found: list[dict[str, Any]]) -> dict[str, list[int]]:
    grouped: dict[str, list[int]] = {}
    for one in found:
        grouped.setdefault(one["chain"], []).append(one["sequence"])
    return grouped


def test_every_entry_of_every_chain_is_posted_once_and_in_order(
    tenant: Tenant, organization: Organization, receiver: Receiver, settings: Any
) -> None:
    settings.SURETY_JOURNAL_STREAM = receiver.url(path="/journal")
    foreign = factories.tenant()
    assert stream_organization(organization.pk) == 3
    record(tenant)
    assert stream_organization(organization.pk) == 1
    assert stream_organization(organization.pk) == 0
    found = chains(lines(receiver))
    assert found == {f"organization:{organization.pk}": [1, 2], f"tenant:{tenant.pk}": [1, 2]}
    assert f"tenant:{foreign.pk}" not in found
    signature = receiver.received[0].headers["Surety-Signature"]
    assert signature.startswith("v1=")
    assert is_standard(SECRET.encode(), receiver.received[0].headers, receiver.received[0].body)
    assert SECRET not in str(receiver.received)


def test_streamed_lines_are_those_of_the_file(
    tenant: Tenant, organization: Organization, receiver: Receiver, settings: Any
) -> None:
    settings.SURETY_JOURNAL_STREAM = receiver.url()
    record(tenant, note="Grüße, 東京")
    stream_organization(organization.pk)
    with organization_scope(organization.pk):
        file = b"".join(json_lines(tenant)).decode().splitlines()
    posted = [line for post in receiver.received for line in post.body.decode().splitlines()]
    assert [line for line in posted if f'"chain":"tenant:{tenant.pk}"' in line] == file


def test_a_failure_is_shown_and_the_stream_resumes_where_it_stopped(
    tenant: Tenant, organization: Organization, receiver: Receiver, settings: Any
) -> None:
    settings.SURETY_JOURNAL_STREAM = receiver.url()
    receiver.answer(503)
    assert stream_organization(organization.pk) == 0
    with organization_scope(organization.pk):
        state = stream_of(organization)
        assert state is not None
        assert state.failing is not None
        assert state.failing.error == "The webhook answered with status 503. Check the logs of the receiver."
        assert (state.failing.failures, state.failing.failing_since) == (1, state.failing.failed_at)
        first = state.failing.failed_at
        assert "attempts have failed" not in render_to_string("journal/_anchors.html", {"stream": state})
    assert stream_organization(organization.pk) == stream_organization(organization.pk) == 0
    with organization_scope(organization.pk):
        state = stream_of(organization)
        assert state is not None
        assert state.failing is not None
        assert state.failing.failed_at is not None
        assert first is not None
        assert (state.failing.failures, state.failing.failing_since) == (3, first)
        assert state.failing.failed_at > first
        html = " ".join(render_to_string("journal/_anchors.html", {"stream": state}).split())
        assert "3 attempts have failed, the first" in html
    receiver.received.clear()
    receiver.answer(204)
    assert stream_organization(organization.pk) == 3
    assert chains(lines(receiver)) == {f"organization:{organization.pk}": [1, 2], f"tenant:{tenant.pk}": [1]}
    with organization_scope(organization.pk):
        assert not StreamCursor.objects.exclude(error="").exists()
        assert not StreamCursor.objects.exclude(failures=0, failing_since=None).exists()


def test_large_entries_are_sent_in_small_posts(
    tenant: Tenant, organization: Organization, receiver: Receiver, settings: Any
) -> None:
    settings.SURETY_JOURNAL_STREAM = receiver.url()
    for size in (200_000, 200_000, 200_000, 600_000, 10):
        record(tenant, note="x" * size)
    assert stream_organization(organization.pk) == 8
    assert chains(lines(receiver))[f"tenant:{tenant.pk}"] == [1, 2, 3, 4, 5, 6]
    posts = [post.body for post in receiver.received]
    assert all(len(body) <= MAX_BATCH_BYTES or body.count(b"\n") == 1 for body in posts)


def test_content_that_the_receiver_refuses_does_not_stop_other_chains(
    tenant: Tenant, organization: Organization, receiver: Receiver, settings: Any
) -> None:
    settings.SURETY_JOURNAL_STREAM = receiver.url()
    later = factories.tenant(organization)
    assert str(tenant.pk) < str(later.pk)
    receiver.answers = [(204, {}), (413, {}), (204, {})]
    stream_organization(organization.pk)
    with organization_scope(organization.pk):
        errors = dict(StreamCursor.objects.values_list("tenant", "error"))
    assert errors == {
        None: "",
        tenant.pk: "The webhook answered with status 413. Check the logs of the receiver.",
        later.pk: "",
    }


def test_syslog_over_tls_is_rfc_5424_with_octet_counts(
    tenant: Tenant, organization: Organization, syslog_tls: SyslogServer, settings: Any
) -> None:
    settings.SURETY_JOURNAL_STREAM = f"syslog+tls://127.0.0.1:{syslog_tls.port}"
    settings.SURETY_URL = "https://surety.example.com"
    record(tenant, "account.sign_in_failed", note="line\nbreak, Grüße")
    assert stream_organization(organization.pk) == 4
    assert syslog_tls.ended.wait(5)
    with organization_scope(organization.pk):
        expected = journal.entries(tenant).last()
    # Each chain is sent over a connection of its own. The customer's chain is sent last, so the last message is
    # `expected`.
    messages = syslog_tls.messages
    parsed = [RFC5424.fullmatch(message) for message in messages]
    assert len(parsed) == 4
    assert all(parsed)
    last = parsed[-1]
    assert last is not None
    assert (last[1], last[3], last[4]) == (b"108", b"surety.example.com", b"account.sign_in_failed")
    content = json.loads(last[5])
    assert content.pop("hash") == expected.hash
    assert journal.canonical_json(content) == journal.canonical_json(
        journal.hashed_content(journal.chain_of(tenant), expected)
    )


def test_syslog_over_tls_refuses_an_unknown_certificate(
    organization: Organization, syslog_tls: SyslogServer, settings: Any
) -> None:
    settings.SURETY_JOURNAL_STREAM = f"syslog+tls://127.0.0.1:{syslog_tls.port}"
    settings.SURETY_JOURNAL_CA_FILE = ""
    assert stream_organization(organization.pk) == 0
    with organization_scope(organization.pk):
        assert "not trusted" in StreamCursor.objects.get().error
    assert syslog_tls.data == b""


def test_syslog_over_tcp_and_udp(
    tenant: Tenant,
    organization: Organization,
    syslog_tcp: SyslogServer,
    syslog_udp: SyslogServer,
    settings: Any,
) -> None:
    settings.SURETY_JOURNAL_STREAM = f"syslog+tcp://127.0.0.1:{syslog_tcp.port}"
    assert stream_organization(organization.pk) == 3
    assert syslog_tcp.ended.wait(5)
    settings.SURETY_JOURNAL_STREAM = f"syslog+udp://127.0.0.1:{syslog_udp.port}"
    record(tenant)
    assert stream_organization(organization.pk) == 1
    until(lambda: syslog_udp.datagrams)
    assert RFC5424.fullmatch(syslog_udp.datagrams[0])


def test_an_unreachable_receiver_is_a_failure(organization: Organization, settings: Any) -> None:
    settings.SURETY_JOURNAL_STREAM = "syslog+tcp://127.0.0.1:9"
    assert stream_organization(organization.pk) == 0
    with organization_scope(organization.pk):
        assert "No connection to syslog+tcp://127.0.0.1:9" in StreamCursor.objects.get().error


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("ftp://x.example", "not the address of a receiver"),
        ("syslog+tls://", "not the address of a receiver"),
        ("syslog+tls://x.example/path", "not the address of a receiver"),
        ("https://x.example/hook", "SURETY_JOURNAL_SECRET"),
        ("syslog+udp://x.example:port", "Check its brackets"),
    ],
)
def test_an_invalid_address_is_explained(address: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        receivers.parse(address)
    assert "x.example" not in str(caught.value), "the address can contain a credential"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"SURETY_JOURNAL_STREAM": "https://x.example/hook"}, "SURETY_JOURNAL_STREAM: A webhook needs"),
        ({"SURETY_ANCHOR_WEBHOOK": "https://x.example/hook"}, "SURETY_ANCHOR_WEBHOOK: A webhook needs"),
        (
            {"SURETY_ANCHOR_WEBHOOK": "syslog+tls://x.example"},
            "SURETY_ANCHOR_WEBHOOK is not the address of a webhook",
        ),
    ],
)
def test_settings_without_a_usable_receiver_are_refused(
    settings: Any, changed: dict[str, str], words: str
) -> None:
    for name, value in {"SURETY_JOURNAL_SECRET": "", **changed}.items():
        setattr(settings, name, value)
    with pytest.raises(ImproperlyConfigured, match=words):
        receivers.check_settings()


def test_the_scheduler_streams_every_organization_each_minute(
    tenant: Tenant, receiver: Receiver, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = factories.organization("Fabrikam")
    entry = settings.CELERY_BEAT_SCHEDULE["journal-stream"]
    assert (entry["task"], entry["schedule"]) == (tasks.tick.name, 60.0)
    # Run each task at once instead of sending it to a worker.
    monkeypatch.setattr(current_app, "send_task", lambda name, args, retry: celery.app.tasks[name].run(*args))
    person = factories.member(Role.OWNER, tenant)
    for _ in range(3):
        record_failure(person, {"with": "password"})
    with time_machine.travel(timezone.now() + WINDOW + timedelta(seconds=1), tick=False):
        tasks.tick.run()
    assert receiver.received == [], "Without a receiver, nothing is sent."
    settings.SURETY_JOURNAL_STREAM = receiver.url()
    tasks.tick.run()
    found = lines(receiver)
    names = [f"organization:{tenant.organization_id}", f"organization:{other.pk}", f"tenant:{tenant.pk}"]
    assert set(names) <= set(chains(found))
    counted = [one for one in found if one["action"] == "account.sign_in_failures"]
    assert [one["details"]["count"] for one in counted] == [2]
