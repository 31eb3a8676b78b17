"""Simulate the customers' Azure environments: the sandbox's generator writes estate files, and the sandbox
serves them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.demo.people import Customer
from portal.workers.child_processes import ChildProcesses


class SandboxError(Exception):
    """The sandbox could not start. The message contains the end of the sandbox's log."""


@dataclass(frozen=True, slots=True)
class SandboxAddress:
    """Address, CA file and directories of a running sandbox.

    `directories` has one entry per directory, in the order of the estate files, with the clients that can sign in.
    """

    url: str
    ca: str
    directories: list[dict[str, Any]]


def write_estate(customer: Customer, folder: Path) -> Path:
    """Generate the estate file of the customer, unless it exists. In this file, the service principal can read only the
    subscriptions and data that `customer` permits. Return the path of the file.
    """
    path = folder / f"{customer.slug}.jsonl"
    if path.exists():
        return path
    raw = path.with_suffix(".raw")
    with raw.open("wb") as out, (folder / "generate.log").open("ab") as log:
        subprocess.run(
            [
                *(sys.executable, "-m", "sandbox", "generate"),
                *(f"--subscriptions={customer.subscriptions}", f"--resources={customer.resources}"),
                *(f"--seed={customer.seed}", f"--fail-rate={customer.fail_rate}", f"--name={customer.name}"),
            ],
            stdout=out,
            stderr=log,
            check=True,
        )
    partial = path.with_suffix(".part")
    with raw.open(encoding="utf-8") as source, partial.open("w", encoding="utf-8") as out_text:
        subscriptions: list[str] = []
        directory: dict[str, Any] = {}
        for line in source:
            document = json.loads(line)
            if "directory" in document:
                directory = document
                continue
            identifier = document.get("id", "")
            if identifier.count("/") == 2 and identifier.startswith("/subscriptions/"):
                subscriptions.append(identifier.rsplit("/", 1)[1])
            out_text.write(line)
        _restrict_clients(directory, customer, subscriptions)
        out_text.write(json.dumps(directory) + "\n")
        for answer in _denied_answers(customer, subscriptions):
            out_text.write(json.dumps(answer) + "\n")
    raw.unlink()
    partial.replace(path)
    return path


def _restrict_clients(line: dict[str, Any], customer: Customer, subscriptions: Sequence[str]) -> None:
    for client in line["directory"]["clients"]:
        if customer.graph is not None:
            client["graph"] = list(customer.graph)
        if customer.hidden_subscriptions:
            client["subscriptions"] = list(subscriptions[: -customer.hidden_subscriptions])


def _denied_answers(customer: Customer, subscriptions: Sequence[str]) -> list[dict[str, Any]]:
    """Return scripted answers with status 403 for the collections in `customer.denied`.

    Only requests for the last visible subscription get the status 403, so that the demonstration has subscriptions with
    and without gaps.
    """
    hidden = customer.hidden_subscriptions
    visible = subscriptions[:-hidden] if hidden else subscriptions
    return [
        {
            "answer": {
                "path": f"/subscriptions/{visible[-1]}/providers/{kind}",
                "status": 403,
                "body": {
                    "error": {
                        "code": "AuthorizationFailed",
                        "message": f"The client does not have authorization to perform action '{kind}/read'.",
                    }
                },
            }
        }
        for kind in customer.denied
    ]


def serve(processes: ChildProcesses, estates: Sequence[Path], port: int, log: Path) -> SandboxAddress:
    """Start the sandbox on the port, and return when it is ready. Raise SandboxError if it ends before it is ready."""
    with log.open("ab") as errors:
        process = processes.start_piped(
            "sandbox",
            [
                *(sys.executable, "-m", "sandbox", "serve", *map(str, estates)),
                *(f"--port={port}", "--no-throttle"),
            ],
            errors,
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.wait(timeout=10)
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise SandboxError("\n".join(lines[-5:]) or "The sandbox ended before it wrote to its log.")
    ready = json.loads(line)
    return SandboxAddress(url=ready["url"], ca=ready["ca"], directories=ready["directories"])
