"""Settings of Event Hubs namespaces."""

from __future__ import annotations

from tests.assessments.controls.messaging_cases import Namespaces

CASES = Namespaces("eventhub", "Microsoft.EventHub", large="Standard", small="Basic").cases()
OFFICIAL_VERDICTS = """
eventhub-local-auth fail: NamespaceSample
eventhub-pe pass: NamespaceSample
eventhub-pna pass: NamespaceSample
eventhub-tls pass: NamespaceSample
"""
