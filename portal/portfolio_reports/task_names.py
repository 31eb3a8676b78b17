"""Names of the tasks, for actions, which may not import the tasks."""

from typing import Final

BUILD: Final = "portal.portfolio_reports.tasks.build"
RENEW: Final = "portal.portfolio_reports.tasks.renew"
