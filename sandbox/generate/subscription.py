"""Define the state of the subscription that the generator is writing, and helpers that write the subscription's
documents.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sandbox.generate.clouds import DEFENDER_CONTROLS
from sandbox.generate.directory.management_groups import ManagementGroups
from sandbox.generate.directory.people import Directory
from sandbox.generate.names import APPS, TEAMS
from sandbox.generate.output import Json, Output
from sandbox.generate.random_source import RandomSource

# For these types of resources, the SKU is inside of `properties` in the document, and not beside `properties`.
KINDS_WITH_OWN_SKU = frozenset({"Microsoft.Network/virtualNetworkGateways", "Microsoft.Cache/Redis"})
# Types of resources whose diagnostic settings a control judges.
LOGGING_KINDS = frozenset(
    {
        "Microsoft.ContainerService/managedClusters",
        "Microsoft.ContainerRegistry/registries",
        "Microsoft.Search/searchServices",
        "Microsoft.CognitiveServices/accounts",
        "Microsoft.ApiManagement/service",
        "Microsoft.ServiceBus/namespaces",
        "Microsoft.EventHub/namespaces",
        "Microsoft.DataFactory/factories",
        "Microsoft.Synapse/workspaces",
        "Microsoft.AppConfiguration/configurationStores",
        "Microsoft.Automation/automationAccounts",
        "Microsoft.Logic/workflows",
        "Microsoft.Web/sites",
    }
)


@dataclass
class Contact:
    """Whether Defender mails alerts to the security contact, and whether Defender notifies the subscription's owners.

    `notifies_owners` is None if Azure's documentation does not say whether owners are notified (see `write_contact`).
    """

    mails_alerts: bool = False
    notifies_owners: bool | None = False


@dataclass
class Subscription:
    """The data of a subscription that the generator needs to write the subscription's documents and verdicts.

    - `state`: the state of the subscription in ARM; `groups`: the management groups above the subscription
    - `people`: the people of the directory; None if there is no access to Microsoft Graph
    - `owners`: the object ids of principals with the role Owner at the subscription
    - `managed_by`: the value of `managedBy` for the resource groups that are written next, or an empty text
    - `rare_effects`: the names of rare parameters of the benchmark's initiative, possibly none (`defender_policy`)
    - `without_filters`: whether flow logs have no filter in the api-versions of the cloud
    - `has_sensor`: {id of an AKS cluster: whether it has the sensor of Defender}
    - `machines`: {id of a virtual machine: region}
    - `logging`: resources whose diagnostic settings a control judges
    """

    guid: str
    directory: str
    display_name: str
    environment: str
    regions: tuple[str, str]
    mail_domain: str
    rng: RandomSource
    out: Output
    state: str = "Enabled"
    groups: ManagementGroups | None = None
    managed_by: str = ""
    rare_effects: tuple[str, ...] = ()
    sql_plan_standard: bool = True
    contact: Contact = field(default_factory=Contact)
    watched_regions: frozenset[str] = frozenset()
    network_regions: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    types_seen: set[str] = field(default_factory=set)
    expected_controls: set[str] = field(default_factory=set)
    first_document: int = 0
    without_defender: bool = False
    without_perimeters: bool = False
    has_nosql_accounts: bool = False
    without_filters: bool = False
    has_overdue_recommendation: bool = False
    rare_recommendations: bool = False
    people: Directory | None = None
    owners: set[str] = field(default_factory=set)
    has_lock_role: bool = False
    has_sensor: dict[str, bool] = field(default_factory=dict)
    logging: list[Json] = field(default_factory=list)
    machines: dict[str, str] = field(default_factory=dict)
    skus: list[tuple[Json, Json]] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"/subscriptions/{self.guid}"

    @contextmanager
    def branch(self, key: str) -> Iterator[None]:
        """Use a separate random source in the `with` block, so that choices in the block do not change choices after
        the block.
        """
        chosen, self.rng = self.rng, self.rng.branch(key)
        try:
            yield
        finally:
            self.rng = chosen

    def next_number(self, kind: str) -> int:
        """Return the next number for this kind of object, beginning with 1."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return self.counts[kind]

    def expect(self, control: str, subject: str, verdict: str | None) -> None:
        """Write the expected verdict on the subject. Write nothing in two cases:

        - `verdict` is None, because it cannot be predicted
        - the control does not apply, because the cloud has no Defender for Cloud
        """
        if self.without_defender and control in DEFENDER_CONTROLS:
            return
        self.expected_controls.add(control)
        if verdict is not None:
            self.out.verdict(control, subject, verdict)

    def expect_failure_if(self, control: str, subject: str, fails: bool) -> None:
        """Write the expected verdict on the subject: fail if `fails` is true, and pass if it is false."""
        self.expect(control, subject, "fail" if fails else "pass")

    def id_of(self, group: str | None, kind: str, name: str) -> str:
        """Return the ARM id of a resource. For example, a SQL database has the `kind` `Microsoft.Sql/servers/databases`
        and a `name` such as `server/database`.
        """
        provider, *types = kind.split("/")
        pairs = "/".join(f"{t}/{n}" for t, n in zip(types, name.split("/"), strict=True))
        scope = self.id if group is None else f"{self.id}/resourceGroups/{group}"
        return f"{scope}/providers/{provider}/{pairs}"

    def write(self, group: str | None, kind: str, name: str, properties: Json, /, **rest: object) -> str:
        """Write a resource and return its id. `rest` are other properties of the document, such as location or tags."""
        resource_id = self.id_of(group, kind, name)
        self.types_seen.add(kind)
        if kind in LOGGING_KINDS:
            self.logging.append({"id": resource_id, "type": kind, **rest, "state": properties.get("state")})
        sku = properties.get("sku") if kind in KINDS_WITH_OWN_SKU else rest.get("sku")
        if isinstance(sku, dict):
            tags = rest.get("tags")
            self.skus.append((sku, tags if isinstance(tags, dict) else {}))
        self.out.document(
            {
                "id": resource_id,
                "name": name.rsplit("/", 1)[-1],
                "type": kind,
                **rest,
                "properties": properties,
            }
        )
        return resource_id

    def group(self, app: str | None = None, region: str | None = None) -> tuple[str, str, Json]:
        """Write a resource group. Return its name, its region and the tags for its resources."""
        rng = self.rng
        chosen = app or rng.pick(APPS)
        name = f"rg-{chosen}-{self.environment}-{self.next_number('group'):03d}"
        location = region or self.regions[0 if rng.chance(0.75) else 1]
        team = rng.pick(TEAMS)
        tags = {
            "owner": f"{team}@{self.mail_domain}",
            "application": chosen,
            "environment": self.environment,
            "cost-centre": f"CC-{rng.randrange(1000, 9999)}",
        }
        if self.managed_by:
            name = f"mrg-{name.removeprefix('rg-')}"
        self.write_group(name, location, tags)
        return name, location, tags

    def write_group(self, name: str, location: str, tags: Json) -> None:
        """Write a resource group with this name, for example one that Azure creates, such as NetworkWatcherRG."""
        self.out.document(
            {
                "id": f"{self.id}/resourceGroups/{name}",
                "name": name,
                "type": "Microsoft.Resources/resourceGroups",
                "location": location,
                **({"managedBy": self.managed_by} if self.managed_by else {}),
                "tags": tags,
                "properties": {"provisioningState": "Succeeded"},
            }
        )

    @property
    def document_count(self) -> int:
        """The number of documents written for this subscription."""
        return self.out.documents - self.first_document
