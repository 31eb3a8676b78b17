"""Registered names of the tasks that actions enqueue. Queued messages contain the names, so never change a name."""

from typing import Final

PREPARE: Final = "assessments.tasks.prepare"
RUN_UNIT: Final = "assessments.tasks.run_unit"
TRY_CREDENTIAL: Final = "assessments.tasks.try_credential"
TRY_MANAGING_CREDENTIAL: Final = "assessments.tasks.try_managing_credential"
CHECK_FINDING: Final = "assessments.tasks.check_finding"
REFRESH_NAMES: Final = "assessments.tasks.refresh_names"
RESUME_SCHEDULE: Final = "assessments.tasks.resume_schedule"
IMPORT_SCANS: Final = "assessments.tasks.import_scans"
MATCH_SCANS: Final = "assessments.tasks.match_scans"
WATCH: Final = "assessments.tasks.watch"
