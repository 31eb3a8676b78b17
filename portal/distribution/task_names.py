"""Names of the tasks that actions enqueue; `portal.distribution.tasks` registers them."""

from typing import Final

RUN: Final = "portal.distribution.tasks.run"
SEND: Final = "portal.distribution.tasks.send"
RUN_PORTFOLIO: Final = "portal.distribution.tasks.run_portfolio"
SEND_PORTFOLIO: Final = "portal.distribution.tasks.send_portfolio"
