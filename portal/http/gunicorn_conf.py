"""gunicorn's configuration: `gunicorn -c python:portal.http.gunicorn_conf portal.wsgi:application`.

`manage.py serve` uses this configuration too. Options of the command line (`--bind`, `--workers`, `--threads`) override
its values.
"""

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gunicorn.arbiter import Arbiter

from portal.http.access_log import AccessLogger
from portal.http.gunicorn_worker import BufferingWorker
from portal.http.large_requests import LargeRequests, freeze_started_objects

worker_class = f"{BufferingWorker.__module__}.{BufferingWorker.__qualname__}"
# One process with threads, because pages mostly wait for the database. Some threads always remain for pages:
# portal.http.request_bodies.MAX_READERS limits how many uploads are read at the same time, and
# portal.http.client_socket.MAX_SLOW_CLIENTS limits how many clients may read their responses slowly.
workers = 1
threads = 12
worker_connections = 1000
# Seconds after which a worker process that does not respond is replaced.
timeout = 120
graceful_timeout = 10
keepalive = 5

# gunicorn itself trusts no headers, because SURETY_TRUSTED_PROXIES alone decides which proxies are trusted.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
# With sendfile, gunicorn would send files without the limits of portal.http.client_socket.
sendfile = False

limit_request_line = 8190
limit_request_fields = 60
limit_request_field_size = 8190

umask = 0o077
accesslog = "-"
logger_class = f"{AccessLogger.__module__}.{AccessLogger.__qualname__}"
# The format leaves out the query string and the Referer, which can contain tokens and search texts.
access_log_format = '%(h)s %(t)s "%(m)s %(U)s %(H)s" %(s)s %(b)s %(M)sms "%(a)s"'
loglevel = "warning"
control_socket_disable = True


def when_ready(server: Arbiter) -> None:
    """Let the group of a Unix socket connect to the socket. The reverse proxy, which runs as another user, needs this:
    because of `umask`, only the owner could connect.
    """
    for listener in server.LISTENERS:
        if listener.sock.family == socket.AF_UNIX:
            Path(listener.getsockname()).chmod(0o660)


_large_requests = LargeRequests()


def post_worker_init(_worker: BufferingWorker) -> None:
    freeze_started_objects()


def post_request(_worker: BufferingWorker, _request: Any, environ: Mapping[str, Any], _response: Any) -> None:
    _large_requests.collect_after(environ)
