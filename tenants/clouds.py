"""Azure clouds: the addresses of sign-in, ARM and Graph, and the scope of a token for ARM.

Source: `azure.mgmt.core.tools.get_arm_endpoints`, `azure.identity.AzureAuthorityHosts` and
`msgraph_core.NationalClouds` (read November 2026). Azure Government's token scope names another host than its
ARM endpoint. A custom cloud (Azure Stack, an air-gapped cloud, the sandbox) has its own endpoints and, if needed,
its own certificate authority.
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
    """The endpoints of a cloud: https URLs without a trailing slash. `arm_scope` ends in `/.default`.

    `ca` is PEM text or the path of a PEM file; empty means the system's certificate authorities.
    """

    name: str
    authority: str
    arm: str
    arm_scope: str
    graph: str
    ca: str = ""

    @property
    def instance_discovery(self) -> bool:
        """Whether MSAL may ask login.microsoftonline.com about the authority: only for Microsoft's own clouds."""
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
    """Return the cloud with this name, or a custom cloud with these settings. Raise InvalidInput for bad ones."""
    if name in CLOUDS:
        if settings:
            raise InvalidInput(
                f"{name} has fixed endpoints. Choose the cloud “{CUSTOM}” to enter your own.",
                code="cloud_settings_not_allowed",
                fields={"cloud_settings": ["Leave these settings empty for a Microsoft cloud."]},
            )
        return CLOUDS[name]
    if name != CUSTOM:
        known = ", ".join(CHOICES)
        raise InvalidInput(
            f"Unknown cloud “{name}”. Choose one of {known}.",
            code="cloud_unknown",
            fields={"cloud_name": [f"Choose one of {known}."]},
        )
    return _custom(settings or {})


def _custom(settings: Mapping[str, str]) -> Cloud:
    problems: dict[str, list[str]] = {}
    values: dict[str, str] = {}
    for name in settings:
        if name not in _SETTINGS:
            problems[name] = [f"Unknown setting. A custom cloud has the settings {', '.join(_SETTINGS)}."]
    for name in ("authority", "arm", "graph"):
        values[name] = str(settings.get(name) or "").strip().rstrip("/")
        if problem := _address_problem(values[name]):
            problems[name] = [problem]
    values["arm_scope"] = str(settings.get("arm_scope") or "").strip() or f"{values['arm']}/.default"
    if "arm" not in problems or settings.get("arm_scope"):
        if not values["arm_scope"].endswith("/.default"):
            problems["arm_scope"] = ["Enter a scope that ends in /.default, such as https://host/.default."]
        elif problem := _address_problem(values["arm_scope"].removesuffix("/.default").rstrip("/")):
            problems["arm_scope"] = [problem]
    values["ca"] = str(settings.get("ca") or "").strip()
    if values["ca"] and (problem := _ca_problem(values["ca"])):
        problems["ca"] = [problem]
    if problems:
        text = " ".join(f"{name}: {' '.join(texts)}" for name, texts in problems.items())
        raise InvalidInput(
            f"The settings of the custom cloud are invalid. {text}", code="cloud_invalid", fields=problems
        )
    return Cloud(name=CUSTOM, **values)


def settings_of(cloud: Cloud) -> dict[str, str]:
    """Return the settings to store beside the cloud's name; empty for a Microsoft cloud."""
    if cloud.name != CUSTOM:
        return {}
    return {name: str(value) for name, value in asdict(cloud).items() if name != "name"}


def _address_problem(address: str) -> str:
    """Return what is wrong with an endpoint, or an empty string."""
    if not address:
        return "Enter a URL, such as https://management.local."
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        return f"{address} is not a valid URL: {error}."
    if parts.scheme != "https":
        return f"{address} must begin with https://, because Surety never sends a token unencrypted."
    if not host or any(character.isspace() for character in address):
        return f"{address} has no valid host name."
    if "@" in parts.netloc:
        return "Remove the credentials from the URL."
    if parts.query or parts.fragment or "?" in address or "#" in address:
        return f"Remove the query and the fragment from {address}."
    if parts.path:
        return f"Remove the path after the host and port from {address}."
    return ""


def _ca_problem(ca: str) -> str:
    pem = ca.encode()
    if not ca.startswith("-----BEGIN"):
        try:
            pem = Path(ca).read_bytes()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            return f"The CA file {ca!r} cannot be read ({reason}). Enter PEM text or the path of a PEM file."
    try:
        x509.load_pem_x509_certificates(pem)
    except ValueError:
        return "The CA contains no PEM certificate. Enter PEM text with a -----BEGIN CERTIFICATE----- block."
    return ""
