"""Names in generated estates. Mail domains are reserved for examples (RFC 2606)."""

from __future__ import annotations

REGIONS = (
    ("westeurope", "northeurope"),
    ("germanywestcentral", "westeurope"),
    ("uksouth", "ukwest"),
    ("eastus", "westus2"),
    ("switzerlandnorth", "germanywestcentral"),
)

# The display names of all regions in `REGIONS`, each region once. Some resource providers list regions by these names.
REGION_NAMES = (
    "West Europe",
    "North Europe",
    "Germany West Central",
    "UK South",
    "UK West",
    "East US",
    "West US 2",
    "Switzerland North",
)

# (name of a subscription, environment, kinds of workload)
SUBSCRIPTION_KINDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Production", "prod", ("network", "storage", "machine", "sql", "data")),
    ("Test", "test", ("network", "storage", "machine", "sql")),
    ("Shared services", "shared", ("network", "storage", "machine")),
    ("Development", "dev", ("storage", "sql", "data")),
    ("Integration", "int", ("network", "storage", "machine", "sql", "data")),
    ("Archive", "arch", ("storage",)),
    ("Connectivity", "conn", ("network",)),
    ("Reserved", "rsv", ()),
)

APPS = (
    "billing",
    "crm",
    "portal",
    "erp",
    "webshop",
    "intranet",
    "reporting",
    "payroll",
    "identity",
    "telemetry",
    "archive",
    "logistics",
    "booking",
    "catalogue",
    "mail",
    "search",
    "maps",
    "hr",
)

TEAMS = ("platform", "data", "web", "security", "finance", "operations", "workplace", "integration")

GIVEN = (
    "Anna",
    "Ben",
    "Carla",
    "David",
    "Elif",
    "Farid",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Katja",
    "Luca",
    "Mira",
    "Nils",
    "Olga",
    "Paul",
    "Rosa",
    "Sami",
    "Tara",
    "Uwe",
    "Vera",
    "Wim",
    "Yara",
    "Zoe",
)
FAMILY = (
    "Adler",
    "Bauer",
    "Costa",
    "Dahl",
    "Engel",
    "Fischer",
    "Garcia",
    "Huber",
    "Ivanov",
    "Jansen",
    "Keller",
    "Lang",
    "Meyer",
    "Novak",
    "Olsen",
    "Peters",
    "Quint",
    "Rossi",
    "Schmidt",
    "Thoma",
    "Ulrich",
    "Vogel",
)

PARTNER_DOMAINS = ("partner.example.net", "agency.example.org", "auditor.example.net")
VM_SIZES = ("Standard_B2ms", "Standard_D2s_v5", "Standard_D4s_v5", "Standard_E4s_v5", "Standard_F4s_v2")
