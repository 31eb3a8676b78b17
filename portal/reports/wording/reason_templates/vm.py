"""Templates of the sentences that controls of the section `vm` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "The machine is {words}",
    "The agent is {status}",
    "Unmanaged disks: {list}",
    "Every disk is encrypted {words}",
    (
        "The system disk of this confidential machine is encrypted together with the guest state; the data "
        "disks are encrypted {words}"
    ),
    # The next reason occurs only in findings that earlier versions of Surety stored.
    (
        "The system disk of this confidential machine is encrypted with its guest state; the data disks are "
        "encrypted {words}"
    ),
    "The extension {extension} was not installed successfully",
    "Microsoft Antimalware excludes whole drives: {list}",
    "The baseline also reports about the firewall: {output}",
    "Attest that the host firewall is on: {words}",
    (
        "The machine was last checked at {time} UTC, more than {number} days before the assessment; check "
        "that it runs and that its agent reports"
    ),
    "Could not assess patches: the machine is {words}. Start it for the next assessment",
    "Missing critical or security patches: {number}",
    "Patches not assessed: Azure’s last patch assessment is older than {number} days",
    # The next reason occurs only in findings that earlier versions of Surety stored.
    "Not assessed: the last assessment is older than {number} days",
    "Azure does not orchestrate patches ({mode})",
    "High or critical vulnerabilities older than {number} days: {number2}",
    "Software updates for which Azure states no date: {number}",
    # The next remark occurs only in findings that earlier versions of Surety stored.
    "Software updates for which Azure does not state since when they are due: {number}",
    (
        "The disks are managed; if the required level is L2 or strict, the machine also has encryption at host, "
        "encryption inside the machine or customer-managed keys, or is a confidential machine (required level: {level})"
    ),
    # The next expected result occurs only in reports that earlier versions of Surety stored.
    (
        "The disks are managed; if the required level is L2 or strict, the machine also has encryption at host or "
        "encryption inside the machine, or is a confidential machine (required level: {level})"
    ),
    "Vulnerabilities older than {number} days: {number2}",
    "No vulnerability in imported scans is older than {number} days",
    "No scan was imported in the last {number} days",
    "Vulnerabilities without a severity in the imported scan: {number}",
    "Vaults of other subscriptions were not read, because there are too many other subscriptions ({number})",
    "The backup policy {resource} is not in the list that Azure returned",
)
