"""The customers' Azure: estates made by the sandbox's generator, served by the sandbox."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.demo.people import Customer
from portal.management.child_processes import ChildProcesses


class SandboxError(Exception):
    """The sandbox could not be started; the message holds what it said."""


@dataclass(frozen=True, slots=True)
class Served:
    """Where the sandbox is, and who may sign in where: one dict a directory, in the order of the estates."""

    url: str
    ca: str
    directories: list[dict[str, Any]]


def write_estate(customer: Customer, folder: Path) -> Path:
    """Generate the customer's estate, once, with the limits of its service principal."""
    path = folder / f"{customer.slug}.jsonl"
    if path.exists():
        return path
    raw = path.with_suffix(".raw")
    with raw.open("wb") as out, (folder / "generate.log").open("ab") as log:
        subprocess.run(
            [
                sys.executable, "-m", "sandbox", "generate", f"--subscriptions={customer.subscriptions}",
                f"--resources={customer.resources}", f"--seed={customer.seed}",
                f"--fail-rate={customer.fail_rate}", f"--name={customer.name}",
            ],
            stdout=out,
            stderr=log,
            check=True,
        )  # fmt: skip
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
        _limit(directory, customer, subscriptions)
        out_text.write(json.dumps(directory) + "\n")
        for scripted in _denials(customer, subscriptions):
            out_text.write(json.dumps(scripted) + "\n")
    raw.unlink()
    partial.replace(path)
    return path


def _limit(line: dict[str, Any], customer: Customer, subscriptions: Sequence[str]) -> None:
    for client in line["directory"]["clients"]:
        if customer.graph is not None:
            client["graph"] = list(customer.graph)
        if customer.unseen:
            client["subscriptions"] = list(subscriptions[: -customer.unseen])


def _denials(customer: Customer, subscriptions: Sequence[str]) -> list[dict[str, Any]]:
    # The last subscription that is seen lacks the rights, so that the others show the contrast.
    seen = subscriptions[: -customer.unseen] if customer.unseen else subscriptions
    return [
        {
            "answer": {
                "path": f"/subscriptions/{seen[-1]}/providers/{kind}",
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


def serve(processes: ChildProcesses, estates: Sequence[Path], port: int, log: Path) -> Served:
    """Start the sandbox on the port; returns when it answers."""
    with log.open("ab") as errors:
        process = processes.start_piped(
            "sandbox",
            [
                sys.executable, "-m", "sandbox", "serve", *map(str, estates), f"--port={port}",
                "--no-throttle",
            ],
            errors,
        )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.wait(timeout=10)
        said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise SandboxError("\n".join(said[-5:]) or "The sandbox ended without a word.")
    ready = json.loads(line)
    return Served(url=ready["url"], ca=ready["ca"], directories=ready["directories"])
