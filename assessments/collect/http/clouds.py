"""The endpoints of a cloud for signing in and reading. No module in `assessments.collect` may use Django."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit


class CloudLike(Protocol):
    """The attributes of `tenants.clouds.Cloud`, as a protocol, because no module of this package may import Django."""

    @property
    def authority(self) -> str: ...
    @property
    def arm(self) -> str: ...
    @property
    def arm_scope(self) -> str: ...
    @property
    def graph(self) -> str: ...
    @property
    def graph_scope(self) -> str: ...
    @property
    def ca(self) -> str: ...
    @property
    def instance_discovery(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The https URLs of one cloud, without a trailing slash. Fields named `…_scope` are OAuth scopes, which end in
    `/.default`.

    `ca` has the certificate authorities to trust: PEM text, the path of a PEM file, or empty for the authorities that
    the system trusts. If `discovery` is true, MSAL may look up the sign-in authority at login.microsoftonline.com,
    which knows only Microsoft's clouds.
    """

    authority: str
    arm: str
    arm_scope: str
    graph: str
    graph_scope: str
    ca: str = ""
    discovery: bool = True

    def __post_init__(self) -> None:
        for name in ("authority", "arm", "graph"):
            parts = urlsplit(getattr(self, name))
            if parts.scheme != "https" or not parts.hostname:
                raise ValueError(f"{name} must be an https address, not {getattr(self, name)!r}")


def endpoints_of(cloud: CloudLike) -> Endpoints:
    """Return the endpoints of a `tenants.clouds.Cloud`."""
    return Endpoints(
        authority=cloud.authority,
        arm=cloud.arm,
        arm_scope=cloud.arm_scope,
        graph=cloud.graph,
        graph_scope=cloud.graph_scope,
        ca=cloud.ca,
        discovery=cloud.instance_discovery,
    )


def single_host(url: str, ca: str) -> Endpoints:
    """Return the endpoints of a cloud that has a single host and that Microsoft does not list, such as the sandbox."""
    url = url.rstrip("/")
    scope = f"{url}/.default"
    return Endpoints(
        authority=url, arm=url, arm_scope=scope, graph=url, graph_scope=scope, ca=ca, discovery=False
    )
