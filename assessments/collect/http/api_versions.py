"""Choose an api-version that a cloud offers. Surety learns the offered api-versions from refused requests, and
remembers them.

Surety asks for the newest api-versions, which Azure Government and Azure operated by 21Vianet get months later. Until
then, Azure Resource Manager refuses requests with the newest api-versions, and lists the offered versions in one of
these forms:

- 400 NoRegisteredProviderFound: "No registered resource provider found for location 'usgovvirginia' and API version
  '2021-08-01' for type 'storageAccounts'. The supported api-versions are '2021-06-01, 2021-05-01'. The supported
  locations are '...'." https://github.com/Azure/ResourceModules/issues/454
- 404 InvalidResourceType: "The resource type 'pricings' could not be found in the namespace 'Microsoft.Security' for
  api version '2024-01-01'. The supported api-versions are '2023-01-01,2022-03-01'."
  https://github.com/JulianHayward/Azure-MG-Sub-Governance-Reporting/issues/244
- 400 InvalidApiVersionParameter: "The api-version '2021-03-01' is invalid. The supported versions are
  '2024-08-01,2024-03-01'." https://github.com/ansible-collections/azure/issues/1739
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Iterable, Sequence
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from assessments.collect.http.clouds import Endpoints
from assessments.estate.collection import Collection

SECONDS = 24 * 3600
"""Seconds for which the offered api-versions are remembered. Afterwards Surety requests the newest version again."""
MAX_NAMED = 8
_LOCAL_SECONDS = 60.0
_OFFER = re.compile(r"supported (?:api-)?versions are '([^']*)'", re.IGNORECASE)
_VERSION = re.compile(r"\d{4}-\d\d-\d\d(?:-[a-z]+(?:\.\d+)?)?", re.IGNORECASE)
_REFUSING = (400, 404, 409)


class VersionStore(Protocol):
    """Stores the offered api-versions for all workers."""

    def get(self, key: str) -> Sequence[str] | None: ...
    def put(self, key: str, versions: Sequence[str], seconds: int) -> None: ...


def offered_in(status: int, message: str) -> tuple[str, ...]:
    """Return the api-versions that a refusal lists, newest first. Return an empty tuple for any other answer."""
    if status not in _REFUSING or not (match := _OFFER.search(message)):
        return ()
    return _newest_first(match.group(1).split(","))


def choose(collection: Collection, offered: Iterable[str]) -> str:
    """Return the newest offered version that has all properties that controls read, or an empty string."""
    return next((version for version in _newest_first(offered) if collection.accepts(version)), "")


def describe_refusal(collection: Collection, asked: str, offered: Sequence[str]) -> str:
    """Return the message about an api-version that a cloud refused. The message names the requested version, the newest
    offered versions and the versions that Surety needs.

    When exported evidence is re-performed, the sandbox sends this message in place of Azure's error message, so
    `offered_in` must recognize it.
    """
    newest = ", ".join(_newest_first(offered)[:MAX_NAMED])
    oldest = collection.oldest_version
    needed = f"{oldest} to {collection.api_version}" if oldest != collection.api_version else oldest
    previews = "" if collection.previews else ", no previews"
    return (
        f"This cloud does not offer api-version {asked} of {collection.resource_type}. "
        f"The newest supported api-versions are '{newest}'. Surety needs {needed}{previews}."
    )


def version_of(url: str) -> str:
    """Return the api-version of a request, or an empty string."""
    return next(iter(parse_qs(urlsplit(url).query).get("api-version", ())), "")


def with_version_of(link: str, url: str) -> str:
    """Return the link to a next page. If the link has no api-version, add the one in `url`, the URL of an earlier
    page.

    Some providers, for example Microsoft.Synapse, leave the api-version out of their links. If a request has no
    api-version, Azure Resource Manager answers 400: https://github.com/Azure/azure-sdk-for-js/issues/11913
    """
    names = {name.casefold() for name in parse_qs(urlsplit(link).query)}
    if not link or not version_of(url) or "api-version" in names:
        return link
    return f"{link}{'&' if urlsplit(link).query else '?'}api-version={version_of(url)}"


class OfferedVersions:
    """The api-versions that one cloud offers, by resource type. The class is thread-safe.

    Every process has a copy; `store` shares the api-versions between workers and assessments.
    """

    def __init__(self, endpoints: Endpoints, store: VersionStore | None = None) -> None:
        place = f"{endpoints.arm}\0{endpoints.ca}"
        self._cloud = hashlib.sha256(place.casefold().encode()).hexdigest()[:32]
        self._store = store
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, tuple[str, ...]]] = {}

    def get(self, resource_type: str) -> tuple[str, ...]:
        """Return the versions that the cloud listed when it last refused a request for this type. Return an empty tuple
        if no such refusal is known.
        """
        key = self._key(resource_type)
        with self._lock:
            until, versions = self._known.get(key, (float("-inf"), ()))
        if time.monotonic() < until:
            return versions
        if self._store is None:
            return ()
        versions = _newest_first(self._store.get(key) or ())
        self._keep(key, versions, _LOCAL_SECONDS)
        return versions

    def put(self, resource_type: str, versions: Sequence[str]) -> None:
        """Store the api-versions that a refusal listed."""
        key = self._key(resource_type)
        self._keep(key, tuple(versions), SECONDS if self._store is None else _LOCAL_SECONDS)
        if self._store is not None:
            self._store.put(key, list(versions), SECONDS)

    def _keep(self, key: str, versions: tuple[str, ...], seconds: float) -> None:
        with self._lock:
            self._known[key] = (time.monotonic() + seconds, versions)

    def _key(self, resource_type: str) -> str:
        return f"{self._cloud}:{resource_type.casefold()}"


def _newest_first(versions: Iterable[str]) -> tuple[str, ...]:
    """Return the well-formed versions, newest first; a stable version precedes its previews."""
    found = {text.casefold() for version in versions if _VERSION.fullmatch(text := str(version).strip())}
    return tuple(sorted(found, key=lambda version: (version[:10], version[10:] == "", version), reverse=True))
