"""Logic apps of the consumption plan."""

from __future__ import annotations

from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import listed, since
from assessments.estate.documented_codes import GENERAL
from assessments.estate.services import logic_apps

LOGIC_WORKFLOWS = listed(
    "logic_workflows",
    "Microsoft.Logic/workflows@2019-05-01",
    "Logic apps",
    prepare=logic_apps.without_definition,
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since("2019-05-01", "logic/resource-manager/Microsoft.Logic/stable/2019-05-01/logic.json"),
    definition=Definition("azure.mgmt.logic.models:Workflow", library="azure-mgmt-logic 10.0.0"),
)
