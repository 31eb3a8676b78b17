"""Send requests to ticket systems. Each kind of ticket system has one module, with the interface of `base`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from portal.tickets.connectors.autotask import AUTOTASK
from portal.tickets.connectors.base import Connector, Tracker
from portal.tickets.connectors.connectwise import CONNECTWISE
from portal.tickets.connectors.github import GITHUB
from portal.tickets.connectors.halopsa import HALOPSA
from portal.tickets.connectors.jira import JIRA
from portal.tickets.connectors.servicenow import SERVICENOW

CONNECTORS: Final[Mapping[str, Connector]] = {
    one.key: one for one in (JIRA, SERVICENOW, HALOPSA, CONNECTWISE, AUTOTASK, GITHUB)
}
"""All connectors by their keys, in the order in which the page of ticket systems lists them."""

__all__ = ["CONNECTORS", "Connector", "Tracker"]
