"""Settings of the HTTP API."""

from __future__ import annotations

from typing import Any

from assessments.version import VERSION
from portal.settings import env

# Maximum numbers of requests in a minute with one token, and with all tokens of a person; 0 for no limit.
SURETY_API_REQUESTS_PER_MINUTE = env.integer("SURETY_API_REQUESTS_PER_MINUTE", 600)
SURETY_API_PERSON_REQUESTS_PER_MINUTE = env.integer(
    "SURETY_API_PERSON_REQUESTS_PER_MINUTE", 3 * SURETY_API_REQUESTS_PER_MINUTE
)

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["portal.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["portal.api.authentication.HasToken"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portal.api.parsers.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "portal.api.parsers.OnlyJSON",
    "DEFAULT_SCHEMA_CLASS": "portal.api.contract.ContractSchema",
    "EXCEPTION_HANDLER": "portal.api.problems.handle",
    # In tests, the API client of REST framework sends JSON by default, like the programs that use the API.
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Surety",
    "DESCRIPTION": (
        "With this API, programs assess the Azure subscriptions of customers, and read findings and reports. Send"
        " the token in the header `Authorization: Bearer surety_pat_…`. Create tokens under Account, API"
        " tokens."
    ),
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "CheckStateEnum": "portal.api.v1.preflights.STATES",
        "DecisionEnum": "portal.api.v1.reviews.DECISIONS",
        "RegisterCloudEnum": "portal.api.v1.registration.CHOICES",
        "ServicePrincipalKindEnum": "portal.api.v1.connection.PRINCIPAL_KINDS",
        "SubscriptionDecisionEnum": "portal.api.v1.delegations.DECISIONS",
        "ReportDeliveryStateEnum": "portal.api.v1.report_links.DELIVERY_STATES",
        "ReportRunStateEnum": "portal.api.v1.schedule_choices.RUN_STATES",
        "ReportStateEnum": "portal.api.v1.reports.REPORT_STATES",
        "ScheduledReportKindEnum": "portal.api.v1.schedule_choices.SCHEDULED_KINDS",
        "ReportKindEnum": "portal.reports.kinds.KINDS",
        "ChangeKindEnum": "portal.api.v1.watch_rules.KINDS",
        "ChannelKindEnum": "portal.api.v1.channels.CHANNEL_KINDS",
        "SeverityEnum": "portal.api.v1.ticket_rules.SEVERITIES",
        "TicketStateEnum": "portal.api.v1.tickets.TICKET_STATES",
        "TicketSystemKindEnum": "portal.api.v1.ticket_systems.TICKET_KINDS",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "portal.api.contract.add_chosen_fields",
        "portal.api.contract.add_problems",
        "portal.api.examples.add_examples",
    ],
}
