"""A reused connection, persistent or pooled, does not keep the previous scope, even after an error."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.db.backends.postgresql.base import DatabaseWrapper
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from tenants.middleware import ScopeMiddleware
from tenants.models import Directory, Person
from tenants.roles import Role
from tenants.scope import current_or_none, person_scope, tenant_scope
from tests import factories
from tests.isolation.raw_sql import sql

pytestmark = pytest.mark.django_db(transaction=True)
SETTINGS = ("tenants", "organizations", "person", "invitation")


@pytest.fixture
def directory() -> Directory:
    return factories.directory()


def assert_no_scope() -> None:
    """Assert that no scope is set on this thread's connection, and that no row of a tenant is visible on it."""
    assert current_or_none() is None
    for name in SETTINGS:
        assert sql(f"SELECT current_setting('surety.{name}', true)")[0][0] in (None, "")
    for table in ("tenants_directory", "tenants_membership", "tenants_journalentry"):
        assert sql(f"SELECT count(*) FROM {table}") == [(0,)]


def backend() -> int:
    return int(sql("SELECT pg_backend_pid()")[0][0])


@contextmanager
def pooled() -> Iterator[DatabaseWrapper]:
    """Let `default` in this thread use a pool that has only one connection."""
    settings = deepcopy(connections["default"].settings_dict)
    settings["CONN_MAX_AGE"] = 0
    settings["OPTIONS"] = {**settings["OPTIONS"], "pool": {"min_size": 1, "max_size": 1, "timeout": 5}}
    before, wrapper = connections["default"], DatabaseWrapper(settings, "default")
    connections["default"] = wrapper
    try:
        yield wrapper
    finally:
        wrapper.close()
        wrapper.close_pool()
        connections["default"] = before


def in_thread(work: Callable[[], None]) -> None:
    """Run the work in another thread. If it fails there, fail the test."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


def test_a_pooled_connection_leaks_no_scope_to_its_next_user(directory: Directory) -> None:
    with pooled() as wrapper:
        with tenant_scope(directory.tenant_id):
            first = backend()
            assert sql("SELECT count(*) FROM tenants_directory") == [(1,)]
        wrapper.close()  # Return the connection to the pool, as Django does after each request.
        assert backend() == first
        assert_no_scope()


def fail_in_scope(directory: Directory, error: type[BaseException]) -> None:
    with tenant_scope(directory.tenant_id):
        sql("UPDATE tenants_directory SET name = 'changed'")
        raise error


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_a_pooled_connection_leaks_no_scope_after_an_exception(
    directory: Directory, error: type[BaseException]
) -> None:
    """A request ends with SystemExit if Gunicorn stops its worker, and with KeyboardInterrupt after Ctrl-C."""
    with pooled() as wrapper:
        first = backend()
        with pytest.raises(error):
            fail_in_scope(directory, error)
        wrapper.close()
        assert backend() == first
        assert_no_scope()
        with tenant_scope(directory.tenant_id):
            assert sql("SELECT name FROM tenants_directory") == [("Directory",)]


def test_a_cancelled_statement_ends_the_scope(directory: Directory) -> None:
    """The statement is cancelled from another connection, as an operator would cancel it."""
    pid = backend()

    def cancel() -> None:
        for _ in range(500):
            if sql(
                "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = %s AND query LIKE %s",
                pid,
                "%pg_sleep(%",
            ):
                return

    waiting = threading.Thread(target=lambda: in_thread(cancel))
    waiting.start()
    with pytest.raises(DatabaseError, match="cancel"), tenant_scope(directory.tenant_id):
        sql("SELECT pg_sleep(10)")
    waiting.join()
    assert backend() == pid
    assert_no_scope()


def test_a_lost_connection_leaves_no_scope_to_its_successor(directory: Directory) -> None:
    pid = backend()

    def lose() -> None:
        with tenant_scope(directory.tenant_id):
            in_thread(lambda: sql("SELECT pg_terminate_backend(%s)", pid) and None)
            sql("SELECT 1")

    with pytest.raises(DatabaseError):
        lose()
    connection.close()
    assert backend() != pid
    assert_no_scope()


def asked(person: Person) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = person
    return request


def test_an_abandoned_stream_ends_its_scope(directory: Directory) -> None:
    """The client closes the connection after the first part of a file."""
    person = factories.member(Role.AUDITOR, directory.tenant)

    def parts(request: HttpRequest) -> StreamingHttpResponse:
        def content() -> Iterator[bytes]:
            for number in range(3):
                yield f"{number} {sql('SELECT count(*) FROM tenants_directory')[0][0]}".encode()

        return StreamingHttpResponse(content())

    response: Any = ScopeMiddleware(parts)(asked(person))
    assert next(iter(response)) == b"0 1"
    response.close()
    assert_no_scope()


@pytest.mark.parametrize("error", [ZeroDivisionError, SystemExit, GeneratorExit])
def test_a_request_that_ends_in_an_exception_ends_its_scope(
    directory: Directory, error: type[BaseException]
) -> None:
    person = factories.member(Role.TENANT_ADMINISTRATOR, directory.tenant)

    def view(request: HttpRequest) -> HttpResponse:
        sql("UPDATE tenants_directory SET name = 'changed'")
        raise error

    with pytest.raises(error):
        ScopeMiddleware(view)(asked(person))
    assert_no_scope()
    with tenant_scope(directory.tenant_id):
        assert sql("SELECT name FROM tenants_directory") == [("Directory",)]


def test_threads_have_their_own_scope(directory: Directory) -> None:
    """While a scope is open in this thread, a thread with a pooled connection sees only the rows of its own scope."""
    other = factories.member(Role.OWNER, factories.tenant())
    seen: list[int] = []

    def work() -> None:
        with pooled() as wrapper:
            with person_scope(other):
                seen.append(int(sql("SELECT count(*) FROM tenants_directory")[0][0]))
            wrapper.close()
            assert_no_scope()

    with tenant_scope(directory.tenant_id):
        assert sql("SELECT count(*) FROM tenants_directory") == [(1,)]
        in_thread(work)
        with transaction.atomic():
            assert sql("SELECT count(*) FROM tenants_directory") == [(1,)]
    assert seen == [0]
    assert_no_scope()
