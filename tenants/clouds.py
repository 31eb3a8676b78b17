"""The Azure clouds: where to sign in, where ARM and Graph are, and which scope a token for ARM needs.

Source: `azure.mgmt.core.tools.get_arm_endpoints`, `azure.identity.AzureAuthorityHosts` and
`msgraph_core.NationalClouds` (read November 2026). Azure Government's token scope is on another host than its
ARM. A custom cloud (Azure Stack, an air-gapped one, the sandbox) gives its own endpoints and, where needed,
the certificate authority that signed for them.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509

from tenants.errors import InvalidInput

CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Cloud:
    """Endpoints are https addresses without a trailing slash; `arm_scope` ends in `/.default`.

    `ca` is PEM text or the path of a PEM file, empty for the system's authorities.
    """

    name: str
    authority: str
    arm: str
    arm_scope: str
    graph: str
    ca: str = ""

    @property
    def instance_discovery(self) -> bool:
        """Whether Microsoft knows the authority; MSAL must not ask login.microsoftonline.com otherwise."""
        return self.name != CUSTOM

    @property
    def graph_scope(self) -> str:
        """The scope of a token for Microsoft Graph."""
        return f"{self.graph}/.default"


CLOUDS: dict[str, Cloud] = {
    cloud.name: cloud
    for cloud in (
        Cloud(
            name="AzureCloud",
            authority="https://login.microsoftonline.com",
            arm="https://management.azure.com",
            arm_scope="https://management.azure.com/.default",
            graph="https://graph.microsoft.com",
        ),
        Cloud(
            name="AzureUSGovernment",
            authority="https://login.microsoftonline.us",
            arm="https://management.usgovcloudapi.net",
            arm_scope="https://management.core.usgovcloudapi.net/.default",
            graph="https://graph.microsoft.us",
        ),
        Cloud(
            name="AzureChinaCloud",
            authority="https://login.chinacloudapi.cn",
            arm="https://management.chinacloudapi.cn",
            arm_scope="https://management.chinacloudapi.cn/.default",
            graph="https://microsoftgraph.chinacloudapi.cn",
        ),
    )
}
CHOICES = [*CLOUDS, CUSTOM]
_SETTINGS = tuple(field.name for field in fields(Cloud) if field.name != "name")


def cloud_from(name: str, settings: Mapping[str, str] | None = None) -> Cloud:
    """The cloud of that name; a custom one from its settings. InvalidInput says what is wrong with them."""
    if name in CLOUDS:
        if settings:
            raise InvalidInput(
                f"{name} has fixed endpoints. Choose the cloud “{CUSTOM}” to give your own.",
                code="cloud_settings_not_allowed",
                fields={"cloud_settings": ["Leave these empty for a cloud of Microsoft."]},
            )
        return CLOUDS[name]
    if name != CUSTOM:
        known = ", ".join(CHOICES)
        raise InvalidInput(
            f"There is no cloud “{name}”. Choose one of {known}.",
            code="cloud_unknown",
            fields={"cloud_name": [f"Choose one of {known}."]},
        )
    return _custom(settings or {})


def _custom(settings: Mapping[str, str]) -> Cloud:
    problems: dict[str, list[str]] = {}
    values: dict[str, str] = {}
    for name in settings:
        if name not in _SETTINGS:
            problems[name] = [f"There is no such setting. A custom cloud has {', '.join(_SETTINGS)}."]
    for name in ("authority", "arm", "graph"):
        values[name] = str(settings.get(name) or "").strip().rstrip("/")
        if problem := _address_problem(values[name]):
            problems[name] = [problem]
    values["arm_scope"] = str(settings.get("arm_scope") or "").strip() or f"{values['arm']}/.default"
    if "arm" not in problems or settings.get("arm_scope"):
        if not values["arm_scope"].endswith("/.default"):
            problems["arm_scope"] = ["Give a scope that ends in /.default, such as https://host/.default."]
        elif problem := _address_problem(values["arm_scope"].removesuffix("/.default").rstrip("/")):
            problems["arm_scope"] = [problem]
    values["ca"] = str(settings.get("ca") or "").strip()
    if values["ca"] and (problem := _ca_problem(values["ca"])):
        problems["ca"] = [problem]
    if problems:
        text = " ".join(f"{name}: {' '.join(texts)}" for name, texts in problems.items())
        raise InvalidInput(f"The custom cloud cannot be used. {text}", code="cloud_invalid", fields=problems)
    return Cloud(name=CUSTOM, **values)


def settings_of(cloud: Cloud) -> dict[str, str]:
    """What to keep of a cloud next to its name: empty for one of Microsoft's."""
    if cloud.name != CUSTOM:
        return {}
    return {name: str(value) for name, value in asdict(cloud).items() if name != "name"}


def _address_problem(address: str) -> str:
    """What is wrong with an endpoint, or an empty string."""
    if not address:
        return "Give an address, such as https://management.local."
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        return f"{address} is no address: {error}."
    if parts.scheme != "https":
        return f"{address} must begin with https://: a token is never sent over an open line."
    if not host or any(character.isspace() for character in address):
        return f"{address} has no usable host."
    if "@" in parts.netloc:
        return "Leave user and password out of the address."
    if parts.query or parts.fragment or "?" in address or "#" in address:
        return f"{address} must have neither query nor fragment."
    if parts.path:
        return f"{address} must end after the host and port."
    return ""


def _ca_problem(ca: str) -> str:
    pem = ca.encode()
    if not ca.startswith("-----BEGIN"):
        try:
            pem = Path(ca).read_bytes()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            return f"The CA file {ca!r} cannot be read ({reason}). Give PEM text or the path of a PEM file."
    try:
        x509.load_pem_x509_certificates(pem)
    except ValueError:
        return "The CA holds no PEM certificate (-----BEGIN CERTIFICATE-----)."
    return ""
