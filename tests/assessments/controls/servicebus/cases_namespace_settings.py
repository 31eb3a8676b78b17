"""Settings of Service Bus namespaces."""

from __future__ import annotations

from tests.assessments.controls.messaging_cases import Namespaces

CASES = Namespaces("servicebus", "Microsoft.ServiceBus", large="Premium", small="Standard").cases()
