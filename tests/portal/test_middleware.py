"""Unused methods and too many requests are refused; signing out clears the browser; messages are in no cookie."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import reverse
from redis.exceptions import ConnectionError as RedisConnectionError

from assessments.models import Finding
from portal.http.export_slots import MAX_EXPORTS, MAX_EXPORTS_OF_PERSON, ExportSlots
from portal.middleware import EXPORTS, MAX_PARAMETERS
from portal.web.urls import urlpatterns
from tenants.models import Person
from tenants.roles import Role
from tests import factories
from tests.portal.web.world import World
from tests.signed_in import signed_in_client

type SignIn = Callable[[Person], Client]


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND"])
@pytest.mark.parametrize("path", ["/verify/", "/accounts/login/", "/static/surety/base.css"])
def test_other_methods_are_refused(db: None, client: Client, method: str, path: str) -> None:
    answer = client.generic(method, path, headers={"x-probe": "reflected?"})
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, POST"
    assert b"reflected" not in answer.content


@pytest.mark.slow(seconds=1)
def test_an_address_with_too_many_parameters_is_refused(db: None, client: Client) -> None:
    """Without the limit, the links of 600 filters would make a page 12 MB large."""
    client.force_login(factories.member(Role.AUDITOR, factories.tenant()))
    for path in ("/resources/", "/findings/", "/accounts/login/"):
        assert client.get(f"{path}?" + "label=a&" * MAX_PARAMETERS).status_code == 400
    answer = client.get("/resources/?" + "&".join(f"label=a{n}" for n in range(MAX_PARAMETERS)))
    assert answer.status_code == 200
    assert len(answer.content) < 2_000_000


def test_signing_out_clears_the_browser_and_ends_the_session(db: None) -> None:
    client = Client()
    client.force_login(factories.person("ada@msp.example"))
    before = client.get("/accounts/login/")
    assert "Clear-Site-Data" not in before.headers
    cookie = client.cookies["surety-session"].value
    answer = client.post(reverse("account_logout"))
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    # The cookie of the ended session gives no access.
    thief = Client()
    thief.cookies["surety-session"] = cookie
    assert thief.get("/").headers["Location"].startswith("/accounts/login/")


def test_the_only_cookies_are_session_csrf_and_theme(world: World) -> None:
    client = Client()
    client.force_login(world.people["organization_engineer"])
    client.post(reverse("report-build", args=[world.home.slug]), {"assessment": "", "classification": "x"})
    client.get(reverse("finding", args=[world.home.slug, world.of(world.home)["finding"].pk]))
    client.post(reverse("theme"), {"theme": "dark"})
    note = client.post(
        reverse("finding-claim", args=[world.home.slug, world.of(world.home)["finding"].pk]), follow=False
    )
    assert note.status_code == 302
    assert set(client.cookies) <= {"surety-session", "surety-csrf", "surety-theme"}
    for name, cookie in client.cookies.items():
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (
            True,
            "Lax",
            "/",
            "",
        ), name
    assert {name for name in client.cookies if client.cookies[name].value} >= {
        "surety-session",
        "surety-theme",
    }


@override_settings(SESSION_COOKIE_SECURE=True)
def test_the_theme_cookie_is_bound_to_the_host(db: None, client: Client) -> None:
    cookie = client.post(reverse("theme"), {"theme": "dark"}).cookies["__Host-theme"]
    assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"]) == (True, True, "/", "")
    assert cookie["samesite"] == "Lax"


def test_every_address_of_an_export_is_limited() -> None:
    names = {str(entry.name) for entry in urlpatterns}
    assert names >= EXPORTS
    likely = {
        name
        for name in names
        if re.search(r"csv|xlsx|json|ocsf|oscal|export|chain$|download|bundle|certificate$", name)
    }
    assert likely == EXPORTS


def test_a_person_who_sends_too_many_forms_must_wait(world: World, settings: Any) -> None:
    settings.SURETY_CHANGES_PER_MINUTE = 3
    cache.clear()
    client, colleague = Client(), Client()
    client.force_login(world.people["owner"])
    colleague.force_login(world.people["auditor"])
    with time_machine.travel(datetime(2030, 1, 1, 12, 0, 5, tzinfo=UTC), tick=False):
        client.force_login(world.people["owner"])
        codes = [client.post(reverse("notice-read")).status_code for _ in range(4)]
        assert 429 not in codes[:3]
        answer = client.post(reverse("notice-read"))
        assert (codes[3], answer.status_code, answer.headers["Retry-After"]) == (429, 429, "60")
        assert "3 forms per minute" in answer.content.decode()
        assert client.get("/my/").status_code == 200, "reading stays possible"
        colleague.force_login(world.people["auditor"])
        assert colleague.post(reverse("notice-read")).status_code != 429
    with time_machine.travel(datetime(2030, 1, 1, 12, 1, 5, tzinfo=UTC), tick=False):
        assert client.post(reverse("notice-read")).status_code != 429


def test_a_person_who_previews_too_many_rules_must_wait(world: World, settings: Any) -> None:
    settings.SURETY_CHANGES_PER_MINUTE = 2
    cache.clear()
    client = Client()
    address = reverse("watch-rule-add", args=[world.home.slug])
    with time_machine.travel(datetime(2030, 1, 1, 12, 0, 5, tzinfo=UTC), tick=False):
        client.force_login(world.people["organization_engineer"])
        given = {"name": "Rule", "severity": "low"}
        answers = [client.get(address, given, headers={"HX-Request": "true"}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert "2 rules per minute" in answers[2].content.decode()


def test_a_person_who_downloads_too_much_must_wait(world: World, settings: Any) -> None:
    settings.SURETY_EXPORTS_PER_MINUTE = 2
    cache.clear()
    client = Client()
    client.force_login(world.people["auditor"])
    address = reverse("findings-csv", args=[world.home.slug])
    codes = [client.get(address).status_code for _ in range(4)]
    assert 429 in codes
    assert codes[0] == 200


def test_a_person_who_downloads_too_many_attached_files_must_wait(world: World, settings: Any) -> None:
    """The journal records each download, so downloads without a limit would fill it."""
    settings.SURETY_CHANGES_PER_MINUTE = 2
    cache.clear()
    client = Client()
    address = reverse("evidence-file", args=[world.home.slug, uuid4()])
    with time_machine.travel(datetime(2030, 1, 1, 12, 0, 5, tzinfo=UTC), tick=False):
        client.force_login(world.people["owner"])
        answers = [client.get(address) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [404, 404, 429]
        assert "2 attached files per minute" in answers[2].content.decode()


def test_without_the_cache_requests_are_answered(
    world: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SURETY_CHANGES_PER_MINUTE = 1

    def away(*given: object, **more: object) -> None:
        raise RedisConnectionError("away")

    monkeypatch.setattr(cache, "add", away)
    client = Client()
    client.force_login(world.people["owner"])
    assert [client.post(reverse("notice-read")).status_code for _ in range(3)] == [302, 302, 302]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/accounts/login/",
        "/accounts/password/reset/",
        "/accounts/password/reset/key/1-x/",
        "/verify/",
        "/nowhere/",
        "/",
    ],
)
def test_caches_do_not_store_pages_for_people_who_are_not_signed_in(path: str) -> None:
    """These pages contain tokens of forms and of mailed links."""
    assert "no-store" in Client().get(path).headers["Cache-Control"]


@pytest.mark.slow(seconds=1)
def test_a_text_from_azure_does_not_reorder_the_words_of_a_page(world: World) -> None:
    """U+202E shows the text after it backwards. An approver must read the real text of an exception."""
    exception, finding = world.of(world.home)["exception"], world.of(world.home)["finding"]
    spoofed = "rg-\u202edorp\u2066"
    with factories.in_tenant(world.home):
        Finding.objects.filter(pk=finding.pk).update(subject_name=spoofed, reason=f"Open to {spoofed}")
    client = signed_in_client(world.people["approver"])
    for name, row in (("exception", exception), ("finding", finding)):
        page = client.get(reverse(name, args=[world.home.slug, row.pk])).content.decode()
        assert "rg-\ufffddorp\ufffd" in page, name
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", page), name
    export = client.get(reverse("findings-csv", args=[world.home.slug]))
    assert spoofed in b"".join(export).decode(), "files have the original text"


@pytest.mark.slow(seconds=1)
@override_settings(SURETY_LIMIT_EXPORTS=True)
def test_exports_that_run_at_the_same_time_are_limited(world: World) -> None:
    """Each export of a large customer occupies a thread of the web server for a minute."""
    address = reverse("findings-csv", args=[world.home.slug])
    auditor, engineer = (
        signed_in_client(world.people[role]) for role in ("auditor", "organization_engineer")
    )
    running = [auditor.get(address) for _ in range(MAX_EXPORTS_OF_PERSON)]
    assert [answer.status_code for answer in running] == [200] * MAX_EXPORTS_OF_PERSON
    refused = auditor.get(address)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert "Surety prepares at most 2 exports of one person at the same time" in " ".join(
        refused.content.decode().split()
    )
    assert auditor.get(reverse("findings-past", args=[world.home.slug])).status_code == 429
    assert auditor.get(reverse("findings", args=[world.home.slug])).status_code == 200
    other = engineer.get(address)
    assert other.status_code == 200
    for answer in (*running, other):
        b"".join(answer)
    assert auditor.get(reverse("findings-past", args=[world.home.slug])).status_code == 200
    after = auditor.get(address)
    assert after.status_code == 200
    b"".join(after)


def test_all_slots_of_exports_can_be_taken_and_are_released() -> None:
    slots, people = ExportSlots(), [uuid4() for _ in range(MAX_EXPORTS + 1)]
    taken = [slots.take(who) for who in people]
    assert [release is not None for release in taken] == [True] * MAX_EXPORTS + [False]
    assert taken[0] is not None
    taken[0]()
    assert slots.take(people[-1]) is not None
    assert slots.take(people[0]) is None
