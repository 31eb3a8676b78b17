"""Names of the tasks. Actions enqueue tasks by these names, because actions may not import the tasks."""

from typing import Final

BUILD: Final = "portal.portfolio_reports.tasks.build"
RENEW: Final = "portal.portfolio_reports.tasks.renew"
