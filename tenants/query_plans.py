"""Plans of queries on tables without statistics.

PostgreSQL collects statistics of a table up to a minute after the table has grown. Until then, PostgreSQL assumes that
a table of thousands of rows has one row. So it joins such tables in nested loops: for each row of one table, it reads
all rows of the other table.
"""

from collections.abc import Generator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def hashed_joins() -> Generator[None]:
    """While this context is open, let PostgreSQL join tables by hashes wherever it can. Use this for statements that
    read all findings of a tenant. A transaction must be open.
    """
    _set_others("off")
    yield
    # No `finally` is needed: after an error, the rollback of the transaction or savepoint restores the settings. So
    # callers must not catch the error before the rollback.
    _set_others(None)


def _set_others(value: str | None) -> None:
    """Set whether PostgreSQL may use other kinds of joins than hash joins, until the transaction ends. If `value` is
    None, the server's configuration applies again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('enable_nestloop', %s, true), set_config('enable_mergejoin', %s, true)",
            [value, value],
        )
