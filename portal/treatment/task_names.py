"""Define the names of the tasks that actions enqueue. `portal.treatment.tasks` registers the tasks."""

from typing import Final

AFTER_ASSESSMENT: Final = "portal.treatment.tasks.after_assessment"
# This task is enqueued after a person's decision, such as an approval, so that the figures of the day include it.
REFRESH: Final = "portal.treatment.tasks.refresh"
# This task is enqueued when a campaign starts, to notify the owners of the campaign and of its findings.
ANNOUNCE_CAMPAIGN: Final = "portal.treatment.tasks.announce_campaign"
