"""Rare forms of documents (`--rare-rate`) are generated, and controls reach the verdicts that the generator expects."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.sandbox.agreement import agreed, estates

SEEDS = range(1, 6)
RATES = (0.0, 0.5)
FLOW_LOGS = ("network_security_groups", "network_interfaces", "network_watchers", "flow_logs")


def test_flow_logs_with_a_filter_do_not_count() -> None:
    verdicts, forms = Counter[str](), Counter[tuple[Any, Any]]()
    only_partial = Counter[str]()
    for estate in estates(SEEDS, RATES, rare_rate=0.6, resources=60):
        verdicts += agreed(estate, "logging-nsg-flow", FLOW_LOGS)
        targets: dict[str, set[bool]] = {}
        for log in (one["properties"] for one in estate.of("Microsoft.Network/networkWatchers/flowLogs")):
            criteria, states = log.get("enabledFilteringCriteria"), log.get("recordTypes")
            forms[criteria, states] += 1
            partial = bool(criteria) or states not in (None, "", "B,C,E,D")
            targets.setdefault(log["targetResourceId"], set()).add(partial or not log["enabled"])
        for group, verdict in estate.expected["logging-nsg-flow"].items():
            if targets.get(group) == {True}:
                only_partial[verdict] += 1
    assert set(verdicts) == {"pass", "fail", "not_applicable"}
    assert set(only_partial) == {"fail"}
    assert len(forms) == 8, forms
