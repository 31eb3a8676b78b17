"""Define the names of the tasks that actions enqueue. `portal.treatment.tasks` registers the tasks."""

from typing import Final

AFTER_ASSESSMENT: Final = "portal.treatment.tasks.after_assessment"
# This task is enqueued after a decision, so that the figures of the day include the decision.
REFRESH: Final = "portal.treatment.tasks.refresh"
# Enqueued when a campaign starts, to notify the owners.
ANNOUNCE_CAMPAIGN: Final = "portal.treatment.tasks.announce_campaign"
