"""`python -m sandbox serve ESTATE...`: read estate files and serve them over HTTPS.

When the server is ready, it prints one line of JSON on standard output: `url`, `ca` (the CA's file), `directories`
with their clients, and `subscriptions`. Messages for people go to standard error. The exit status is 2 for an invalid
estate file or option.
"""

import argparse
import asyncio
import errno
import json
import os
import signal
import socket
import ssl
import sys
import threading
from pathlib import Path

from aiohttp import web

from sandbox.arguments import positive
from sandbox.estate import EstateError
from sandbox.http.faults import FaultError, parse_faults
from sandbox.http.server import Options, Sandbox
from sandbox.http.tls import server_context
from sandbox.stores.registry import Registry, load


def main(argv: list[str]) -> int:
    """Serve until SIGTERM, SIGINT or, with --until-eof, the end of standard input. Return the exit status."""
    arguments = _parser().parse_args(argv)
    try:
        options = Options(
            page_size=arguments.page_size,
            latency_ms=arguments.latency_ms,
            seed=arguments.seed,
            throttle=not arguments.no_throttle,
            token_lifetime=arguments.token_lifetime,
            faults=parse_faults(arguments.fault),
        )
        registry = load(arguments.estate)
    except (EstateError, FaultError) as error:
        log(str(error))
        return 2
    state = arguments.state or Path(os.environ.get("SURETY_HOME") or ".surety")
    try:
        context, ca = server_context(state)
        sockets = _listen(arguments.host, arguments.port)
    except OSError as error:
        advice = " Choose another port with --port." if error.errno == errno.EADDRINUSE else ""
        log(f"sandbox: could not start the server: {error}.{advice}")
        return 2
    for warning in registry.warnings:
        log(f"sandbox: warning: {warning}")
    sandbox = Sandbox(registry, options, lambda: load(arguments.estate))
    asyncio.run(_serve(sandbox, sockets, context, _ready(registry, sockets[0], ca), arguments.until_eof))
    return 0


def log(text: str) -> None:
    sys.stderr.write(text + "\n")


def _not_negative(text: str) -> float:
    if not 0 <= (number := float(text)) < float("inf"):
        raise argparse.ArgumentTypeError(f"must be 0 or more, not {text}")
    return number


def _port(text: str) -> int:
    if not 0 <= (number := int(text)) <= 65535:
        raise argparse.ArgumentTypeError(f"must be a port from 0 to 65535, not {text}")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m sandbox serve",
        description="Serve estate files as Microsoft Entra, Azure Resource Manager and Microsoft Graph.",
    )
    parser.add_argument("estate", nargs="+", type=Path, metavar="ESTATE", help="an estate file (JSON Lines)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument(
        "--port", type=_port, default=8443, help="port to listen on, 0 for any free one (default %(default)s)"
    )
    parser.add_argument(
        "--page-size", type=positive, metavar="N", help="objects per page, instead of Azure's page sizes"
    )
    parser.add_argument(
        "--latency-ms",
        type=_not_negative,
        default=0,
        metavar="N",
        help="milliseconds to wait before every reply",
    )
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="seed that determines which requests get a fault"
    )
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="KIND=RATE",
        help="deliberate fault, can be repeated: a status (500=0.05), reset, truncate, invalid-json, slow, huge, "
        "endless, gzip-bomb, burst, login, or expire-tokens=N",
    )
    parser.add_argument(
        "--no-throttle", action="store_true", help="do not emulate Azure's request limits (429)"
    )
    parser.add_argument(
        "--token-lifetime", type=positive, default=3599, metavar="SECONDS", help="default %(default)s"
    )
    parser.add_argument(
        "--state",
        type=Path,
        metavar="DIR",
        help="folder for the CA's files (default $SURETY_HOME or .surety)",
    )
    parser.add_argument("--until-eof", action="store_true", help="stop when standard input ends")
    return parser


def _listen(host: str, port: int) -> list[socket.socket]:
    """Return the listening sockets. For the host 127.0.0.1, also try to listen on the same port of ::1."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sockets = [socket.create_server((host, port), family=family, backlog=1024)]
    if host == "127.0.0.1":
        try:
            sockets.append(
                socket.create_server(
                    ("::1", sockets[0].getsockname()[1]), family=socket.AF_INET6, backlog=1024
                )
            )
        except OSError as error:
            log(f"sandbox: could not listen on ::1 ({error.strerror}), only on 127.0.0.1")
    return sockets


def _ready(registry: Registry, listening: socket.socket, ca: Path) -> dict[str, object]:
    directories = [
        {
            "tenantId": tenant,
            "clients": [
                {
                    "clientId": item.client.client_id,
                    "secret": item.client.secret,
                    "subscriptions": sorted(item.subscriptions),
                    "madeUp": item.generated,
                }
                for item in clients.values()
            ],
        }
        for tenant, clients in registry.registrations.items()
    ]
    subscriptions = sorted({s for store in registry.all_stores() for s in store.subscriptions})
    return {
        "url": f"https://localhost:{listening.getsockname()[1]}",
        "ca": str(ca),
        "directories": directories,
        "subscriptions": subscriptions,
    }


async def _serve(
    sandbox: Sandbox,
    sockets: list[socket.socket],
    context: ssl.SSLContext,
    ready: dict[str, object],
    until_eof: bool,
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    runner = web.ServerRunner(web.Server(sandbox, access_log=None, keepalive_timeout=300), shutdown_timeout=1)
    await runner.setup()
    for listening in sockets:
        await web.SockSite(runner, listening, ssl_context=context).start()
    if until_eof:
        threading.Thread(target=_wait_for_eof, args=(loop, stop), daemon=True).start()
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    log(f"sandbox: serving at {ready['url']}, CA {ready['ca']}")
    await stop.wait()
    await runner.cleanup()


def _wait_for_eof(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while os.read(0, 65536):
        pass
    loop.call_soon_threadsafe(stop.set)
