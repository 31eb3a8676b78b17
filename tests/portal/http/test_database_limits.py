"""Only web processes limit the time of their statements, locks and open transactions."""

from __future__ import annotations

import time
from typing import Any

import psycopg
import pytest
from django.contrib.auth.hashers import ScryptPasswordHasher
from django.db import connections

from tests import factories
from tests.factories.people import PASSWORD
from tests.fresh import MANAGE, run_fresh
from tests.portal.http.server import environment, serving

EMAIL = "somebody@database-limits.example"
SHOW = (
    'from django.db import connection; cursor = connection.cursor().__enter__(); cursor.execute("SELECT'
    " current_setting('statement_timeout'), current_setting('lock_timeout'),"
    " current_setting('idle_in_transaction_session_timeout')\"); print('limits', *cursor.fetchone())"
)


def limits(home: Any, broker: str, first: str, **given: str) -> str:
    done = run_fresh(
        MANAGE, ["shell", "--no-imports", "-c", f"{first}{SHOW}"], environment(home, broker, **given)
    )
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("limits ")]
    return line


@pytest.mark.slow(seconds=5)
@pytest.mark.usefixtures("committed")
def test_only_a_web_process_has_limits(tmp_path: Any, broker: str) -> None:
    web = "import portal.wsgi; "
    assert limits(tmp_path, broker, web) == "limits 1min 30s 5min"
    given = {"SURETY_WEB_STATEMENT_SECONDS": "90", "SURETY_WEB_LOCK_SECONDS": "0"}
    assert limits(tmp_path, broker, web, **given) == "limits 90s 0 5min"
    assert limits(tmp_path, broker, "") == "limits 0 0 0"
    assert limits(tmp_path, broker, "import portal.celery; ") == "limits 0 0 0"


@pytest.mark.slow(seconds=10)
@pytest.mark.usefixtures("committed")
def test_a_locked_table_frees_the_threads_of_the_web_server(tmp_path: Any, broker: str) -> None:
    person = factories.person(EMAIL)
    # The server uses the product's settings, which lack the tests' fast password hash.
    person.password = ScryptPasswordHasher().encode(PASSWORD, "salt")
    person.save()
    parameters = connections["owner"].get_connection_params()
    with serving(tmp_path, broker, SURETY_WEB_LOCK_SECONDS="1") as server:
        assert server.sign_in(EMAIL, PASSWORD).status == 302
        with psycopg.connect(**parameters) as migration:
            migration.execute("LOCK TABLE tenants_membership IN ACCESS EXCLUSIVE MODE")
            started = time.monotonic()
            answer = server.request("GET", "/")
            assert time.monotonic() - started < 10
            assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
            assert "The database did not answer in time" in answer.body
            migration.rollback()
        assert server.request("GET", "/").status == 200
        assert b"database_limit_exceeded" in server.log.read_bytes()
