"""Measure the times of pages that a signed-in person requests, and the memory of the process."""

from __future__ import annotations

import resource
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenants.models import Person

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def backend() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def spent(pid: int) -> float:
    """Return the processor time that a process has used, in milliseconds (Linux)."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


def measure(call: Callable[[], Any], rounds: int, pid: int) -> tuple[float, float]:
    """Call the function in each round. Return the lowest wall time and the lowest processor time, in milliseconds.

    Processor time is the sum of this process and of the process `pid`, which serves the database connection.
    """
    walls, processors = [], []
    for _ in range(rounds):
        wall, processor = time.perf_counter(), time.process_time() * 1000 + spent(pid)
        call()
        processors.append(time.process_time() * 1000 + spent(pid) - processor)
        walls.append((time.perf_counter() - wall) * 1000)
    return min(walls), min(processors)


def asking(who: Person, rounds: int) -> Callable[[str, str], str]:
    """Return a function that requests a URL as the signed-in person, prints how long the requests take, and returns the
    page."""
    from django.conf import settings
    from django.test import Client

    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    client.force_login(who, backend=BACKEND)
    client.get("/")
    pid = backend()

    def get(url: str) -> str:
        response = client.get(url, secure=True)
        assert response.status_code == 200, (url, response.status_code)
        return str(response.content, "utf-8")

    def ask(name: str, url: str) -> str:
        wall, processor = measure(partial(get, url), rounds, pid)
        print(f"{name:34} {wall:6.0f} ms   processor {processor:6.0f} ms", flush=True)
        return get(url)

    return ask


def time_download(who: Person, name: str, url: str) -> None:
    """Download a file as the signed-in person, and print the time, the size and the peak memory of this process."""
    from django.test import Client

    client = Client()
    client.force_login(who, backend=BACKEND)
    before, began = peak(), time.perf_counter()
    response: Any = client.get(url, secure=True)
    size = sum(len(chunk) for chunk in response.streaming_content)
    seconds = time.perf_counter() - began
    print(f"{name:24} {seconds:7.1f} s    {size / 1e6:.1f} MB, peak memory {before} -> {peak()} MB")


def peak() -> int:
    """Return the peak memory of this process, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
