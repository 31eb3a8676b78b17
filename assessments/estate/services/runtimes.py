"""Read when App Service ends its support of each version of a language. Pure functions.

Azure lists versions with the end of their support: `webAppStacks` for web apps, `functionAppStacks` for function apps.
The setting `linuxFxVersion` of a Linux app names the app's runtime in the spelling of these lists (`PYTHON|3.13`,
`TOMCAT|10.1-java21`). Windows apps have a setting for each language.

Properties: web/resource-manager/Microsoft.Web/stable/2023-12-01/Provider.json and the example GetWebAppStacks.json. In
this example, Java is a stack of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from assessments.estate.estate import Estate
from assessments.estate.services.web_apps import APPS
from assessments.estate.view import View

LINUX: Final = "linuxRuntimeSettings"
WINDOWS: Final = "windowsRuntimeSettings"
_CONTAINERS: Final = "linuxContainerSettings"
# Matches the names of properties such as `java8Runtime`, whose value is the name of the runtime with Java 8.
_WITH_JAVA: Final = re.compile(r"java\d+Runtime")
_NUMBERS: Final = re.compile(r"\d+(?:\.\d+)*")
_KEPT: Final = frozenset({"runtimeVersion", "isDeprecated", "endOfLifeDate", "isAutoUpdate"})


@dataclass(frozen=True, slots=True)
class Support:
    """Whether App Service supports a version. `is_deprecated` is true if Azure says that the version is deprecated.
    `ends` is the end of support for the version, or None if Azure does not state the end.
    """

    is_deprecated: bool
    ends: datetime | None

    def with_other(self, other: Support) -> Support:
        """Return the support of an app that uses two versions, such as a version of Tomcat and a version of Java. The
        support of the app ends when the support of either version ends.
        """
        ends = [support.ends for support in (self, other) if support.ends is not None]
        return Support(self.is_deprecated or other.is_deprecated, min(ends, default=None))


def support_of(stack: View, system: str, version: str) -> Support | None:
    """Return the support of a version, such as `PYTHON|3.13`, or None if Azure does not list the version. Raise
    Unreadable if a property is missing or invalid.
    """
    for _, minor in _minor_versions(stack):
        for name, settings in _named(minor, system):
            if name.casefold() == version.casefold():
                return _support(settings)
    return None


def java_support(stack: View, system: str, major: str) -> Support | None:
    """Return the support of a major version of Java, such as `17`, or None if Azure does not list the version. Raise
    Unreadable if a property is missing or invalid.

    The support of a major version is the support of its minor version with automatic updates. If no minor version has
    automatic updates, the support of the first minor version in the list is returned.
    """
    found: Support | None = None
    for value, minor in _minor_versions(stack):
        settings = minor.object(system, default={})
        if value != major or not settings.body:
            continue
        if settings.flag("isAutoUpdate", default=False):
            return _support(settings)
        found = found or _support(settings)
    return found


def is_older_than_all(stack: View, system: str, version: str) -> bool:
    """Return whether a version is older than all listed versions of the same language. Raise Unreadable if a property
    is missing or invalid.
    """
    language, number = _split(version)
    others = [
        found
        for _, minor in _minor_versions(stack)
        for name, _ in _named(minor, system)
        if (parts := _split(name))[0] == language and (found := parts[1])
    ]
    return bool(number and others) and all(number < other for other in others)


def java_major(version: str) -> str:
    """Return the major version in a version of Java (`17`, `11.0.7`, `1.8.0_102`), or an empty string."""
    numbers = _NUMBERS.match(version.strip())
    if numbers is None:
        return ""
    first, _, rest = numbers[0].partition(".")
    return rest.partition(".")[0] if first == "1" and rest else first


def _split(name: str) -> tuple[str, tuple[int, ...]]:
    """Return the language and the version in the name of a runtime: `PYTHON|3.13` becomes (`python`, (3, 13))."""
    language, _, version = name.casefold().rpartition("|")
    numbers = _NUMBERS.search(version)
    return language, tuple(int(part) for part in numbers[0].split(".")) if numbers else ()


def _minor_versions(stack: View) -> Iterator[tuple[str, View]]:
    """Yield (major version, `stackSettings` of the minor version) for each minor version of a stack. Raise Unreadable
    if a property is missing or invalid.
    """
    for major in stack.items("properties.majorVersions"):
        for minor in major.items("minorVersions", default=[]):
            yield major.text("value", default=""), minor.object("stackSettings", default={})


def _named(settings: View, system: str) -> Iterator[tuple[str, View]]:
    runtime = settings.object(system, default={})
    if name := runtime.text("runtimeVersion", default=""):
        yield name, runtime
    container = settings.object(_CONTAINERS, default={}) if system == LINUX else None
    for key in sorted(container.body) if container is not None else ():
        if container is not None and _WITH_JAVA.fullmatch(key):
            yield container.text(key, default=""), container


def _support(settings: View) -> Support:
    ends = settings.time("endOfLifeDate") if settings.has("endOfLifeDate") else None
    return Support(settings.flag("isDeprecated", default=False), ends)


def without_bulk(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a stack with only its versions, and for each version only its names, its support, and whether it is
    updated automatically.
    """
    properties = body.get("properties")
    majors = properties.get("majorVersions") if isinstance(properties, Mapping) else None
    if not isinstance(majors, list):
        return body
    return {**body, "properties": {"majorVersions": [_major(major) for major in majors]}}


def _major(major: Any) -> Any:
    minors = major.get("minorVersions") if isinstance(major, Mapping) else None
    if not isinstance(minors, list):
        return major
    return {"value": major.get("value"), "minorVersions": [_minor(minor) for minor in minors]}


def _minor(minor: Any) -> Any:
    settings = minor.get("stackSettings") if isinstance(minor, Mapping) else None
    if not isinstance(settings, Mapping):
        return minor
    kept = {
        system: {key: value for key, value in held.items() if key in _KEPT or _WITH_JAVA.fullmatch(str(key))}
        if isinstance(held, Mapping)
        else held
        for system, held in settings.items()
        if system in (LINUX, WINDOWS, _CONTAINERS)
    }
    return {"value": minor.get("value"), "stackSettings": kept}


def if_apps(estate: Estate) -> Iterable[str]:
    """Return the scopes at which the lists of runtimes are requested. If the unit has an app, the only scope is an
    empty text, because the lists are the same for all subscriptions. If the unit has no app, there is no scope.
    """
    return [""] if any(estate.documents(name) for name in APPS) else []
