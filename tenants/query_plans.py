"""Plans of queries on tables without statistics.

PostgreSQL collects statistics of a table up to a minute after it has grown. Until then, it takes tables of thousands of
rows for tables with one row, and joins them in nested loops: it reads all rows of one table for each row of the other.
"""

from collections.abc import Generator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def hashed_joins() -> Generator[None]:
    """Let PostgreSQL join tables by hashes or in order while this context is open, and not in nested loops, unless no
    other join is possible. Use it for statements that read all findings of a tenant. A transaction must be open.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
    yield
    # An error ends the transaction or its savepoint, and then the setting has its former value without this statement.
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")
