"""Define the names of the ticket tasks, for code that may not import the tasks."""

from typing import Final

PLAN: Final = "portal.tickets.tasks.plan"
SEND: Final = "portal.tickets.tasks.send"
POLL: Final = "portal.tickets.tasks.poll"
CHECK: Final = "portal.tickets.tasks.check"
