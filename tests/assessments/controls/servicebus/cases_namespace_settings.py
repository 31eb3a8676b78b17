"""Settings of Service Bus namespaces."""

from __future__ import annotations

from tests.assessments.controls.messaging_cases import Namespaces

CASES = Namespaces("servicebus", "Microsoft.ServiceBus", large="Premium", small="Standard").cases()
OFFICIAL_VERDICTS = """
servicebus-local-auth fail: NS-91f08e47 SBPremium
servicebus-pe not_applicable: NS-91f08e47
servicebus-pe pass: SBPremium
servicebus-pna fail: NS-91f08e47
servicebus-pna pass: SBPremium
servicebus-tls pass: NS-91f08e47
servicebus-tls unknown: SBPremium  # Neither the minimum version nor the api-version is stated
"""
