"""Requests that the database does not finish in time get 503, change nothing and are not tried again. Requests that
cannot reach the database get 503 too.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, connections, transaction
from django.http import HttpRequest, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from structlog.testing import capture_logs

from assessments.models import Finding
from portal.http.database_limits import exceeded_limit, is_unreachable, set_time_limits
from portal.management.embedded_servers import unreachable_database
from portal.treatment.actions.owners.assign import claim as claim_action
from portal.treatment.models import TreatmentEvent
from portal.web.finding_detail.views import treatment
from tenants.locks import Lock
from tenants.middleware import ScopeMiddleware
from tenants.scope import tenant_scope
from tests.portal.api.conftest import client_with, token_for
from tests.portal.web.world import World


@pytest.fixture
def limited(world: World) -> Iterator[None]:
    """Set short time limits on the connection of this test, as web processes do on their connections."""
    set_time_limits(connection, statement=1, lock=0.2, idle=0)
    yield
    if not connection.needs_rollback:
        set_time_limits(connection, statement=0, lock=0, idle=0)


@contextmanager
def another_connection() -> Iterator[psycopg.Connection[Any]]:
    """Another connection, with a transaction of the tables' owner. A migration or an operator could have opened it."""
    parameters = connections["owner"].get_connection_params()
    with psycopg.connect(**{**parameters, "dbname": connection.settings_dict["NAME"]}) as own:
        yield own
        own.rollback()


def claim(world: World, client: Client) -> Any:
    finding = world.of(world.home)["finding"]
    return client.post(reverse("finding-claim", args=[world.home.slug, finding.pk]))


def events(world: World) -> int:
    with tenant_scope(world.home.pk):
        return TreatmentEvent.objects.count()


@pytest.fixture
def client(world: World) -> Client:
    """A signed-in client that shows error pages instead of raising the error."""
    made = Client(raise_request_exception=False)
    made.force_login(world.people["organization_engineer"])
    return made


@pytest.mark.usefixtures("limited")
def test_a_lock_of_another_program_ends_the_request_with_503(world: World, client: Client) -> None:
    """A worker holds the lock of the customer's treatments, and does not release it."""
    before = events(world)
    with another_connection() as worker:
        key = [Lock.TREATMENTS.key(world.home.pk), Lock.TREATMENTS.seed]
        worker.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", key)
        with capture_logs() as lines:
            answer = claim(world, client)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    page = answer.content.decode()
    assert "The database did not answer in time" in page
    assert "undid its changes" in page
    assert "no-store" in answer.headers["Cache-Control"]
    told = [line for line in lines if line["event"] == "database_limit_exceeded"]
    assert [(line["limit"], line["view"]) for line in told] == [("lock_timeout", "finding-claim")]
    assert events(world) == before
    assert claim(world, client).status_code in (200, 302), "the connection can be used again"
    assert events(world) > before


