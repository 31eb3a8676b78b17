"""Check one finding again: read only the data that the finding's control needs, and judge the resource.

The check tells whether a fix has worked. It changes no finding, because only assessments, which read everything, may
change findings. A page calls `request_check` and polls `latest_check`; the result is cached for a day. Requests to
Azure are made outside of any transaction.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils import timezone

from assessments import selectors
from assessments.actions import sealed_cache
from assessments.actions.credentials.delegated_reads import delegated_credential
from assessments.actions.credentials.sign_in import forget_session, session_for
from assessments.actions.hourly_limit import count_in_this_hour
from assessments.actions.task_names import CHECK_FINDING
from assessments.actions.unassessed_findings import CLOSED
from assessments.actions.units.concurrency import organization_slot
from assessments.actions.units.lease import Busy
from assessments.actions.units.reading import credential_of, unread_estate
from assessments.controls.declare import Control
from assessments.controls.profiles import says_off
from assessments.controls.registry import known_controls
from assessments.controls.verdict import Outcome
from assessments.errors import CannotCheck
from assessments.estate.estate import Estate
from assessments.evaluate import evaluate
from assessments.models import ControlSetting, Finding, Unit
from assessments.version import VERSION
from tenants import journal
from tenants.azure.credentials import Credential
from tenants.dispatch import enqueue
from tenants.errors import SuretyError
from tenants.models import Person, Subscription
from tenants.scope import tenant_scope

MAX_SECONDS: Final = 120
"""Seconds after which a check ends without a verdict."""
LOST_AFTER: Final = MAX_SECONDS + 60
"""Seconds after which a check without a result counts as lost."""
MAX_PER_HOUR: Final = 60
"""Maximum number of checks that one customer can request in an hour. Each check sends a few requests to Azure."""
GONE: Final = "gone"
_HOUR: Final = 3600
_CACHE_SECONDS: Final = 24 * _HOUR


@dataclass(frozen=True, slots=True)
class FindingCheck:
    """A requested check. While the check runs, `outcome` is empty. Afterwards, `outcome` is a verdict or `GONE`, and
    `reason` says why.

    `planned` is the number of requests, of which `done` have been answered. `step` names the data that is being read.
    `requested_by` is the id of the person who requested the check, for the journal. Workers read this id from the
    sealed cache and not from the message that starts the task, because such a message could be forged.
    """

    at: datetime
    requested_by: UUID
    done: int = 0
    planned: int = 0
    step: str = ""
    outcome: str = ""
    reason: str = ""
    requests: int = 0
    ended_at: datetime | None = None

    @property
    def is_lost(self) -> bool:
        """Whether the check was requested so long ago that no worker can still be running it."""
        return self.ended_at is None and (timezone.now() - self.at).total_seconds() > LOST_AFTER

    @property
    def is_running(self) -> bool:
        """Whether a worker is running the check, or will run it."""
        return self.ended_at is None and not self.is_lost


def request_check(*, finding: Finding, by: Person) -> FindingCheck:
    """Request a check, which a worker runs. If a check of the finding is already running, return that check instead.

    Raise CannotCheck if the finding cannot be checked, or if the customer has already requested `MAX_PER_HOUR` checks
    in this hour.
    """
    known = latest_check(finding)
    if known is not None and known.is_running:
        return known
    if finding.control not in known_controls():
        raise CannotCheck("This control is no longer in the catalogue. Start an assessment instead.")
    if says_off(finding.outcome, finding.observed):
        raise CannotCheck(
            "In the last assessment, this control was switched off or outside of the customer’s profile. Start an"
            " assessment instead."
        )
    unit = selectors.last_unit_of(finding)
    if unit is None:
        raise CannotCheck(
            "No assessment of this subscription or directory is stored. Start an assessment instead."
        )
    if reason := _why_not_assessed(unit):
        raise CannotCheck(f"{reason} Its findings cannot be checked.")
    if count_in_this_hour("finding-checks", finding.tenant_id) > MAX_PER_HOUR:
        raise CannotCheck(
            f"This customer has reached the limit of {MAX_PER_HOUR} checks per hour. Start an assessment, or try"
            f" again in the next hour."
        )
    requested = FindingCheck(timezone.now(), by.pk)
    _store(finding.tenant_id, finding.pk, requested)
    enqueue(CHECK_FINDING, finding.tenant_id, finding.pk)
    return requested


def _why_not_assessed(unit: Unit) -> str:
    """Return why the subscription of a unit is not assessed. If it is assessed, return an empty text."""
    rows = Subscription.objects.filter(tenant=unit.tenant_id, subscription_id=unit.azure_id)
    row = rows.select_related("directory").first() if unit.kind == Unit.Kind.SUBSCRIPTION else None
    return CLOSED.get(row.situation, "") if row is not None else ""


def latest_check(finding: Finding) -> FindingCheck | None:
    """Return the finding's last check if it was requested in the last 24 hours, else None."""
    return _load(finding.tenant_id, finding.pk)


