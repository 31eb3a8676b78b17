"""`surety login`, `logout` and `whoami`: store or delete the token or client secret that all commands use, and show
whose it is.
"""

from __future__ import annotations

import getpass
import os
import sys
from argparse import Namespace
from pathlib import Path

from surety_cli import settings
from surety_cli.arguments import Commands, add_connection, add_format
from surety_cli.connection import client_for, send
from surety_cli.exits import Exit, UsageFailure
from surety_cli.output.json_array import write_object
from surety_cli.output.table import write_table
from surety_cli.settings import Login
from surety_cli.text import visible
from surety_client.api.token import get_token
from surety_client.models import Token


def register(commands: Commands) -> None:
    """Add the commands `login`, `logout` and `whoami` with their arguments."""
    parser = commands.add_parser("login", help="store the address of Surety and a token or client secret")
    add_connection(parser)
    parser.add_argument(
        "--client-id",
        metavar="ID",
        help="client id of a service account; the command then asks for its client secret, or reads it from"
        " SURETY_CLIENT_SECRET or standard input",
    )
    parser.set_defaults(run=login)
    parser = commands.add_parser("logout", help="delete the stored token or client secret from this computer")
    parser.set_defaults(run=logout)
    parser = commands.add_parser("whoami", help="show the person and the rights of the token")
    add_connection(parser)
    add_format(parser, "table", "json")
    parser.set_defaults(run=whoami)


def login(arguments: Namespace) -> Exit:
    """Check the token or client secret with the server, then store it with the server's URL."""
    given = arguments.server or os.environ.get(settings.SERVER)
    if not given:
        if not sys.stdin.isatty():
            raise UsageFailure(f"Enter the address of Surety with --server, or set {settings.SERVER}.")
        given = input("Address of Surety: ")
    server = settings.server_address(given)
    ca_file = arguments.ca_file or os.environ.get(settings.CA_FILE, "")
    authority = str(Path(ca_file).resolve()) if ca_file else ""
    if arguments.client_id is None:
        chosen = Login(server, _token(), authority)
    else:
        client = settings.checked_client(arguments.client_id, _client_secret())
        chosen = Login(server, "", authority, *client)
    found, _ = send(lambda: get_token.sync_detailed(client=client_for(chosen)))
    settings.store(chosen)
    if chosen.token:
        print(f"Signed in to {server} as {visible(found.email)}. {_end(found)}")
    else:
        print(
            f"Signed in to {server} as {visible(found.person)}, with the client secret “{visible(found.name)}”."
            " Commands request access tokens automatically."
        )
    return Exit.OK


def logout(arguments: Namespace) -> Exit:
    """Delete the stored token or client secret. The token or secret stays valid until it is revoked or expires."""
    if settings.forget():
        print(
            "The sign-in is deleted from this computer. The token or client secret is still valid. Revoke a token on"
            " the page API tokens, and a client secret on the page of its service account."
        )
    else:
        print("No sign-in is stored.")
    return Exit.OK


def whoami(arguments: Namespace) -> Exit:
    """Show the server, and the token with its person, its rights and its end."""
    chosen = settings.chosen(arguments.server, arguments.ca_file)
    found, content = send(lambda: get_token.sync_detailed(client=client_for(chosen)))
    if arguments.format == "json":
        write_object(content)
        return Exit.OK
    rows = [
        ("Server", chosen.server),
        ("Person", f"{found.person} ({found.email})"),
        ("Token", found.name),
        ("Rights", ", ".join(one.value for one in found.capabilities)),
        ("Ends", f"{found.expires_at:%Y-%m-%d %H:%M %Z}"),
    ]
    write_table(("Field", "Value"), rows)
    return Exit.OK


def _token() -> str:
    """Return the token from the environment, a prompt that does not echo it, or standard input."""
    text = os.environ.get(settings.TOKEN, "")
    if not text and sys.stdin.isatty():
        text = getpass.getpass("Token (from Account, API tokens): ")
    elif not text:
        text = sys.stdin.readline()
    token = settings.checked_token(text)
    if not token:
        raise UsageFailure(f"Enter a token, or set {settings.TOKEN}.")
    return token


def _client_secret() -> str:
    """Return the client secret from the environment, a prompt that does not echo it, or standard input."""
    text = os.environ.get(settings.CLIENT_SECRET, "")
    if not text and sys.stdin.isatty():
        text = getpass.getpass("Client secret: ")
    elif not text:
        text = sys.stdin.readline()
    if not text.strip():
        raise UsageFailure(f"Enter a client secret, or set {settings.CLIENT_SECRET}.")
    return text


def _end(found: Token) -> str:
    return f"The token “{visible(found.name)}” expires on {found.expires_at:%Y-%m-%d}."
