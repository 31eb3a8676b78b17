"""Templates of the sentences that controls of the section `operations` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "Machines without an imported scan in the last {number} days: {number2}",
    "Each machine that is due for a scan has an imported scan in the last {number} days",
    # The next reason occurs only in findings that earlier versions of Surety stored.
    "Each machine that is due has an imported scan in the last {number} days",
    "Machines that are too new to be due for a scan: {number}",
    "Only {number} of {number2} machines have a vulnerability assessment",
    "Only {number} of {number2} SQL servers and instances have a vulnerability assessment",
)
