"""The columns of a file of customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from assessments.timing.timetable import EXAMPLE
from portal.files.csv_input import Layout
from tenants.clouds import CLOUDS


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the header, what it contains, and an example for the template."""

    name: str
    help: str
    example: str = ""
    required: bool = False


NAME: Final = "name"
DIRECTORY_ID: Final = "directory_id"
DIRECTORY_NAME: Final = "directory_name"
CLOUD: Final = "cloud"
SHORT_NAME: Final = "short_name"
TIME_ZONE: Final = "time_zone"
LABELS: Final = "labels"
SCHEDULE: Final = "schedule"
CLIENT_ID: Final = "client_id"
CLIENT_SECRET: Final = "client_secret"  # noqa: S105 - the name of a column
SECRET_EXPIRES: Final = "secret_expires"  # noqa: S105 - the name of a column
HOST_IDENTITY: Final = "host_identity"

COLUMNS: Final = (
    Column(NAME, "Name of the customer", "Contoso", required=True),
    Column(
        DIRECTORY_ID,
        "ID of the Entra directory (“Tenant ID” in Entra). If a file is imported again, this ID identifies the"
        " customer",
        "72f988bf-86f1-41af-91ab-2d7cd011db47",
        required=True,
    ),
    Column(
        DIRECTORY_NAME,
        "Name of a new directory. If the cell is empty, the directory gets the name of the customer",
        "Contoso (Entra)",
    ),
    Column(CLOUD, f"{', '.join(CLOUDS)}; if empty, AzureCloud for a new directory", "AzureCloud"),
    Column(
        SHORT_NAME,
        "Short name of the customer, as in the addresses of pages. To add a directory to a registered customer,"
        " enter the short name of this customer",
        "contoso",
    ),
    Column(
        TIME_ZONE,
        "IANA name of a time zone. If the cell is empty, a new customer gets the time zone of the organization",
        "Europe/Berlin",
    ),
    Column(LABELS, "Words for filtering customers, separated by |", "gold|north"),
    Column(
        SCHEDULE,
        "When assessments start: “off” (no scheduled assessments), “default” (the default schedule of the"
        f" organization), or a timetable such as {EXAMPLE}",
        EXAMPLE,
    ),
    Column(CLIENT_ID, "Application ID of the service principal", ""),
    Column(
        CLIENT_SECRET,
        "Value of the service principal’s client secret. Surety encrypts the value when the file is"
        " uploaded, and never shows it again",
        "",
    ),
    Column(SECRET_EXPIRES, "Last day on which the client secret is valid, as YYYY-MM-DD", ""),
    Column(
        HOST_IDENTITY,
        "Name of a host identity (an identity of the machine that runs Surety), to use instead of a client secret."
        " The operator must allow the host identity for the directory and client_id",
        "",
    ),
)
# Other names that people write into the header.
ALIASES: Final = {
    "customer": NAME,
    "customer_name": NAME,
    "tenant_id": DIRECTORY_ID,
    "directory": DIRECTORY_ID,
    "timezone": TIME_ZONE,
    "zone": TIME_ZONE,
    "slug": SHORT_NAME,
    "label": LABELS,
    "tags": LABELS,
    "app_id": CLIENT_ID,
    "appid": CLIENT_ID,
    "application_id": CLIENT_ID,
    "secret": CLIENT_SECRET,
    "expires": SECRET_EXPIRES,
    "identity": HOST_IDENTITY,
}
# The last argument exempts client secrets from a check: they may contain control characters and begin like a formula.
LAYOUT: Final = Layout(
    "customer",
    "customers",
    tuple(column.name for column in COLUMNS),
    tuple(column.name for column in COLUMNS if column.required),
    ALIASES,
    frozenset({CLIENT_SECRET}),
)
