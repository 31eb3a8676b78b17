"""Heartbeats renew the lease of a unit while the unit is collected, store its progress, and notice a cancellation."""

import threading
from collections.abc import Callable

from django.utils import timezone

from assessments.actions.units.lease import BEAT_SECONDS, LEASE, Lease
from assessments.models import Unit
from tenants.errors import SuretyError
from tenants.heartbeats import HeartbeatThread
from tenants.scope import tenant_scope


class Heartbeat(HeartbeatThread):
    """The thread that renews the lease of a unit. Use the thread as a context manager around collecting.

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
        super().__init__(self._renew, seconds, "heartbeat", unit=str(lease.unit_id))
        self.lease = lease
        self.refused: SuretyError | None = None
        self._refusal = refusal
        self.cancelled = threading.Event()
        self.lost = threading.Event()
        self._progress: dict[str, int | str] = {}

    def progress(self, done: int, planned: int, label: str) -> None:
        """Set the progress. The next heartbeat stores it."""
        self._progress = {**self._progress, "steps_done": done, "steps_planned": planned, "step": label[:200]}

    def stopped(self) -> bool:
        """Return whether collecting should end."""
        return self.cancelled.is_set() or self.lost.is_set() or self.refused is not None

    def _renew(self) -> bool:
        with tenant_scope(self.lease.tenant_id):
            mine = Unit.objects.filter(
                pk=self.lease.unit_id, attempt=self.lease.attempt, state=Unit.State.RUNNING
            )
            if not mine.update(lease_until=timezone.now() + LEASE, **self._progress):
                self.lost.set()
                return False
            if mine.filter(assessment__cancel_requested_at__isnull=False).exists():
                self.cancelled.set()
                return False
        self.refused = self._refusal()
        return self.refused is None
