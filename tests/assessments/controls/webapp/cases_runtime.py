"""Runtimes of apps."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.webapp.apps import (
    CONFIG_ABSENT,
    ID,
    NO_CONFIG,
    NO_LIST,
    NONE,
    RESOURCES,
    SLOT,
    app,
    config,
    one,
)

LATER, SOON, EARLIER = "2029-10-31T00:00:00+00:00", "2027-01-31T00:00:00+00:00", "2024-10-07T00:00:00+00:00"
UNTIL = "endOfLifeDate"


def stack(kind: str, name: str, *majors: Any) -> dict[str, Any]:
    return doc(f"/providers/Microsoft.Web/{kind}/{name}", {"majorVersions": list(majors)})


def major(value: str, *settings: Any) -> dict[str, Any]:
    return {"value": value, "minorVersions": [{"value": value, "stackSettings": one} for one in settings]}


def linux(version: str, **more: Any) -> dict[str, Any]:
    return {"linuxRuntimeSettings": {"runtimeVersion": version, **more}}


def windows(version: str, **more: Any) -> dict[str, Any]:
    return {"windowsRuntimeSettings": {"runtimeVersion": version, **more}}


def both(version: str, **more: Any) -> dict[str, Any]:
    """A version of Java with settings for Linux apps and for Windows apps. Only those for Windows state the version."""
    return {**linux("", **more), **windows(version, **more)}


WEB = (
    stack(
        "webAppStacks",
        "python",
        major(
            "3",
            linux("PYTHON|3.13", **{UNTIL: LATER}),
            linux("PYTHON|3.10", **{UNTIL: SOON}),
            linux("PYTHON|3.8", **{UNTIL: EARLIER}),
            linux("PYTHON|3.7", isDeprecated=True),
            linux("PYTHON|3.9"),
        ),
    ),
    stack(
        "webAppStacks",
        "php",
        major("8", linux("PHP|8.3", **{UNTIL: LATER}), windows("8.0", **{UNTIL: EARLIER})),
    ),
    stack("webAppStacks", "dotnet", major("8", windows("v8.0", **{UNTIL: LATER}), windows("v4.0"))),
    stack(
        "webAppStacks",
        "java",
        major("21", both("21.0.1", **{UNTIL: EARLIER}), both("21", isAutoUpdate=True, **{UNTIL: LATER})),
        major("11", both("11", isAutoUpdate=True, **{UNTIL: EARLIER})),
        major("8", both("1.8", **{UNTIL: LATER})),
    ),
    stack(
        "webAppStacks",
        "javacontainers",
        major(
            "tomcat10.1",
            {
                "linuxContainerSettings": {
                    "java21Runtime": "TOMCAT|10.1-java21",
                    "java11Runtime": "TOMCAT|10.1-java11",
                }
            },
        ),
        major(
            "tomcat8.5", {"linuxContainerSettings": {"java8Runtime": "TOMCAT|8.5-jre8", "isDeprecated": True}}
        ),
        major("java25", {"linuxContainerSettings": {"java25Runtime": "JAVA|25-java25"}}),
        major("jboss8", {"linuxContainerSettings": {"java11Runtime": "JBOSSEAP|8-java11_byol"}}),
    ),
)
FUNCTIONS = (
    stack("functionAppStacks", "python", major("3", linux("Python|3.12", **{UNTIL: LATER}))),
    stack("functionAppStacks", "java", major("17", linux("Java|17", **{UNTIL: LATER}))),
    stack("functionAppStacks", "powershell", major("7", windows("7.4", **{UNTIL: LATER}))),
    stack(
        "functionAppStacks",
        "dotnet",
        major("9", windows("v9.0", **{UNTIL: LATER})),
        major("8", windows("v8.0", **{UNTIL: EARLIER})),
        major("7", windows("v7.0", **{UNTIL: EARLIER})),
    ),
)
ODD = stack("webAppStacks", "python", major("3", linux("PYTHON|3.13", **{UNTIL: "soon"})))


def stacks(web: Any = WEB, functions: Any = FUNCTIONS) -> dict[str, Any]:
    return {"web_stacks": {"": list(web)}, "function_stacks": {"": list(functions)}}


def on_linux(version: Any, kind: str = "app,linux", **others: Any) -> dict[str, Any]:
    return one(app(kind=kind), **{"web_configs": [config(linuxFxVersion=version)], **stacks(), **others})


def on_windows(kind: str = "app", **settings: Any) -> dict[str, Any]:
    held = {"netFrameworkVersion": "v4.0", "phpVersion": "5.6", "linuxFxVersion": "", **settings}
    return one(app(kind=kind), web_configs=[config(**held)], **stacks())


def flex(**runtime: Any) -> dict[str, Any]:
    return one(app(kind="functionapp,linux", functionAppConfig={"runtime": runtime}), **stacks())


FUNCTION = "functionapp,linux"
CASES = rows(
    "webapp-runtime",
    ("supported", on_linux("PYTHON|3.13"), {ID: "pass"}, {"no_remark": "90"}),
    ("in other capitals", on_linux("python|3.13"), {ID: "pass"}),
    ("without an end", on_linux("PYTHON|3.9"), {ID: "pass"}),
    ("ends soon", on_linux("PYTHON|3.10"), {ID: "pass"}, {"remark": "90"}),
    ("ended", on_linux("PYTHON|3.8"), {ID: "fail"}, {"reason": "ended"}),
    ("deprecated", on_linux("PYTHON|3.7"), {ID: "fail"}, {"reason": "deprecated"}),
    ("older than all", on_linux("PYTHON|2.7"), {ID: "fail"}, {"reason": "older"}),
    ("newer than all", on_linux("PYTHON|3.99"), {ID: "unknown"}, {"reason": "3.99"}),
    ("a new language", on_linux("MOON|1"), {ID: "unknown"}, {"reason": "linuxFxVersion"}),
    ("a stack that is not listed", on_linux("RUBY|2.7"), {ID: "unknown"}),
    ("no version", on_linux(""), {ID: "unknown"}),
    ("version is a number", on_linux(3), {ID: "unknown"}),
    ("own container", on_linux("DOCKER|shop:1"), {ID: "not_applicable"}),
    ("own containers", on_linux("SITECONTAINERS"), {ID: "not_applicable"}),
    ("own container on Windows", on_windows(windowsFxVersion="DOCKER|shop:1"), {ID: "not_applicable"}),
    ("Tomcat and Java", on_linux("TOMCAT|10.1-java21"), {ID: "pass"}),
    ("Tomcat and an old Java", on_linux("TOMCAT|10.1-java11"), {ID: "fail"}, {"reason": "ended"}),
    ("JBoss with a licence", on_linux("JBOSSEAP|8-java11_byol"), {ID: "fail"}, {"reason": "ended"}),
    ("an old Tomcat", on_linux("TOMCAT|8.5-jre8"), {ID: "fail"}, {"reason": "deprecated"}),
    ("a Java that is not listed", on_linux("JAVA|25-java25"), {ID: "unknown"}),
    ("Java on Windows", on_windows(javaVersion="21"), {ID: "pass"}),
    ("a minor version of Java", on_windows(javaVersion="1.8.0_102"), {ID: "pass"}),
    ("old Java on Windows", on_windows(javaVersion="11.0.7"), {ID: "fail"}),
    ("PHP on Windows", on_windows(phpVersion="8.0"), {ID: "fail"}),
    ("older PHP on Windows", on_windows(phpVersion="7.4"), {ID: "fail"}, {"reason": "older"}),
    ("Python on Windows", on_windows(pythonVersion="3.4"), {ID: "fail"}),
    (".NET on Windows", on_windows(netFrameworkVersion="v8.0"), {ID: "pass"}),
    ("a new .NET", on_windows(netFrameworkVersion="v99.0"), {ID: "unknown"}),
    ("ASP.NET or Node.js", on_windows(), {ID: "unknown"}, {"reason": "language"}),
    ("PHP is off", on_windows(phpVersion="Off"), {ID: "unknown"}),
    ("PowerShell", on_windows(kind="functionapp", powerShellVersion="7.4"), {ID: "pass"}),
    *(
        (
            f"the host of functions in any language, {version}",
            # `test_unknown_values_of_enumerations_pass_nothing` replaces the kind, so the app counts as a web app. With
            # stacks of web apps, v8.0 would then pass as a version of .NET.
            {**on_windows(kind="functionapp", netFrameworkVersion=version), **stacks(web=())},
            {ID: "unknown"},
            {"reason": "language"},
        )
        for version in ("v4.0", "v6.0", "v8.0")
    ),
    ("functions in .NET", on_windows(kind="functionapp", netFrameworkVersion="v9.0"), {ID: "pass"}),
    ("functions in old .NET", on_windows(kind="functionapp", netFrameworkVersion="v7.0"), {ID: "fail"}),
    (
        "PowerShell on a host in old .NET",
        on_windows(kind="functionapp", powerShellVersion="7.4", netFrameworkVersion="v7.0"),
        {ID: "pass"},
    ),
    (
        "a logic app on a host in old .NET",
        on_windows(kind="functionapp,workflowapp", netFrameworkVersion="v7.0"),
        {ID: "not_applicable"},
    ),
    ("functions", on_linux("Python|3.12", kind=FUNCTION), {ID: "pass"}),
    ("functions in Java", on_linux("Java|17", kind=FUNCTION), {ID: "pass"}),
    ("functions, only for web apps", on_linux("Python|3.13", kind=FUNCTION), {ID: "unknown"}),
    ("Flex Consumption", flex(name="python", version="3.12"), {ID: "pass"}),
    ("old Flex Consumption", flex(name="python", version="3.1"), {ID: "fail"}),
    ("Flex Consumption without a version", flex(name="python"), {ID: "unknown"}),
    ("a custom handler in Flex Consumption", flex(name="Custom", version="1.0"), {ID: "not_applicable"}),
    (
        "a custom handler in Flex Consumption, without a version",
        flex(name="custom"),
        {ID: "not_applicable"},
        {"reason": "custom handler"},
    ),
    (
        "a new language in Flex Consumption",
        flex(name="moon", version="1"),
        {ID: "unknown"},
        {"reason": "functionAppConfig.runtime"},
    ),
    ("Flex Consumption without a name", flex(version="3.12"), {ID: "unknown"}),
    (
        "a slot",
        {
            "resources": RESOURCES,
            "web_sites": [app()],
            "web_slots": [app(SLOT)],
            "web_configs": [config(linuxFxVersion="PHP|8.3"), config(SLOT, linuxFxVersion="PYTHON|3.8")],
            **stacks(),
        },
        {ID: "pass", SLOT: "fail"},
    ),
    (
        "stacks are forbidden",
        on_linux("PYTHON|3.13", web_stacks={"": []}),
        {ID: "unknown"},
        {"gaps": [gap("web_stacks", "")]},
    ),
    (
        "the end is no time",
        on_linux(
            "PYTHON|3.13",
            **stacks([stack("webAppStacks", "python", major("3", linux("PYTHON|3.13", **{UNTIL: "soon"})))]),
        ),
        {ID: "unknown"},
    ),
    NO_CONFIG,
    CONFIG_ABSENT,
    NO_LIST,
    NONE,
)
ABSENCE_PASSES = [
    (
        "webapp-runtime",
        r"properties\.majorVersions\[\]\..*\.(endOfLifeDate|isDeprecated)",
        "Azure states them only for versions whose support ends",
    ),
    ("webapp-runtime", r"kind", "an app without a kind is a web app"),
]
OFFICIAL_VERDICTS = """
webapp-runtime unknown: sitef6141 staging  # the example names no language; every app for Windows has these versions
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › App Services › {app} › Configuration › General settings › Stack settings",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/app-service/configure-common.md",
            "e659e3a2cde9f50c4ae7284f9be9ddb9054db5e2",
            "In the app's left menu, select Configuration > General settings",
            "Stack settings: The software stack to run the app, including the language and SDK versions",
        ),
    ),
]
