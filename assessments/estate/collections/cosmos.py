"""Accounts of Azure Cosmos DB."""

from __future__ import annotations

from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import listed, since
from assessments.estate.documented_codes import GENERAL

COSMOS_ACCOUNTS = listed(
    "cosmos_accounts",
    "Microsoft.DocumentDB/databaseAccounts@2026-03-15",
    "Cosmos DB accounts",
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since(
        "2024-11-15",
        "cosmos-db/resource-manager/Microsoft.DocumentDB/stable/2024-11-15/cosmos-db.json",
    ),
    definition=Definition(
        "azure.mgmt.cosmosdb.models:DatabaseAccountGetResults", library="azure-mgmt-cosmosdb 10.0.0"
    ),
)
