"""Serve an estate file over HTTPS by starting the sandbox as a separate program."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class UnusableEstate(Exception):
    """The sandbox refused an estate file. The sandbox has written the file's name, the line and the reason to standard
    error.
    """


@dataclass(frozen=True, slots=True)
class Principal:
    """A client (application) in a directory of the estate file. `subscriptions` are the lower-case GUIDs of the
    subscriptions that the client may read.
    """

    directory_id: str
    client_id: str
    secret: str
    subscriptions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Served:
    """A running sandbox, with its URL, the path of the certificate of its certificate authority, the GUIDs of its
    subscriptions, and the service principals that can sign in.
    """

    url: str
    ca: str
    subscriptions: tuple[str, ...]
    principals: tuple[Principal, ...]


def start(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start the sandbox as a separate program with these arguments, and with pipes to its standard input and output."""
    return subprocess.Popen(
        [sys.executable, "-m", "sandbox", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


@contextmanager
def serve(estate: Path, options: Sequence[str] = ()) -> Iterator[Served]:
    """Serve an estate file with the sandbox until the `with` block ends. Raise UnusableEstate if the sandbox refuses
    the file."""
    with tempfile.TemporaryDirectory(prefix="surety-estate-") as state:
        file = str(estate.resolve())
        process = start(
            ["serve", file, "--port", "0", "--until-eof", "--no-throttle", "--state", state, *options]
        )
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            if not ready:
                raise UnusableEstate
            yield _served(json.loads(ready))
        finally:
            _end(process)


def _served(ready: Mapping[str, Any]) -> Served:
    principals = [
        Principal(
            directory_id=directory["tenantId"],
            client_id=client["clientId"],
            secret=client["secret"] or "",
            subscriptions=frozenset(subscription.casefold() for subscription in client["subscriptions"]),
        )
        for directory in ready["directories"]
        for client in directory["clients"]
    ]
    subscriptions = sorted(subscription.casefold() for subscription in ready["subscriptions"])
    return Served(ready["url"], ready["ca"], tuple(subscriptions), tuple(principals))


def _end(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
