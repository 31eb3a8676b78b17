"""`python -m sandbox act ESTATE ...`: change the estate of a running sandbox in the name of a person or application.

The command changes the estate file, and adds a log entry to the same file: to the activity log for an ARM object, to
the audit log for an object of the directory. Then the command makes the sandbox read its estate files again. If the
sandbox refuses the changed file, the command restores the former file. If the sandbox is not running, the command
changes nothing. In both cases, the exit status is 2.
"""

from __future__ import annotations

import argparse
import json
import os
import ssl
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from sandbox.acting import documents as acting
from sandbox.acting.documents import ActError, Actor, Estate, Occasion, Operation
from sandbox.arguments import positive

_TIMEOUT_SECONDS = 30


def main(argv: list[str]) -> int:
    """Run the command, and print what it did as one line of JSON."""
    arguments = _parser().parse_args(argv)
    try:
        operation = _act(arguments)
    except (ActError, OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"sandbox: {error}\n")
        return 2
    sys.stdout.write(json.dumps({"operation": operation.action, "resourceId": operation.target}) + "\n")
    return 0


def _act(arguments: argparse.Namespace) -> Operation:
    actor = Actor(
        user="" if arguments.no_caller else arguments.application or arguments.user,
        name=arguments.name,
        is_application=bool(arguments.application),
        address=arguments.address,
    )
    occasion = Occasion(
        at=arguments.at or datetime.now(UTC),
        delay=timedelta(seconds=arguments.delay),
        correlation_id=arguments.correlation_id,
    )
    ca = (arguments.state or Path(os.environ.get("SURETY_HOME") or ".surety")) / "sandbox" / "ca.pem"
    reload = partial(_reload, arguments.url, ca)
    # Reload once before the change. If the sandbox is not running, this raises ActError, and the estate file stays
    # unchanged.
    reload()
    before = arguments.estate.read_text(encoding="utf-8")
    after, operation = acting.act(before, _change(arguments), actor, occasion, arguments.times)
    _replace(arguments.estate, after)
    try:
        reload()
    except ActError:
        _replace(arguments.estate, before)
        raise
    return operation


def _change(arguments: argparse.Namespace) -> Callable[[Estate], Operation]:
    match arguments.what:
        case "open-port":
            return lambda estate: acting.open_port(estate, arguments.id, arguments.port)
        case "set":
            return lambda estate: acting.set_property(estate, arguments.id, arguments.assignment)
        case "switch-off":
            return lambda estate: acting.switch_off(estate, arguments.id)
        case "assign-role":
            return lambda estate: acting.assign_role(
                estate, arguments.id, arguments.role, arguments.principal
            )
        case "delete":
            return lambda estate: acting.delete(estate, arguments.id)
        case _:
            return lambda estate: acting.touch(estate, arguments.id)


def _replace(path: Path, text: str) -> None:
    partial_file = path.with_suffix(".part")
    partial_file.write_text(text, encoding="utf-8")
    partial_file.replace(path)


def _reload(url: str, ca: Path) -> None:
    address = urlsplit(url)
    context = ssl.create_default_context(cafile=ca)
    connection = HTTPSConnection(
        address.hostname or "", address.port, timeout=_TIMEOUT_SECONDS, context=context
    )
    try:
        connection.request("POST", "/_sandbox/reload")
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
    except (OSError, HTTPException) as error:
        raise ActError(f"the sandbox does not answer at {url}: {error}. Start it, or give --url") from None
    finally:
        connection.close()
    if answer.status != HTTPStatus.NO_CONTENT:
        raise ActError(f"the sandbox refused the changed estate file: {text}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m sandbox act",
        description="Change the estate of a running sandbox as a person or application, and record the change in the"
        " activity log or the directory's audit log.",
    )
    parser.add_argument("estate", type=Path, metavar="ESTATE", help="the estate file that the sandbox serves")
    parser.add_argument("--url", default="https://localhost:8443", help="the sandbox (default %(default)s)")
    parser.add_argument(
        "--state",
        type=Path,
        metavar="DIR",
        help="folder with the CA's files (default $SURETY_HOME or .surety)",
    )
    parser.add_argument(
        "--user", default="robin.hale@contractor.example", help="user name (default %(default)s)"
    )
    parser.add_argument("--name", default="Robin Hale", help="display name (default %(default)s)")
    parser.add_argument(
        "--application", metavar="GUID", default="", help="act as an application: its object id"
    )
    parser.add_argument("--no-caller", action="store_true", help="leave the caller out of the event")
    parser.add_argument(
        "--address", default="203.0.113.24", help="address of the caller (default %(default)s)"
    )
    parser.add_argument("--at", type=_moment, metavar="TIME", help="when it happens, ISO 8601 (default now)")
    parser.add_argument(
        "--delay",
        type=float,
        default=0,
        metavar="SECONDS",
        help="how much later the activity log shows the event (Azure: up to 20 minutes)",
    )
    parser.add_argument("--correlation-id", default="", metavar="GUID", help="default: a new one")
    parser.add_argument(
        "--times", type=positive, default=1, metavar="N", help="record the operation N times (default 1)"
    )
    acts = parser.add_subparsers(dest="what", required=True, metavar="ACT")

    def add(name: str, text: str, identifier: str = "ID") -> argparse.ArgumentParser:
        command = acts.add_parser(name, help=text, description=text)
        command.add_argument(
            "id",
            metavar=identifier,
            help="the ARM id, in any letter case. For set, also the path of an object of the directory,"
            " such as users/GUID",
        )
        return command

    add(
        "open-port", "Allow connections from the Internet to a port, in a network security group."
    ).add_argument("--port", default="*", help="a port, a range, or * for all (default)")
    add("set", "Set a property of an object.").add_argument(
        "assignment",
        metavar="PATH=VALUE",
        help="for example properties.minimumTlsVersion=TLS1_0; VALUE may be JSON",
    )
    add("switch-off", "Disable all logs and metrics of a diagnostic setting.")
    role = add("assign-role", "Assign a role at a subscription, resource group or resource.", "SCOPE")
    role.add_argument("--role", default="Owner", help="name of a common role, or GUID (default %(default)s)")
    role.add_argument("--principal", required=True, metavar="GUID", help="object id of a user")
    add(
        "delete",
        "Delete an object and everything below it. The object can be a resource, a lock, a setting or a"
        " security rule.",
    )
    add("touch", "Write an object without changing it.")
    return parser


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"has no time zone, use for example {text}Z")
    return moment
