"""Define the language versions that App Service offers. Azure returns the same list for all subscriptions.

Format: Microsoft.Web/webAppStacks and functionAppStacks 2025-05-01.
"""

from __future__ import annotations

from sandbox.generate.output import Json, Output

SUPPORTED = {"python": "PYTHON|3.13", "node": "NODE|22-lts", "tomcat": "TOMCAT|10.1-java21", "php": "PHP|8.4"}
"""A supported runtime of Linux apps for each language."""
ENDED = {"python": "PYTHON|3.8", "node": "NODE|16-lts", "tomcat": "TOMCAT|8.5-jre8", "php": "PHP|7.4"}
"""A runtime whose support has ended, for each language."""
FUNCTIONS = {"supported": ("python", "3.13"), "ended": ("python", "3.8")}
"""Runtimes of function apps in a Flex Consumption plan: language and version."""
_LATER, _EARLIER = "2029-10-31T00:00:00+00:00", "2024-10-07T00:00:00+00:00"


def write_stacks(out: Output) -> None:
    """Write the stacks of web apps and of function apps. A stack is a language with its versions."""
    for kind in ("webAppStacks", "functionAppStacks"):
        python = [("3", ("3.13", "PYTHON|3.13", _LATER)), ("3", ("3.8", "PYTHON|3.8", _EARLIER))]
        _write(out, kind, "python", python)
        _write(
            out,
            kind,
            "node",
            [("22", ("22", "NODE|22-lts", _LATER)), ("16", ("16", "NODE|16-lts", _EARLIER))],
        )
    _write(
        out, "webAppStacks", "php", [("8", ("8.4", "PHP|8.4", _LATER)), ("7", ("7.4", "PHP|7.4", _EARLIER))]
    )
    _write(out, "webAppStacks", "java", [("21", ("21.0", "", _LATER)), ("8", ("8.0", "", _LATER))])
    containers = [
        _container("10.1", {"java21Runtime": "TOMCAT|10.1-java21", "isAutoUpdate": True}),
        _container("8.5", {"java8Runtime": "TOMCAT|8.5-jre8", "isDeprecated": True}),
    ]
    _document(out, "webAppStacks", "javacontainers", containers)


def _write(out: Output, kind: str, name: str, versions: list[tuple[str, tuple[str, str, str]]]) -> None:
    majors = [
        {
            "displayText": f"{name} {major}",
            "value": major,
            "minorVersions": [
                {
                    "displayText": f"{name} {minor}",
                    "value": minor,
                    "stackSettings": {
                        "linuxRuntimeSettings": {
                            "runtimeVersion": runtime,
                            "isAutoUpdate": True,
                            "remoteDebuggingSupported": False,
                            "endOfLifeDate": ends,
                        }
                    },
                }
            ],
        }
        for major, (minor, runtime, ends) in versions
    ]
    _document(out, kind, name, majors)


def _container(version: str, settings: Json) -> Json:
    minor = {"displayText": version, "value": version, "stackSettings": {"linuxContainerSettings": settings}}
    return {"displayText": f"Tomcat {version}", "value": f"tomcat{version}", "minorVersions": [minor]}


def _document(out: Output, kind: str, name: str, majors: list[Json]) -> None:
    out.document(
        {
            "id": f"/providers/Microsoft.Web/{kind}/{name}",
            "name": name,
            "type": f"Microsoft.Web/{kind}",
            "properties": {"displayText": name, "value": name, "majorVersions": majors},
        }
    )