def run_check(*, tenant_id: UUID, finding_id: UUID) -> None:
    """Run a requested check in a worker, unless the check has ended. Raise Busy if `SURETY_UNITS_PER_ORGANIZATION`
    other tasks of the organization are already reading Azure.

    A check that was requested too long ago does not run. Either its message was delayed, and the page has stopped
    waiting, or somebody with access to the cache has put the old request back.
    """
    requested = _load(tenant_id, finding_id)
    if requested is None or not requested.is_running:
        return
    try:
        with organization_slot(tenant_id):
            ended = _check(tenant_id, finding_id, requested)
    except Busy:
        raise
    except Exception:
        # Store the failure for the page that waits for the result. Raise the error again, so that the worker logs it.
        reason = "The check failed unexpectedly. Look at the worker’s log"
        _store(tenant_id, finding_id, _ended(requested, Outcome.UNKNOWN, reason))
        raise
    with tenant_scope(tenant_id):
        finding = Finding.objects.select_related("tenant").get(pk=finding_id)
        journal.record(
            tenant=finding.tenant,
            actor=Person.objects.get(pk=requested.requested_by),
            action="finding.checked_again",
            target=f"finding:{finding.pk}",
            details={
                "control": finding.control,
                "recorded": finding.outcome,
                "found": ended.outcome,
                "requests": ended.requests,
            },
        )
    _store(tenant_id, finding_id, ended)


def _check(tenant_id: UUID, finding_id: UUID, requested: FindingCheck) -> FindingCheck:
    # Imported here, because Azure's packages are slow to load.
    from assessments.collect.delegated_errors import SIGN_IN_TEXT
    from assessments.collect.errors import Cancelled
    from assessments.collect.run import collect
    from assessments.collect.sign_in.refusals import SignInError

    with tenant_scope(tenant_id):
        finding = Finding.objects.get(pk=finding_id)
        control = known_controls()[finding.control]
        estate, credential, settings = _prepare(finding)
    if credential is None:
        credential = delegated_credential(tenant_id, estate.unit_id)
    if isinstance(credential, SuretyError):
        return _ended(requested, Outcome.UNKNOWN, credential.message)
    deadline = time.monotonic() + MAX_SECONDS

    def progress(done: int, planned: int, title: str) -> None:
        _store(tenant_id, finding_id, replace(requested, done=done, planned=planned, step=title))

    # A session reuses recent answers. A check must not use answers from before the fix, so each check gets a new
    # session.
    forget_session(credential)
    try:
        session = session_for(credential)
        session.sign_in()
        report = collect(
            estate,
            [control],
            session,
            progress=progress,
            cancelled=lambda: time.monotonic() > deadline,
        )
    except SignInError as error:
        reason = error.message if credential.delegated is None else SIGN_IN_TEXT
        return _ended(requested, Outcome.UNKNOWN, reason)
    except Cancelled:
        reason = f"Azure did not answer within {MAX_SECONDS} seconds. Try again later"
        return _ended(requested, Outcome.UNKNOWN, reason)
    finally:
        forget_session(credential)
    outcome, reason = _judge(estate, control, settings, finding.subject)
    return replace(_ended(requested, outcome, reason), requests=report.requests)


def _prepare(finding: Finding) -> tuple[Estate, Credential | SuretyError | None, dict[str, Any]]:
    """Return what the check needs: the estate, the credential, and the customer's values of the control's parameters.

    The estate contains only imported scans, until the check collects documents. In place of the credential, the result
    has an error if no credential can be used, and None if the subscription is delegated (`credential_of`).
    """
    unit = selectors.last_unit_of(finding)
    if unit is None:
        raise CannotCheck(
            "No assessment of this subscription or directory is stored. Start an assessment instead."
        )
    # Read only the values of the control's parameters, not whether the control is switched off. If somebody switched it
    # off after the last verdict, the finding is checked nevertheless.
    settings = ControlSetting.objects.filter(tenant=finding.tenant_id, control=finding.control)
    return unread_estate(unit), credential_of(unit), dict(settings.values_list("control", "values"))


def _judge(
    estate: Estate, control: Control, settings: Mapping[str, Mapping[str, Any]], subject: str
) -> tuple[str, str]:
    """Return the verdict on the subject and its reason, or GONE if Azure no longer lists the subject.

    If Azure could not list all subjects of the control, a subject that is missing in the list may still exist. The
    control then has an unknown verdict on the whole subscription or directory. Return this verdict instead of GONE.
    """
    results = {result.subject.casefold(): result for result in evaluate(estate, [control], settings)}
    found = results.get(subject.casefold())
    if found is None:
        whole = results.get(estate.scope_id.casefold())
        if whole is None or whole.verdict.outcome is not Outcome.UNKNOWN:
            return GONE, "Azure no longer lists this resource"
        found = whole
    return str(found.verdict.outcome), found.verdict.reason


def _ended(requested: FindingCheck, outcome: str, reason: str) -> FindingCheck:
    return replace(
        requested, outcome=str(outcome), reason=reason.rstrip("."), step="", ended_at=timezone.now()
    )


def _key(tenant_id: UUID, finding_id: UUID) -> str:
    # The key contains Surety's version, because another version may not understand the cached value.
    return f"finding-check:{VERSION}:{tenant_id}:{finding_id}"


def _store(tenant_id: UUID, finding_id: UUID, check: FindingCheck) -> None:
    record = {**asdict(check), "at": check.at.isoformat(), "requested_by": str(check.requested_by)}
    record["ended_at"] = check.ended_at.isoformat() if check.ended_at else None
    sealed_cache.store(_key(tenant_id, finding_id), record, _CACHE_SECONDS)


def _load(tenant_id: UUID, finding_id: UUID) -> FindingCheck | None:
    record = sealed_cache.load(_key(tenant_id, finding_id))
    if record is None:
        return None
    ended = record["ended_at"]
    values = {
        "at": datetime.fromisoformat(record["at"]),
        "requested_by": UUID(record["requested_by"]),
        "ended_at": datetime.fromisoformat(ended) if ended else None,
    }
    return FindingCheck(**{**record, **values})
