"""Log lines about requests name the person, method, path and IP address, on one line and without tokens."""

from __future__ import annotations

import io
import json
import logging
import smtplib
import traceback
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
import time_machine
from celery.exceptions import Retry
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.test import Client, RequestFactory

from portal.http.log_requests import LimitLines, describe_request, loggable_path
from portal.settings.logging import _SHARED, _traceback, hide_personal_data
from tests import factories
from tests.portal.web.world import World
from tests.processor_time import at_most


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """The lines that the loggers of Django write, as JSON."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=_SHARED,
        )
    )
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    return stream


def entries(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_refused_page_is_logged_with_person_method_path_and_time(world: World, lines: io.StringIO) -> None:
    client = Client(REMOTE_ADDR="203.0.113.7")
    owner = world.people["owner"]
    client.force_login(owner)
    assert client.get(f"/t/{world.home.slug}/journal/?q=private").status_code == 403
    [line] = [entry for entry in entries(lines) if entry["logger"] == "django.request"]
    assert line["person"] == str(owner.pk)
    assert (line["method"], line["path"]) == ("GET", f"/t/{world.home.slug}/journal/")
    assert (line["status_code"], line["address"]) == (403, "203.0.113.7")
    assert line["timestamp"].endswith("Z")
    assert "private" not in lines.getvalue()


def test_a_forged_form_is_logged(world: World, lines: io.StringIO) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.people["organization_engineer"])
    assert client.post(f"/t/{world.home.slug}/assessments/start/").status_code == 403
    assert any(entry["logger"] == "django.security.csrf" for entry in entries(lines))


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/accounts/password/reset/key/3-abc-def/", "/accounts/password/reset/key/[hidden]/"),
        ("/accounts/confirm-email/MQ:1wX:sig/", "/accounts/confirm-email/[hidden]/"),
        ("/emergency/secret-token/", "/emergency/[hidden]/"),
        ("/first-start/secret-token/", "/first-start/[hidden]/"),
        ("/unsubscribe/eyJwIjo.sig/", "/unsubscribe/[hidden]/"),
        ("/invitations/secret-token/", "/invitations/[hidden]/"),
        ("/report-links/secret-token/", "/report-links/[hidden]/"),
        ("/t/contoso/findings/?q=x", "/t/contoso/findings/"),
    ],
)
def test_tokens_and_queries_are_not_logged(path: str, logged: str) -> None:
    assert loggable_path(path) == logged
    event = describe_request(
        None, "warning", {"event": f"Not Found: {path.partition('?')[0]}", "request": _request(path)}
    )
    assert event["path"] == logged
    assert event["event"] == f"Not Found: {logged}"


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("//accounts/password/reset/key/TOKEN/", "/accounts/password/reset/key/[hidden]/"),
        ("/accounts//password/reset///key//TOKEN", "/accounts/password/reset/key/[hidden]"),
        ("/accounts/password/reset/key/./TOKEN/", "/accounts/password/reset/key/[hidden]/"),
        ("/accounts/password/reset/x/../key/TOKEN/", "/accounts/password/reset/key/[hidden]/"),
        ("/accounts%2Fpassword%2Freset%2Fkey%2FTOKEN", "/accounts/password/reset/key/[hidden]"),
        (
            "/accounts%25252Fpassword%25252Freset%25252Fkey%25252FTOKEN",
            "/accounts/password/reset/key/[hidden]",
        ),
        ("/" + "%2525252525252525" + "2Femergency/TOKEN", "[hidden]"),
        ("\\emergency\\TOKEN", "/emergency/[hidden]"),
        ("/surety/Emergency/TOKEN/more/TOKEN", "/surety/Emergency/[hidden]"),
        ("/emergency/\tTOKEN", "/emergency/[hidden]"),
        ("/emer%00gency/TOKEN", "/emergency/[hidden]"),
        ("/invitations/TOKEN/sso/", "/invitations/[hidden]/sso/"),
        ("/emergency;x/TOKEN/", "/emergency;x/[hidden]/"),
        ("/emergency/TOKEN\u200b/", "/emergency/[hidden]/"),
    ],
)
def test_tokens_of_malformed_paths_are_not_logged(path: str, logged: str) -> None:
    assert loggable_path(path) == logged


@pytest.mark.parametrize(
    "path",
    [
        "/emergency/",
        "/invitations/",
        "/unsubscribe/",
        "/accounts/confirm-email/",
        "/accounts/password/reset/key/1-",
    ],
)
def test_messages_of_django_contain_no_tokens(
    path: str, db: None, client: Client, lines: io.StringIO
) -> None:
    """Django writes letters outside of ASCII as escapes, so its message does not contain the path of the request
    unchanged. Even so, the token in the message must be hidden.
    """
    for after in (
        "%E2%80%8B/",
        "%C2%AD/",
        "%0A/",
        "%C3%BC",
        "%F0%9F%94%91/",
        "%20/",
        "'x/",
        "%20more%E2%80%8B/x/",
    ):
        client.get(f"{path}tokentoken{after}")
        client.put(f"{path}tokentoken{after}")
    assert any(entry["logger"] == "django.request" for entry in entries(lines))
    assert "tokentoken" not in lines.getvalue()


def test_tokens_of_other_paths_in_a_message_are_not_logged() -> None:
    message = "Forbidden (see http://testserver/emergency/TOKEN\\u200b/ and/or /verify/): /verify/"
    event = describe_request(None, "warning", {"event": message, "request": _request("/verify/")})
    assert event["event"].startswith("Forbidden (see ")
    assert event["event"].endswith(" and/or /verify/): /verify/")
    assert "TOKEN" not in event["event"]


def test_long_addresses_are_logged_in_linear_time() -> None:
    with at_most(2):
        for path in ("/ " + "a" * 100_000, "/a " * 30_000):
            event = describe_request(
                None, "warning", {"event": f"Not Found: {path}", "request": _request(path)}
            )
            assert event["event"] == f"Not Found: {path}"


def test_ids_of_invitations_are_logged() -> None:
    path = "/organizations/x/settings/people/invitations/0197a000-0000-7000-8000-000000000001/send/"
    assert loggable_path(path) == path


def test_a_line_break_in_the_address_stays_in_one_line(db: None, client: Client, lines: io.StringIO) -> None:
    client.get("/nothing%0a{%22event%22:%22forged%22}/")
    found = entries(lines)
    assert found
    assert all(entry["event"] != "forged" for entry in found)


def test_anonymous_requests_have_no_person(db: None) -> None:
    request = _request("/verify/")
    request._cached_user = AnonymousUser()
    assert "person" not in describe_request(None, "warning", {"event": "x", "request": request})
    request._cached_user = factories.person()
    assert "person" in describe_request(None, "warning", {"event": "x", "request": request})


def _request(path: str) -> Any:
    return RequestFactory().get(path)


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> LimitLines:
    """The limit of lines about unknown hosts, with its counts at 0, as in a new process.

    Other filters of the logger are removed, because a test that configures the log again adds a second filter.
    """
    logger = logging.getLogger("django.security.DisallowedHost")
    found = logger.filters[0]
    assert isinstance(found, LimitLines)
    monkeypatch.setattr(logger, "filters", [found])
    found._minute = found._count = 0
    return found


def test_a_refused_host_is_one_line_without_a_trace(
    db: None, lines: io.StringIO, limit: LimitLines, mailoutbox: list[Any]
) -> None:
    for host in ("evil.example", "a" * 4000, 'x"\r\n{"event": "forged"}', "surety.example/@evil"):
        assert Client().get("/accounts/login/", headers={"Host": host}).status_code == 400
    found = [one for one in entries(lines) if one["logger"].startswith("django.security")]
    assert len(found) == 4
    assert "evil.example" in found[0]["event"]
    assert "Traceback" not in lines.getvalue()
    assert all(len(line) < 1000 for line in lines.getvalue().splitlines())
    assert mailoutbox == []


def test_lines_about_refused_hosts_are_limited(db: None, lines: io.StringIO, limit: LimitLines) -> None:
    now = datetime(2030, 1, 1, 12, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        for number in range(25):
            assert Client().get("/", headers={"Host": f"{number}.evil.example"}).status_code == 400
    security = [one for one in entries(lines) if one["logger"] == "django.security.DisallowedHost"]
    assert len(security) == 10
    with time_machine.travel(now + timedelta(minutes=1), tick=False):
        Client().get("/", headers={"Host": "later.evil.example"})
    last = [one for one in entries(lines) if one["logger"] == "django.security.DisallowedHost"][-1]
    assert ("later.evil.example" in last["event"], last["lines_left_out"]) == (True, 15)


def test_rows_and_statements_of_database_errors_are_not_logged(db: None) -> None:
    address, target = "otto@example.com", io.StringIO()
    factories.person(address)
    try:
        with transaction.atomic():
            factories.person(address)
    except IntegrityError as error:
        text = "".join(traceback.format_exception(error))
        _traceback(target, (type(error), error, error.__traceback__))
        event = hide_personal_data(None, "error", {"event": f"Task failed: {error!s}", "exception": text})
    assert text.count(address) == 2
    for hidden in (event["event"], event["exception"], target.getvalue()):
        assert "violates unique constraint" in hidden
        assert "DETAIL:  [hidden]" in hidden
        assert address not in hidden
    # Only the values of the row are hidden. The second error, which follows in the log, still has its traceback.
    assert event["exception"].count("Traceback") == text.count("Traceback") == 2


def test_addresses_in_errors_of_mail_servers_are_not_logged() -> None:
    """Errors of mail servers contain addresses of people, which could get into three lines: Celery logs the error of
    each attempt and the traceback of the last one, and Surety logs the server's answer.
    """
    address, target = "otto.owner+it@contoso.example", io.StringIO()
    try:
        raise smtplib.SMTPRecipientsRefused({address: (550, f"5.1.1 <{address}>: rejected".encode())})
    except smtplib.SMTPRecipientsRefused as error:
        text = "".join(traceback.format_exception(error))
        _traceback(target, (type(error), error, error.__traceback__))
        given = {
            "event": f"retry: {Retry(exc=error, when=5)}",
            "exception": text,
            "error": str(error),
            "notices": 2,
        }
        event = hide_personal_data(None, "info", given)
    assert event["notices"] == 2
    for hidden in (event["event"], event["exception"], event["error"], target.getvalue()):
        assert hidden.count("[hidden]@contoso.example") == 2
        assert "550" in hidden
        assert "otto" not in hidden
