"""Accounts of Azure AI services, which include Azure OpenAI."""

from __future__ import annotations

from assessments.estate import targets as t
from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import OPTIONAL, arm, listed, since
from assessments.estate.documented_codes import GENERAL
from assessments.estate.services import ai_accounts

_COMMIT = "85e08f702645d31e299bcbc165123f54548f5102"
_FILE = (
    "cognitiveservices/resource-manager/Microsoft.CognitiveServices/CognitiveServices/stable/2025-06-01/"
    "cognitiveservices.json"
)

_VERSION = "2025-06-01"
_SPECIFICATION = (
    "cognitiveservices/resource-manager/Microsoft.CognitiveServices/stable/2023-05-01/cognitiveservices.json"
)

AI_ACCOUNTS = listed(
    "ai_accounts",
    f"Microsoft.CognitiveServices/accounts@{_VERSION}",
    "Azure AI services accounts",
    prepare=ai_accounts.without_credentials,
    error_codes=GENERAL,
    **since("2023-05-01", _SPECIFICATION),
    definition=Definition("Account", commit=_COMMIT, file=_FILE),
)
# Microsoft's example of the list has no settings of network, keys and encryption, so each account is also read
# separately.
AI_DETAILS = arm(
    "ai_details",
    f"Microsoft.CognitiveServices/accounts@{_VERSION}",
    "Settings of Azure AI services accounts",
    path="{scope}",
    after=("ai_accounts",),
    targets=t.each("ai_accounts"),
    prepare=ai_accounts.without_credentials,
    inventory=Inventory.CONFIGURATION,
    **OPTIONAL,
    error_codes=GENERAL,
    **since("2023-05-01", _SPECIFICATION),
    definition=Definition("Account", commit=_COMMIT, file=_FILE),
)
