"""Who plays in the demonstration, as data."""

from __future__ import annotations

from dataclasses import dataclass, field

from tenants.roles import Role

ORGANIZATION = "Northlight Managed Services"


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer and what is peculiar about its Azure.

    `unseen` of its subscriptions are hidden from the service principal's role, `graph` limits the Graph
    permissions (None: all), `denied` are collections (ARM provider/type) that answer 403.
    """

    slug: str
    name: str
    about: str
    subscriptions: int
    resources: int
    fail_rate: float
    seed: int
    graph: tuple[str, ...] | None = None
    denied: tuple[str, ...] = ()
    unseen: int = 0
    wrong_secret: bool = False
    secret_days: int = 300


# The customer with an owner and an approver, on whom the report is, and the one who answers manual controls.
LARGE, TIDY = "contoso", "fabrikam"

CUSTOMERS = (
    Customer("fabrikam", "Fabrikam Dental", "small and tidy", 1, 60, 0.04, 11),
    Customer("contoso", "Contoso Logistics", "20 subscriptions", 20, 60, 0.2, 22, secret_days=12),
    Customer(
        "tailspin",
        "Tailspin Media",
        "a credential that lacks rights",
        4,
        60,
        0.25,
        33,
        graph=("Policy.Read.All", "User.Read.All"),
        denied=("Microsoft.Sql/servers", "Microsoft.Security/pricings"),
        unseen=1,
    ),
    Customer("wingtip", "Wingtip Toys", "a wrong secret", 2, 40, 0.2, 44, wrong_secret=True),
)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A person of the demonstration; `customers` limits a role to tenants, empty means the organization."""

    email: str
    name: str
    role: Role
    customers: tuple[str, ...] = field(default=())
    days: int | None = None


PEOPLE = (
    DemoPerson("admin@northlight.example", "Ada Admin", Role.ORGANIZATION_ADMINISTRATOR),
    DemoPerson("engineer@northlight.example", "Emil Engineer", Role.ORGANIZATION_ENGINEER),
    DemoPerson("customer@fabrikam.example", "Carla Customer", Role.TENANT_ADMINISTRATOR, ("fabrikam",)),
    DemoPerson("approver@contoso.example", "Anton Approver", Role.APPROVER, ("contoso", "tailspin")),
    DemoPerson("owner@contoso.example", "Olga Owner", Role.OWNER, ("contoso",)),
    DemoPerson("auditor@audit.example", "Arno Auditor", Role.AUDITOR, ("fabrikam", "contoso"), days=90),
)
