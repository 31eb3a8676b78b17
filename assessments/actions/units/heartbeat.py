"""Heartbeats renew the lease of a unit while the unit is collected, store its progress, and notice a cancellation."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

import structlog
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from assessments.actions.units.lease import BEAT_SECONDS, LEASE, Lease
from assessments.models import Unit
from tenants.errors import SuretyError
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)


class Heartbeat:
    """A thread that renews the lease on its own database connection. Use the thread as a context manager around
    collecting.

    Any thread may call `progress(done, planned, label)`. `stopped()` is true if the assessment was cancelled, the lease
    was lost, or the unit may no longer be read. Each heartbeat calls `refusal`, outside of any scope (`tenants.scope`),
    to ask whether the unit may still be read. If `refusal` returns an error, `refused` stores it.
    """

    def __init__(
        self,
        lease: Lease,
        seconds: float = BEAT_SECONDS,
        *,
        refusal: Callable[[], SuretyError | None] = lambda: None,
    ) -> None:
        self.lease = lease
        self.refused: SuretyError | None = None
        self._refusal = refusal
        self.cancelled = threading.Event()
        self.lost = threading.Event()
        self._over = threading.Event()
        self._seconds = seconds
        self._progress: dict[str, int | str] = {}
        self._thread = threading.Thread(target=self._run, name=f"heartbeat-{lease.unit_id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def progress(self, done: int, planned: int, label: str) -> None:
        """Set the progress. The next heartbeat stores it."""
        self._progress = {**self._progress, "steps_done": done, "steps_planned": planned, "step": label[:200]}

    def stopped(self) -> bool:
        """Return whether collecting should end."""
        return self.cancelled.is_set() or self.lost.is_set() or self.refused is not None

    def _run(self) -> None:
        try:
            while not self._over.wait(self._seconds):
                try:
                    self._beat()
                except (DatabaseError, InterfaceError) as error:
                    # The database may be restarting. If another worker takes the unit meanwhile, the attempt number of
                    # the lease prevents this worker from writing.
                    log.warning("heartbeat", unit=str(self.lease.unit_id), error=type(error).__name__)
                    connection.close()
                if self.stopped():
                    return
        finally:
            connection.close()

    def _beat(self) -> None:
        with tenant_scope(self.lease.tenant_id):
            mine = Unit.objects.filter(
                pk=self.lease.unit_id, attempt=self.lease.attempt, state=Unit.State.RUNNING
            )
            if not mine.update(lease_until=timezone.now() + LEASE, **self._progress):
                self.lost.set()
                return
            if mine.filter(assessment__cancel_requested_at__isnull=False).exists():
                self.cancelled.set()
                return
        self.refused = self._refusal()
