"""Register the validators of notices about treatments. A validator checks, before a notice is mailed, whether the
notice still applies.

Notices of a kind without a validator are mailed without this check.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from portal.notify.notice_validity import Validator
from portal.treatment.models import FindingException
from portal.treatment.notice_validity import still_assigned, still_failing, still_overdue
from portal.treatment.notice_validity_decisions import (
    attestation_current,
    campaign_is_due,
    exception_in,
    owner_has_left,
)

State = FindingException.State

VALIDATORS: Final[Mapping[str, Validator]] = {
    "assigned": still_assigned,
    "reopened": still_failing,
    "overdue": still_overdue,
    "exception_requested": exception_in(State.REQUESTED),
    "exception_returned": exception_in(State.RETURNED),
    "exception_ending": exception_in(*FindingException.COVERING),
    "exception_decided": exception_in(*State),
    "exception_commented": exception_in(*State),
    "exception_ended": exception_in(*State),
    "attestation_due": attestation_current,
    "attestation_lapsed": attestation_current,
    "campaign_due": campaign_is_due,
    "owner_left": owner_has_left,
}
