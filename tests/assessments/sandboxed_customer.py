"""A customer whose Azure is the sandbox. Tests can change the sandbox between assessments. Assessments run in the
process of the test.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from celery import current_app
from django.db import connection

import assessments.tasks  # noqa: F401 - registers the tasks that `work` runs
import portal.changes.tasks
import portal.notify.tasks
import portal.tickets.tasks
import portal.treatment.tasks  # noqa: F401
from assessments.actions.start import start
from assessments.models import (
    Assessment,
    EvidenceItem,
    Finding,
    FindingChange,
    Resource,
    ResourceVersion,
    Unit,
)
from tenants.actors import System
from tenants.models import Directory, ServicePrincipal, Tenant
from tenants.scope import tenant_scope
from tests import factories
from tests.assessments.collect.azure import CLIENT, DIRECTORY, SECRET, Line, write
from tests.sandbox.forked import forked
from tests.sandbox.running import Running

BY = System("tests")
_numbers = count()


class Azure:
    """The sandbox of one test. Each call of `serve` starts it again with the given lines, at a new address. `options`
    are further arguments of the sandbox, such as the files of other estates.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stack = ExitStack()
        self.now: Running | None = None

    def serve(self, lines: Iterable[Line], *options: str) -> Running:
        self.close()
        path = write(self.folder / f"estate-{next(_numbers)}.jsonl", lines)
        ready = self._stack.enter_context(forked(self.folder / "state", path, *options, "--no-throttle"))
        self.now = Running.of(ready)
        return self.now

    def close(self) -> None:
        self._stack.close()
        self._stack = ExitStack()

    def cloud(self) -> dict[str, str]:
        """Return the settings of a custom cloud for this sandbox."""
        url = self.now.url
        return {"authority": url, "arm": url, "graph": url, "arm_scope": f"{url}/.default", "ca": self.now.ca}


@dataclass
class Customer:
    """A tenant whose directories are in the sandbox. Call the methods without an open scope, because they open the
    tenant's scope themselves.
    """

    azure: Azure
    tenant: Tenant = field(default_factory=factories.tenant)

    def add(
        self,
        directory_id: str = DIRECTORY,
        client_id: str = CLIENT,
        name: str = "Directory",
        **credential: Any,
    ) -> ServicePrincipal:
        directory = factories.directory(
            self.tenant,
            directory_id=directory_id,
            name=name,
            cloud="custom",
            cloud_settings=self.azure.cloud(),
        )
        if "certificate" not in credential:
            credential.setdefault("secret", SECRET)
        return factories.service_principal(directory, client_id=client_id, **credential)

    def azure_is(self, lines: Iterable[Line], *options: str) -> None:
        """Serve these lines as the customer's Azure, in place of the previous ones."""
        self.azure.serve(lines, *options)
        with tenant_scope(self.tenant.pk):
            Directory.objects.update(cloud_settings=self.azure.cloud())

    def start(self, **given: Any) -> Assessment:
        with tenant_scope(self.tenant.pk):
            return start(tenant=self.tenant, by=BY, **given)

    def assess(self, **given: Any) -> Assessment:
        """Start an assessment and run all its tasks."""
        assessment = self.start(**given)
        work()
        return self.read(assessment)

    def read(self, assessment: Assessment) -> Assessment:
        with tenant_scope(self.tenant.pk):
            return Assessment.objects.get(pk=assessment.pk)

    def units(self, assessment: Assessment) -> dict[str, Unit]:
        """Return the units by scope id."""
        with tenant_scope(self.tenant.pk):
            return {unit.scope_id: unit for unit in Unit.objects.filter(assessment=assessment)}

    def findings(self, **given: Any) -> dict[tuple[str, str], Finding]:
        """Return the findings by control and the last part of the subject."""
        with tenant_scope(self.tenant.pk):
            rows = list(Finding.objects.filter(**given))
        found = {(row.control, row.subject.rpartition("/")[2].casefold()): row for row in rows}
        assert len(found) == len(rows), "two findings have the same key in this test"
        return found

    def outcomes(self, **given: Any) -> dict[tuple[str, str], str]:
        return {key: row.outcome for key, row in self.findings(**given).items()}

    def changes(self, assessment: Assessment | None = None, **given: Any) -> list[FindingChange]:
        with tenant_scope(self.tenant.pk):
            rows = FindingChange.objects.filter(**given).select_related("finding").order_by("at", "id")
            return list(rows if assessment is None else rows.filter(assessment=assessment))

    def written(self) -> dict[str, dict[Any, Any]]:
        """Return every row that assessments write, each with the id of the transaction that last wrote the row."""
        found = {}
        with tenant_scope(self.tenant.pk), connection.cursor() as cursor:
            for model in (Finding, FindingChange, Resource, ResourceVersion, EvidenceItem):
                cursor.execute(f'SELECT id, xmin::text FROM "{model._meta.db_table}"')
                found[model.__name__] = dict(cursor.fetchall())
        return found


def sent() -> list[tuple[str, list[str]]]:
    """Remove the messages from the queue. Return them in order, as (task, arguments)."""
    messages: list[tuple[str, list[str]]] = []
    with current_app.connection_for_read() as broker:
        queue = broker.SimpleQueue("surety")
        while True:
            try:
                message = queue.get_nowait()
            except queue.Empty:
                return messages
            message.ack()
            messages.append((message.headers["task"], message.payload[0]))


def work() -> int:
    """Run the queued tasks, and the tasks that they enqueue. Return the number of tasks."""
    done = 0
    while messages := sent():
        for task, arguments in messages:
            current_app.tasks[task].apply(args=arguments, throw=True)
            done += 1
    return done


def ids(assessment: Assessment) -> dict[str, UUID]:
    """Return the arguments of the action `prepare` for the assessment."""
    return {"tenant_id": assessment.tenant_id, "assessment_id": assessment.pk}
