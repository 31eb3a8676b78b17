"""Find the cloud of a directory: one of Microsoft's clouds (`tenants.cloud_table`), or a custom cloud.

A custom cloud, such as Azure Stack, an air-gapped cloud or the sandbox, has its own endpoints. It may also have its own
certificate authority.
"""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509

from tenants.cloud_table import CLOUDS, CUSTOM, Cloud
from tenants.errors import InvalidInput

__all__ = ["CHOICES", "CLOUDS", "CUSTOM", "Cloud", "cloud_from", "settings_of"]

CHOICES = [*CLOUDS, CUSTOM]
_SETTINGS = ("authority", "arm", "arm_scope", "graph", "ca")


def cloud_from(name: str, settings: Mapping[str, str] | None = None) -> Cloud:
    """Return the cloud with this name, or a custom cloud with these settings.

    Raise InvalidInput if the settings are invalid.
    """
    if name in CLOUDS:
        if settings:
            raise InvalidInput(
                f"{name} has fixed endpoints. To enter your own endpoints, choose the cloud “{CUSTOM}”.",
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
            problems[name] = [
                f"This setting is unknown. A custom cloud has the settings {', '.join(_SETTINGS)}."
            ]
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
    """Return the settings that are stored together with the cloud's name. Return an empty mapping for one of
    Microsoft's clouds.
    """
    if cloud.name != CUSTOM:
        return {}
    return {name: str(getattr(cloud, name)) for name in _SETTINGS}


def _address_problem(address: str) -> str:
    """Return a sentence about what is wrong with the URL of an endpoint. Return an empty string if the URL is valid."""
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
        return (
            "The text for the CA contains no certificate in PEM format. Enter PEM text with a -----BEGIN"
            " CERTIFICATE----- block."
        )
    return ""
