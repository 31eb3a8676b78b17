"""Record the history of a customer: set the clock, serve earlier states of its Azure, act for people, and run the tasks
that are due."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db.models import Min
from django.utils import timezone
from time_machine import Traveller

from assessments.actions.start import start
from portal.demo import drift, seed_database
from portal.demo.azure import SandboxAddress
from portal.demo.history.earlier_states import EarlierStates
from portal.demo.history.inline_tasks import run_tasks
from portal.demo.history.plans import DAYS, Plan
from portal.demo.history.treatments import ACTS, Act, Scene
from portal.demo.seed_treatments import load_actors
from portal.notify.delivery import send_due
from portal.notify.models import Post
from portal.treatment.actions.figures.snapshots import record_figures
from portal.treatment.actions.refresh import refresh_treatments
from portal.treatment.models import FindingException, Snapshot, Treatment
from tenants.models import Tenant
from tenants.scope import tenant_scope

SUFFIX_OF_TODAY = ".today"
# The times (UTC) at which, on each day of the history, the customer is refreshed and assessed, people act, and the day
# ends.
REFRESH_AT, ASSESSMENT_AT = timedelta(minutes=2), timedelta(hours=2)
PEOPLE_AT, ENDS_AT = timedelta(hours=9, minutes=30), timedelta(hours=23, minutes=50)
# On days without an event, only scores and counts are stored, which is faster. But on every fifteenth day, everything
# is refreshed, and people are notified of overdue findings, even if there is no event.
CALM_DAYS = 15
FIGURES = ("score", "adjusted", "coverage", "states", "overdue", "opened", "closed")


def restore_today(estate: Path) -> None:
    """Put back the estate file of today, which the recording of the history replaces by earlier states. Do nothing if
    the file was not replaced.
    """
    today = estate.with_suffix(SUFFIX_OF_TODAY)
    if today.exists():
        today.replace(estate)


class Recorder:
    """The recorder of one customer's history. It records the history day by day."""

    def __init__(
        self, tenant: Tenant, plan: Plan, estate: Path, sandbox: SandboxAddress, clock: Traveller
    ) -> None:
        self.tenant, self.plan, self.estate = tenant, plan, estate
        self._sandbox, self._clock = sandbox, clock
        self._today = estate.with_suffix(SUFFIX_OF_TODAY)

    def record(self, midnight: datetime) -> None:
        """Record the days before `midnight`, the start of today. Put back the estate file of today at the
        end.
        """
        shutil.copyfile(self.estate, self._today)
        try:
            visible = [step.visible for step in self.plan.steps] + [None]
            secret = seed_database.FORMER_CREDENTIAL if self.plan.secret_replaced else ""
            self._states = EarlierStates(self._today, visible, secret=secret)
            steps = {step.days_ago: number for number, step in enumerate(self.plan.steps)}
            acts: dict[int, list[Act]] = {}
            for days_ago, act in ACTS.get(self.tenant.slug, ()):
                acts.setdefault(days_ago, []).append(act)
            calm: list[datetime] = []
            for days_ago in range(max(steps), 0, -1):
                day = midnight - timedelta(days=days_ago)
                if (
                    days_ago in steps
                    or days_ago in acts
                    or self._date_passed(day)
                    or days_ago % CALM_DAYS == 0
                ):
                    self._record_calm(calm)
                    calm = []
                    self._record_day(day, steps.get(days_ago), acts.get(days_ago, []))
                else:
                    calm.append(day)
            self._record_calm(calm)
        finally:
            restore_today(self.estate)
            drift.reload(self._sandbox)

    def _date_passed(self, day: datetime) -> bool:
        """Return whether an exception or an attestation ended on the previous day."""
        before = (day - timedelta(days=1), day)
        with tenant_scope(self.tenant.pk):
            return (
                FindingException.objects.filter(tenant=self.tenant, ends_at__range=before).exists()
                or Treatment.objects.filter(tenant=self.tenant, attested_until__range=before).exists()
            )

    def _record_calm(self, days: list[datetime]) -> None:
        """Store the scores and counts (figures) of days without an event.

        On such days, the figures change only because more findings become overdue. So if two of these days have equal
        figures, all days between them have the same figures.
        """
        if not days:
            return
        with tenant_scope(self.tenant.pk):
            self._fill(days, self._record_figures(days[0]), self._record_figures(days[-1]))

    def _record_figures(self, day: datetime) -> Snapshot:
        self._clock.move_to(day + REFRESH_AT)
        return record_figures(tenant=self.tenant)

    def _fill(self, days: list[datetime], first: Snapshot, last: Snapshot) -> None:
        """Store the figures of the days between two days whose figures are already stored."""
        if len(days) <= 2:
            return
        if all(getattr(first, name) == getattr(last, name) for name in FIGURES):
            copied = {name: getattr(first, name) for name in (*FIGURES, "through")}
            Snapshot.objects.bulk_create(
                Snapshot(tenant=self.tenant, day=day.date(), taken_at=day + REFRESH_AT, **copied)
                for day in days[1:-1]
            )
            return
        middle = len(days) // 2
        between = self._record_figures(days[middle])
        self._fill(days[: middle + 1], first, between)
        self._fill(days[middle:], between, last)

    def _record_day(self, day: datetime, step: int | None, acts: list[Act]) -> None:
        self._clock.move_to(day + REFRESH_AT)
        refresh_treatments(tenant_id=self.tenant.pk)
        run_tasks()
        if step is not None:
            self._clock.move_to(day + ASSESSMENT_AT + timedelta(minutes=self.plan.minute))
            self._assess(step)
        self._clock.move_to(day + PEOPLE_AT)
        if acts:
            people = load_actors()
            for act in acts:
                with tenant_scope(self.tenant.pk):
                    act(Scene(self.tenant, people, self._sandbox.url))
            run_tasks()
            self._clock.move_to(day + PEOPLE_AT + timedelta(hours=1))
        self._send(until=day + ENDS_AT)

    def _send(self, until: datetime) -> None:
        """Send all due mails and posts. Repeat this as long as an attempt to send a post is due before `until`."""
        send_due(tenant_id=self.tenant.pk)
        while True:
            with tenant_scope(self.tenant.pk):
                waiting = Post.objects.filter(
                    tenant=self.tenant, state=Post.State.WAITING, channel__enabled=True
                )
                due = waiting.aggregate(due=Min("due_at"))["due"]
            if due is None or due >= until:
                break
            self._clock.move_to(max(due, timezone.now()))
            send_due(tenant_id=self.tenant.pk)

    def _assess(self, step: int) -> None:
        self._states.write(step, self.estate)
        drift.reload(self._sandbox)
        only: list[str] = []
        if not self.plan.steps[step].full:
            only = self._states.changed(step)
            if not only:
                return
        with tenant_scope(self.tenant.pk):
            start(tenant=self.tenant, by=load_actors().engineer, only=only)
        run_tasks()


def midnight_of(moment: datetime) -> datetime:
    """Return the beginning of the UTC day."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def beginning(now: datetime) -> datetime:
    """Return the beginning of the history, when the customers were registered."""
    return midnight_of(now) - timedelta(days=DAYS)
