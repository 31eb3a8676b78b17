"""Settings of Event Hubs namespaces."""

from __future__ import annotations

from tests.assessments.controls.messaging_cases import Namespaces
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

CASES = Namespaces("eventhub", "Microsoft.EventHub", large="Standard", small="Basic").cases()
OFFICIAL_VERDICTS = """
eventhub-local-auth fail: NamespaceSample
eventhub-pe pass: NamespaceSample
eventhub-pna pass: NamespaceSample
eventhub-tls pass: NamespaceSample
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Event Hubs › {namespace} › Overview › Local Authentication › Disabled",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/event-hubs/private-link-service.md",
            "0b8729eaf7eb0aabc6390cb17348d19761285f12",
            "Navigate to your Event Hubs namespace in the Azure portal",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/service-bus-messaging/disable-local-authentication.md",
            "03e5750af10b23b5ba437d5b333ec5e9437844f9",
            "In the Essentials section of the Overview page, select Enabled, for Local Authentication",
            "On the Local Authentication page, select Disabled, and select OK",
        ),
        page="https://learn.microsoft.com/azure/event-hubs/authenticate-shared-access-signature",
    ),
    ComparedPath(
        "Azure portal › Event Hubs › {namespace} › Settings › Networking › Private access › Create private endpoint",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/event-hubs/private-link-service.md",
            "0b8729eaf7eb0aabc6390cb17348d19761285f12",
            "Navigate to your Event Hubs namespace in the Azure portal",
            "Select Networking under Settings on the left menu",
            "On the Networking page, switch to the Private access tab",
            "Select the Create private Endpoint button at the top of the page",
        ),
    ),
    ComparedPath(
        "Azure portal › Event Hubs › {namespace} › Settings › Networking › Public network access › Manage › Disable",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/event-hubs/private-link-service.md",
            "0b8729eaf7eb0aabc6390cb17348d19761285f12",
            "Navigate to your Event Hubs namespace in the Azure portal",
            "Select Networking under Settings on the left menu",
            "On the Networking page, select Manage under Public network access",
            "On the Public network access page, select Disable to restrict inbound access",
        ),
    ),
    ComparedPath(
        "Azure portal › Event Hubs › {namespace} › Settings › Configuration › Minimum TLS version",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/event-hubs/private-link-service.md",
            "0b8729eaf7eb0aabc6390cb17348d19761285f12",
            "Navigate to your Event Hubs namespace in the Azure portal",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/event-hubs/transport-layer-security-configure-minimum-version.md",
            "2431f2190a791478a1a437c740bbf125338e2873",
            "Configure the minimum TLS version for an Event Hubs namespace",
        ),
        not_in_text={
            "Settings": (
                "The documentation sets the version with a template. The portal shows it on the page that "
                "the documentation names for Service Bus, whose namespaces have the same pages."
            ),
            "Configuration": (
                "The page is named for Service Bus: You can also specify the minimum TLS version for an "
                "existing namespace on the Configuration page."
            ),
        },
    ),
]
