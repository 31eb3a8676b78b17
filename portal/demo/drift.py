"""While the demonstration runs, change a customer's Azure with `python -m sandbox act`, and let the watch find the
change.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import requests

from assessments.actions.task_names import WATCH
from assessments.actions.watch.settings import set_default_watch
from assessments.models import Watch
from portal.demo.azure import SandboxAddress, SandboxError
from portal.demo.seed_database import DEMO
from tenants.dispatch import enqueue
from tenants.models import Tenant

TIMEOUT_SECONDS = 30
ACTOR: Final = ("Robin Hale", "robin.hale@contractor.example")
"""The name and the user name of the person who changes the security group in the demonstration."""
WATCH_MINUTES: Final = 1
"""`SURETY_WATCH_MINUTES` of the demonstration. The number is small, because somebody waits for the watch to find the
change.
"""
FOUND_MINUTES: Final = WATCH_MINUTES + 1
"""The maximum number of minutes until the watch reads again. It is one more than the interval, because the task
that starts the readings runs once a minute.
"""


@dataclass(frozen=True, slots=True)
class OpenedPort:
    """The result of `open_another_port`.

    - `rule`: the name of the new rule
    - `operation`: the ARM operation that added the rule
    - `property`: the changed property of the network security group
    """

    rule: str
    operation: str
    property: str = "properties.securityRules"


def open_another_port(sandbox: SandboxAddress, estate: Path, group: str) -> OpenedPort:
    """Add a rule to the network security group, in the name of ACTOR. The rule allows traffic from the Internet.

    `group` is the ARM id of the group, in upper or lower case. The sandbox serves the rule and its operation
    immediately. Raises SandboxError if the estate has no such group or the sandbox is not running.
    """
    name, user = ACTOR
    command = [
        *(sys.executable, "-m", "sandbox", "act", str(estate), f"--url={sandbox.url}"),
        *(f"--state={Path(sandbox.ca).parent.parent}", f"--user={user}", f"--name={name}"),
        *("open-port", group),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS)
    if done.returncode:
        raise SandboxError(
            done.stderr.strip() or "The command “python -m sandbox act” failed without a message."
        )
    said = json.loads(done.stdout)
    return OpenedPort(said["resourceId"].rsplit("/", 1)[1], said["operation"])


def watch_from_now(tenant: Tenant, unit: str, now: datetime) -> None:
    """Switch the watch on for all customers, and have a worker read one subscription of the tenant immediately.

    `unit` is this subscription, in the form of `Watch.unit`. The watch reads all other subscriptions within
    WATCH_MINUTES. Needs the scope of the organization.
    """
    next_at = now + timedelta(minutes=WATCH_MINUTES)
    watch, _ = Watch.objects.get_or_create(tenant=tenant, unit=unit, defaults={"next_at": next_at})
    set_default_watch(organization=tenant.organization, by=DEMO, wanted=True)
    enqueue(WATCH, tenant.pk, watch.pk)


def reload(sandbox: SandboxAddress) -> None:
    """Let the sandbox read its estate files again. Raises `SandboxError` when a file is invalid."""
    with requests.Session() as session:
        session.trust_env = False
        session.verify = sandbox.ca
        answer = session.post(f"{sandbox.url}/_sandbox/reload", timeout=TIMEOUT_SECONDS)
    if answer.status_code != 204:
        raise SandboxError(f"The sandbox refused the changed estate file: {answer.text}")
