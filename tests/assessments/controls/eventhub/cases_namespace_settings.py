"""Settings of Event Hubs namespaces."""

from __future__ import annotations

from tests.assessments.controls.messaging_cases import Namespaces

CASES = Namespaces("eventhub", "Microsoft.EventHub", large="Standard", small="Basic").cases()
