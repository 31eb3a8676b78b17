"""If the database refuses a value, its unit fails and its error names the kind of value. Other units go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import DataError, OperationalError, connection, transaction
from structlog.testing import capture_logs

from assessments.actions.units.unstorable import not_storable
from tests.assessments.actions.unit_leases import FIRST, SCOPE
from tests.assessments.collect.azure import DIRECTORY, directory, guid, subscription
from tests.assessments.sandboxed_customer import Customer
from tests.databases import owner_sql

OTHER = guid(7)


@contextmanager
def refused_by_the_database(table: str, sqlstate: str, condition: str) -> Iterator[None]:
    """Let the database refuse the rows of the table that meet the condition, with the error `sqlstate`."""
    name = f"refuse_{uuid4().hex}"
    owner_sql(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" RAISE EXCEPTION 'a secret value' USING ERRCODE = '{sqlstate}'; END $$;"
        f" CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW WHEN ({condition})"
        f" EXECUTE FUNCTION {name}()"
    )
    try:
        yield
    finally:
        owner_sql(f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}()")


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize(
    ("sqlstate", "kind"),
    [
        ("22003", "a number that is too large or too small"),
        ("54000", "a value that is too large"),
    ],
)
def test_unit_fails_with_the_kind_of_value(customer: Customer, sqlstate: str, kind: str) -> None:
    customer.azure_is([directory(), *subscription(FIRST), *subscription(OTHER)])
    with (
        refused_by_the_database("assessments_resource", sqlstate, f"NEW.unit = '{SCOPE}'"),
        capture_logs() as logs,
    ):
        assessment = customer.assess()
    units = customer.units(assessment)
    failed = units.pop(SCOPE)
    assert (failed.state, failed.error_code, failed.attempt) == ("failed", "value_not_storable", 1)
    assert kind in failed.error
    assert "Report this" in failed.error
    assert "secret" not in failed.error
    assert {scope: unit.state for scope, unit in units.items()} == {
        f"directory:{DIRECTORY}": "done",
        f"/subscriptions/{OTHER}": "done",
    }
    rows = [row for row in customer.findings(unit=SCOPE).values() if row.outcome != "manual"]
    assert {(row.outcome, row.unknown_because) for row in rows} == {("unknown", "not_collected")}
    assert "pass" in {row.outcome for row in customer.findings(unit=f"/subscriptions/{OTHER}").values()}
    (line,) = [line for line in logs if line["event"] == "results cannot be stored"]
    assert (line["unit"], line["sqlstate"], line["log_level"]) == (str(failed.pk), sqlstate, "error")
    assert line["place"].startswith("inventory.py:")
    assert "secret" not in repr(line)


def test_kinds_of_values(db: None) -> None:
    for statement, value, kind in (
        ("SELECT %s::text", "x\0y", "a character that the database cannot contain, such as NUL"),
        ("SELECT %s::text", "\ud800", "a character that the database cannot contain, such as NUL"),
        ("SELECT %s::jsonb", '"\\u0000"', "a character that the database cannot contain"),
        ("SELECT %s::int2", "70000", "a number that is too large"),
        ("SELECT %s::timestamptz", "2026-02-31", "a date or time outside"),
        ("SELECT %s::uuid", "nothing", "a text that is not a number, an ID or JSON"),
    ):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement, [value])
        except (DataError, UnicodeEncodeError) as error:
            found = not_storable(error)
            assert found is not None, statement
            assert kind in found.message, statement
        else:
            pytest.fail(f"{statement} accepts {value!r}")


def test_other_errors_say_nothing_about_a_value(db: None) -> None:
    with pytest.raises(OperationalError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 1; SELECT pg_sleep(5)")
    assert not_storable(caught.value) is None
