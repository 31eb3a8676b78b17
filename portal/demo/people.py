"""Customers and people of the demonstration, as data."""

from __future__ import annotations

from dataclasses import dataclass, field

from tenants.roles import Role

ORGANIZATION = "Northlight Managed Services"


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer, the size of its Azure and the restrictions of its service principal.

    - `hidden_subscriptions`: number of subscriptions on which the service principal has no role
    - `graph`: granted Microsoft Graph permissions; None grants all
    - `denied`: collections (ARM provider/type) that answer 403 in one subscription
    - `secret_days`: days until the client secret expires
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
    hidden_subscriptions: int = 0
    wrong_secret: bool = False
    secret_days: int = 300


# LARGE has an owner and an approver, and the demonstration builds a signed report about this customer. SMALL has an
# administrator, who attests manual controls.
LARGE, SMALL = "contoso", "fabrikam"

CUSTOMERS = (
    Customer("fabrikam", "Fabrikam Dental", "small and well configured", 1, 84, 0.04, 11),
    Customer("contoso", "Contoso Logistics", "14 subscriptions", 14, 76, 0.2, 22, secret_days=12),
    Customer(
        "tailspin",
        "Tailspin Media",
        "a credential that lacks rights",
        4,
        84,
        0.25,
        33,
        graph=("Policy.Read.All", "User.Read.All"),
        denied=("Microsoft.Sql/servers", "Microsoft.Security/pricings"),
        hidden_subscriptions=1,
    ),
    Customer("wingtip", "Wingtip Toys", "a wrong secret", 2, 80, 0.2, 44, wrong_secret=True),
)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A person of the demonstration.

    `customers` are the customers in which the person has the role. If there are none, the person has the role in the
    whole organization. `days` is the number of days until the membership ends, or None if the membership has no end.
    """

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
