"""`surety customers`: the customers to which the token gives access."""

from __future__ import annotations

from argparse import Namespace

from surety_cli import settings
from surety_cli.arguments import Commands, add_connection, add_format
from surety_cli.connection import PAGE, client_for, pages
from surety_cli.exits import Exit
from surety_cli.output.json_array import write_array
from surety_cli.output.table import write_table
from surety_client.api.customers import list_customers
from surety_client.models import Customer


def register(commands: Commands) -> None:
    """Add the command `customers` with its arguments."""
    parser = commands.add_parser("customers", help="list the customers that the token can read")
    add_connection(parser)
    add_format(parser, "table", "json")
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> Exit:
    """List customers."""
    client = client_for(settings.chosen(arguments.server, arguments.ca_file))
    listed = pages(
        lambda cursor: list_customers.sync_detailed(client=client, cursor=cursor, limit=PAGE), Customer
    )
    if arguments.format == "json":
        write_array(one for _, content in listed for one in content)
        return Exit.OK
    write_table(
        ("Short name", "Name", "Labels", "Archived"),
        (
            (
                one.short_name,
                one.name,
                ", ".join(one.labels),
                f"{one.archived_at:%Y-%m-%d}" if one.archived_at else "",
            )
            for items, _ in listed
            for one in items
        ),
    )
    return Exit.OK
