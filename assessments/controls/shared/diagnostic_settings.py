"""A step for the fixes of controls that require a diagnostic setting for several logs of a resource."""

from __future__ import annotations

from typing import Final

from assessments.fixes.declare import Advice, advice

# https://learn.microsoft.com/azure/azure-monitor/platform/diagnostic-settings
ONE_SETTING: Final[Advice] = advice(
    "If a diagnostic setting already sends some of these logs to the same destination, add the other logs to that"
    " setting instead of creating another one: Azure refuses two settings that send the same log to one destination."
)
