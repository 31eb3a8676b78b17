"""Settings of Service Bus namespaces."""

from __future__ import annotations

from tests.assessments.controls.messaging_cases import Namespaces
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

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
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Service Bus › {namespace} › Overview › Local Authentication › Disabled",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/service-bus-messaging/disable-local-authentication.md",
            "03e5750af10b23b5ba437d5b333ec5e9437844f9",
            "Navigate to your Service Bus namespace in the Azure portal",
            "In the Essentials section of the Overview page, select Enabled, for Local Authentication",
            "On the Local Authentication page, select Disabled, and select OK",
        ),
    ),
    ComparedPath(
        "Azure portal › Service Bus › {namespace} › Settings › Networking › Private endpoint connections"
        " › + Private endpoint",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/service-bus-messaging/private-link-service.md",
            "0063a778354cf4ddfd8fd9c473977eae71d31e13",
            "In the search bar, type in Service Bus",
            "On the left menu, select Networking option under Settings",
            "select the Private endpoint connections tab at the top of the page",
            "Select the + Private Endpoint button at the top of the page",
        ),
    ),
    ComparedPath(
        "Azure portal › Service Bus › {namespace} › Settings › Networking › Public network access: Disabled",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/service-bus-messaging/service-bus-ip-filtering.md",
            "0063a778354cf4ddfd8fd9c473977eae71d31e13",
            "Navigate to your Service Bus namespace",
            "On the left menu, select Networking option under Settings",
            "On the Networking page, for Public network access, you can set one of the three following options",
            "Disabled. This option disables any public access to the namespace",
        ),
    ),
    ComparedPath(
        "Azure portal › Service Bus › {namespace} › Settings › Configuration › Minimum TLS version",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/service-bus-messaging/service-bus-ip-filtering.md",
            "0063a778354cf4ddfd8fd9c473977eae71d31e13",
            "Navigate to your Service Bus namespace",
        ),
        DocsFile(
            (
                "MicrosoftDocs/azure-docs/articles/service-bus-messaging/"
                "transport-layer-security-configure-minimum-version.md"
            ),
            "03e5750af10b23b5ba437d5b333ec5e9437844f9",
            "You can also specify the minimum TLS version for an existing namespace on the Configuration page",
        ),
        not_in_text={"Settings": "The group of pages in the menu of a namespace, as for Networking."},
    ),
]
