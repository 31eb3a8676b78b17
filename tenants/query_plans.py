"""Plans of queries on tables without statistics.

PostgreSQL collects statistics of a table up to a minute after it has grown. Until then, it takes tables of thousands of
rows for tables with one row, and joins them in nested loops: it reads all rows of one table for each row of the other.
"""

from collections.abc import Generator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def hashed_joins() -> Generator[None]:
    """Let PostgreSQL join tables by hashes while this context is open, unless no such join is possible. Use it for
    statements that read all findings of a tenant. A transaction must be open.
    """
    _set_others("off")
    yield
    # After an error that ends the transaction or rolls it back to a savepoint, the settings have their former values
    # again. So do not catch an error inside of the transaction or savepoint in which this context was opened.
    _set_others(None)


def _set_others(value: str | None) -> None:
    """Set whether PostgreSQL may use other kinds of joins, until the transaction ends. None means as the server's
    configuration says.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('enable_nestloop', %s, true), set_config('enable_mergejoin', %s, true)",
            [value, value],
        )
