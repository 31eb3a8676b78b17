"""Templates of the sentences that controls of the section `vm` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "Surety does not read which disks of a scale set are encrypted with Azure Disk Encryption",
    # Only findings that earlier versions of Surety stored have the next reason.
    "Surety does not read which disks of a scale set Azure Disk Encryption encrypts",
    "The machine is {words}",
    "The agent is {status}",
    "Unmanaged disks: {list}",
    "Every disk is encrypted {words}",
    (
        "The system disk of this confidential machine is encrypted with its guest state; the data disks are "
        "encrypted {words}"
    ),
    "The system disk of this confidential machine is encrypted with its guest state",
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
    "Patches not assessed: Azure’s last patch assessment is older than 1 day",
    # Only findings that earlier versions of Surety stored have the next two reasons.
    "Not assessed: the last assessment is older than {number} days",
    "Not assessed: the last assessment is older than 1 day",
    "Azure does not orchestrate patches ({mode})",
    "High or critical vulnerabilities older than {number} days: {number2}",
    "High or critical vulnerabilities older than 1 day: {number}",
    "Software updates for which Azure states no date: {number}",
    # Only findings that earlier versions of Surety stored have the next remark.
    "Software updates for which Azure does not state since when they are due: {number}",
    (
        "The disks are managed; from level L2, the machine also has encryption at host or encryption inside the "
        "machine, or is a confidential machine (level {level})"
    ),
    "A patch assessment at most {number} days old, with no critical or security patch missing",
    "A patch assessment at most 1 day old, with no critical or security patch missing",
    "Vulnerabilities older than {number} days: {number2}",
    "Vulnerabilities older than 1 day: {number}",
    "No vulnerability in imported scans is older than {number} days",
    "No vulnerability in imported scans is older than 1 day",
    "No scan was imported in the last {number} days",
    "No scan was imported in the last 1 day",
    "The scanner did not sign in to the machine, so it saw only what the network shows",
    "Vulnerabilities without a severity in the imported scan: {number}",
    (
        "No vulnerability of severity High or Critical is known for over {number} days, as an imported scan "
        "shows or a person attests"
    ),
    (
        "No vulnerability of severity High or Critical is known for over 1 day, as an imported scan shows or a "
        "person attests"
    ),
    "Azure Disk Encryption encrypts the disk inside the machine",
    "A link for exporting the data is valid now",
    "No managed disk is attached",
    "No managed disk is unattached",
    "No managed disks or snapshots",
    "The vTPM is off",
    "Secure boot and the vTPM are off",
    "The machine is of generation 1; trusted launch upgrades it to generation 2",
    "Azure shows the choice made when the resource was created, not the present settings of SSH",
    "Just-in-time access needs Defender for Servers Plan 2, which is off",
    "The image is approved",
    "The image is not approved",
    "The size is approved",
    "The size is not approved",
    "The extension is approved",
    "The extension is not approved",
    (
        "Attest that the images in use are approved, or enter the approved images in the settings of the "
        "control"
    ),
    (
        "Attest that the extensions in use are approved, or enter the approved extensions in the settings of "
        "the control"
    ),
    "The list in this finding may be incomplete, because Azure does not state every value",
    "A Recovery Services vault backs the machine up; its last backup is at most {number} days old",
    "A Recovery Services vault backs the machine up; its last backup is at most 1 day old",
    "The machine’s backup policy keeps daily backups for at least {number} days",
    "The machine’s backup policy keeps daily backups for at least 1 day",
    "Vaults of other subscriptions were not read, because there are too many other subscriptions ({number})",
    "The backup policy {resource} is not in the list that Azure returned",
    "No vault backs the machine up",
    "No vault of the subscription backs the machine up",
    "Azure Databricks or Azure Red Hat OpenShift replaces the machine instead of restoring it",
    "The machine belongs to a scale set, which replaces machines instead of restoring them",
    "Azure Backup does not support machines with an ephemeral system disk",
    "The backup of the machine was stopped",
    "The backup of the machine is paused",
    "The backups of the machine are suspended",
    "The machine cannot be backed up because of an error",
    "No virtual machines",
    "No virtual machines or uniform scale sets",
    "No extensions of virtual machines",
)
