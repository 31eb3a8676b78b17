"""Graph documents about MFA."""

from __future__ import annotations

from assessments.estate.gaps import Reason
from tests.assessments.controls.judging import gap

UNLICENSED = [gap("mfa_registrations", reason=Reason.LICENCE_MISSING)]

DEFAULTS_ON = {"": [{"id": "sd", "isEnabled": True}]}

DEFAULTS_OFF = {"": [{"id": "sd", "isEnabled": False}]}
