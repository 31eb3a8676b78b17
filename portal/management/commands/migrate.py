"""``manage.py migrate``: Django's command, changed so that it connects as the owner of the database by default. The
application's role cannot change tables.
"""

from __future__ import annotations

from django.core.management.base import CommandParser
from django.core.management.commands import migrate


class Command(migrate.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")