@pytest.mark.usefixtures("limited")
def test_a_slow_statement_undoes_the_action_and_runs_once(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = []

    def slow(**given: Any) -> None:
        runs.append(given)
        claim_action(**given)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(20)")

    monkeypatch.setattr(treatment, "claim_action", slow)
    before = events(world)
    answer = claim(world, client)
    assert (answer.status_code, len(runs)) == (503, 1)
    assert events(world) == before


@pytest.mark.slow(seconds=1)
@pytest.mark.usefixtures("limited")
def test_no_message_says_that_the_undone_change_was_made(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*given: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(20)")

    # The view calls `return_url` after it has added its message to the session. Sessions are not saved after a 503.
    monkeypatch.setattr(treatment, "return_url", slow)
    assert claim(world, client).status_code == 503
    assert "Assigned to you." not in client.get("/controls/").content.decode()
    monkeypatch.undo()
    assert claim(world, client).status_code == 302
    assert "Assigned to you." in client.get("/controls/").content.decode()


@pytest.mark.usefixtures("limited")
def test_the_api_answers_with_a_problem(world: World) -> None:
    program = client_with(token_for(world.people["organization_engineer"], world.organization))
    program.raise_request_exception = False
    with another_connection() as migration:
        migration.execute("SET lock_timeout = '5s'")
        migration.execute("LOCK TABLE reports_report IN ACCESS EXCLUSIVE MODE")
        answer = program.get(f"/api/v1/customers/{world.home.slug}/reports")
    assert answer.status_code == 503, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Retry-After"] == "60"
    found = answer.json()
    assert (found["code"], found["status"]) == ("database_busy", 503)
    assert "then send the request again" in found["detail"]
    assert program.get(f"/api/v1/customers/{world.home.slug}/reports").status_code == 200


@pytest.mark.usefixtures("limited")
@pytest.mark.parametrize("path", ["/api/v1/customers", "/oauth/token", "/"])
def test_a_limit_that_middleware_exceeds_gives_the_same_answers(
    path: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Middleware reads sessions, tokens and policies, so the error occurs before any view runs."""

    def slow(*given: object) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(20)")

    monkeypatch.setattr("portal.api.middleware.is_of_program", slow)
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    text = answer.content.decode()
    if path == "/":
        assert "The database did not answer in time" in text
    else:
        found = answer.json()
        assert found.get("code") == "database_busy" or found["error"] == "temporarily_unavailable"


def test_an_unexpected_error_of_the_api_is_a_problem_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = client_with(token_for(world.people["organization_engineer"], world.organization))
    program.raise_request_exception = False

    def broken(*given: object, **more: object) -> None:
        raise RuntimeError("inside")

    monkeypatch.setattr("portal.api.middleware.count_request", broken)
    answer = program.get("/api/v1/customers")
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert answer.json()["code"] == "server_error"
    assert b"inside" not in answer.content


def test_a_slow_download_is_not_cut(world: World) -> None:
    """A slow client reads a file for minutes. Meanwhile, its transaction is idle, but must not be ended."""
    person = world.people["organization_engineer"]

    def view(request: HttpRequest) -> StreamingHttpResponse:
        def content() -> Iterator[bytes]:
            for _ in range(2):
                yield b"part"
                time.sleep(0.7)
            yield str(Finding.objects.exists()).encode()

        return StreamingHttpResponse(content())

    request = RequestFactory().get("/")
    request.user = person
    set_time_limits(connection, statement=0, lock=0, idle=0.3)
    try:
        assert b"".join(ScopeMiddleware(view)(request)) == b"partpartTrue"
    finally:
        set_time_limits(connection, statement=0, lock=0, idle=0)


def cause_of(statement: str) -> str:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except OperationalError as error:
        return exceeded_limit(error)
    return "no error"


@pytest.mark.usefixtures("limited")
def test_only_the_limits_are_recognized() -> None:
    assert cause_of("SELECT pg_sleep(20)") == "statement_timeout"
    assert exceeded_limit(OperationalError("server closed the connection")) == ""
    assert exceeded_limit(RuntimeError()) == ""
    assert exceeded_limit(None) == ""


def unreachable() -> OperationalError:
    """The error of Django if nothing listens at the address of the database."""
    error = OperationalError("connection refused")
    with pytest.raises(psycopg.OperationalError) as raised:
        psycopg.connect("postgresql://surety_app@127.0.0.1:1/surety", connect_timeout=5)
    error.__cause__ = raised.value
    return error


@pytest.mark.parametrize("path", ["/api/v1/customers", "/oauth/token", "/"])
def test_a_database_that_cannot_be_reached_gives_503(
    path: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = unreachable()

    def fail(*given: object) -> None:
        raise error

    monkeypatch.setattr("portal.api.middleware.is_of_program", fail)
    with capture_logs() as lines:
        answer = client.get(path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "cannot reach its database" in answer.content.decode()
    assert "database_unreachable" in [line["event"] for line in lines]


def test_a_terminated_connection_is_unreachable_and_a_failed_statement_is_not() -> None:
    parameters = connections["owner"].get_connection_params() | {"dbname": connection.settings_dict["NAME"]}
    with psycopg.connect(**parameters) as ended:
        with psycopg.connect(**parameters) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [ended.info.backend_pid])
        error = OperationalError()
        with pytest.raises(psycopg.OperationalError) as raised:
            ended.execute("SELECT 1")
    error.__cause__ = raised.value
    assert is_unreachable(error)
    error.__cause__ = psycopg.errors.QueryCanceled()
    assert not is_unreachable(error)
    assert not is_unreachable(RuntimeError())


def test_commands_say_which_setting_to_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://surety_app@127.0.0.1:1/surety")
    assert unreachable_database(unreachable()).startswith("Could not reach the database. Check DATABASE_URL,")
    monkeypatch.delenv("DATABASE_URL")
    assert "manage.py services start" in unreachable_database(unreachable())
    assert unreachable_database(RuntimeError()) == ""
