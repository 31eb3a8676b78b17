"""A model of exceptions in plain Python. The test with a state machine compares the product with this model."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from portal.treatment.errors import NotFailing, OwnRequest, WrongState
from tenants.errors import Conflict, InvalidInput, SuretyError
from tests.portal.treatment.exception_cases import DAY, NOW

LIVE = ("approved", "active", "returned")
IN_FORCE = ("active", "returned")


@dataclass
class Verdict:
    """The current verdict on one finding."""

    pk: UUID
    outcome: str = "fail"
    value: str = "a"
    group: str = "rg-a"
    since: datetime = NOW - 10 * DAY
    gone: bool = False

    @property
    def fails(self) -> bool:
        return self.outcome == "fail" and not self.gone

    @property
    def state(self) -> str:
        return "gone" if self.gone else {"fail": "open", "pass": "resolved"}.get(self.outcome, self.outcome)


@dataclass
class Modelled:
    """An exception in the model. `items`: {number of the finding: (approved value or None, changed)}."""

    asker: int
    # The resource group whose findings the rule covers; empty if the exception is for a list of findings.
    group: str
    maximum: int
    starts: datetime
    ends: datetime
    items: dict[int, tuple[str | None, bool]]
    state: str = "requested"
    because: str = ""
    decider: int | None = None

    def means(self, verdict: Verdict) -> bool:
        return not verdict.gone and verdict.group == self.group


@dataclass
class Model:
    findings: list[Verdict] = field(default_factory=list)
    exceptions: list[Modelled] = field(default_factory=list)
    journal: list[str] = field(default_factory=list)

    def excepted(self, number: int, now: datetime) -> bool:
        """Whether an approved exception covers the finding at that time."""
        verdict = self.findings[number]
        return verdict.fails and any(
            exception.state in LIVE
            and exception.starts <= now < exception.ends
            and exception.items.get(number, (None, False))[0] == verdict.value
            for exception in self.exceptions
        )

    def failing(self, exception: Modelled) -> list[int]:
        """Return the findings that an approval would cover, oldest failure first."""
        found = [
            number
            for number, verdict in enumerate(self.findings)
            if verdict.fails and (exception.means(verdict) if exception.group else number in exception.items)
        ]
        return sorted(found, key=lambda number: (self.findings[number].since, self.findings[number].pk))

    def approve(
        self, exception: Modelled, by: int, maximum: int | None, now: datetime
    ) -> type[SuretyError] | None:
        """Approve the exception, or return the error that the approval raises."""
        if by == exception.asker:
            return OwnRequest
        if exception.state not in ("requested", "returned"):
            return WrongState
        if exception.ends <= max(now, exception.starts):
            return InvalidInput
        if maximum is not None and not exception.group and maximum != exception.maximum:
            return InvalidInput
        most = exception.maximum if maximum is None else maximum
        items = dict(exception.items)
        if exception.group:
            items = {
                number: held
                for number, held in items.items()
                if exception.means(self.findings[number])
                and (held[0] is not None or self.findings[number].fails)
            }
        bound = self.failing(exception)
        items |= {number: (self.findings[number].value, False) for number in bound}
        if len(items) > most:
            return Conflict
        if not bound and not exception.group:
            return NotFailing
        items = {number: (approved, False) for number, (approved, _) in items.items()}
        exception.items, exception.maximum, exception.because = items, most, ""
        exception.state = "active" if exception.starts <= now else "approved"
        exception.decider = by
        self.journal.append("approved")
        return None

    def derive(self, now: datetime) -> None:
        self.by_the_clock(now)
        in_force = [exception for exception in self.exceptions if exception.state in IN_FORCE]
        for exception in in_force:
            self.let_go(exception)
        for exception in in_force:
            self.return_for_review(exception)
        for exception in in_force:
            self.grow(exception)

    def by_the_clock(self, now: datetime) -> None:
        for exception in self.exceptions:
            if exception.state in ("requested", *LIVE) and exception.ends <= now:
                lapsed = exception.state == "requested"
                exception.state = "withdrawn" if lapsed else "expired"
                self.journal.append("lapsed" if lapsed else "expired")
        for exception in self.exceptions:
            if exception.state == "approved" and exception.starts <= now:
                exception.state = "active"
                self.journal.append("started")

    def let_go(self, exception: Modelled) -> None:
        if exception.group:
            kept = {n: held for n, held in exception.items.items() if exception.means(self.findings[n])}
            if kept != exception.items:
                self.journal.append("shrunk")
            exception.items = kept

    def return_for_review(self, exception: Modelled) -> None:
        changed = {
            number: (approved, True)
            for number, (approved, was_changed) in exception.items.items()
            if not was_changed and self.findings[number].fails and approved != self.findings[number].value
        }
        if changed:
            exception.items |= changed
            exception.state, exception.because = "returned", "changed"
            self.journal.append("returned")

    def grow(self, exception: Modelled) -> None:
        if exception.state != "active" or not exception.group:
            return
        new = [number for number in self.failing(exception) if number not in exception.items]
        room = max(exception.maximum - len(exception.items), 0)
        if taken := new[:room]:
            exception.items |= {number: (self.findings[number].value, False) for number in taken}
            self.journal.append("extended")
        if new[room:]:
            exception.state, exception.because = "returned", "grown"
            self.journal.append("returned")
