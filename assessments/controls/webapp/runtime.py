"""The control webapp-runtime: Apps run a supported version of their language.

Properties: azure-mgmt-web 11.0.0 (SiteConfig, FunctionsRuntime)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from assessments.controls.context import Context
from assessments.controls.references import Partly, References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.controls.webapp._apps import (
    APP,
    GENERAL,
    LEARN,
    NO_APPS,
    SITE,
    TYPE,
    configuration,
    of_app,
)
from assessments.estate.collection import Collection
from assessments.estate.collections.webapp import (
    FUNCTION_STACKS,
    WEB_CONFIGS,
    WEB_SITES,
    WEB_SLOTS,
    WEB_STACKS,
)
from assessments.estate.ids import fold
from assessments.estate.services.runtimes import (
    LINUX,
    WINDOWS,
    Support,
    is_older_than_all,
    java_major,
    java_support,
    support_of,
)
from assessments.estate.services.web_apps import is_function_app, is_logic_app, kinds
from assessments.estate.view import Undecided, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import Variable

_SOON: Final = timedelta(days=90)
# If an app runs in a container, its version setting begins with one of these words instead of a language, because Azure
# does not know which runtime the container uses.
_CUSTOM: Final = frozenset({"docker", "compose", "kube", "sitecontainers"})
# The language in the version setting of a Linux app, and the name of its stack in the list of versions that Azure
# publishes
_STACKS: Final[Mapping[str, str]] = {
    "python": "python",
    "php": "php",
    "node": "node",
    "dotnet": "dotnet",
    "dotnetcore": "dotnet",
    "dotnet-isolated": "dotnet",
    "ruby": "ruby",
    "powershell": "powershell",
    "java": "javacontainers",
    "tomcat": "javacontainers",
    "jbosseap": "javacontainers",
}
# These properties name the language of an app: `_FLEX_SETTING` in a Flex Consumption plan, `_LINUX_SETTING` in other
# Linux apps.
_FLEX_SETTING: Final = "properties.functionAppConfig.runtime"
_LINUX_SETTING: Final = "properties.linuxFxVersion"
# The version of Java in the name of a Linux runtime, such as `JBOSSEAP|8-java17`. If the customer brings the licence of
# JBoss EAP, the name ends with `_byol`: `JBOSSEAP|8-java17_byol`.
_JAVA_IN_NAME: Final = re.compile(r"-(?:java|jre)(\d+)(?:_byol)?$")
# Versions of .NET that Azure states for Windows apps of every language, so they do not show the language.
# True: in function apps, versions that the Functions host itself needs. Microsoft's guides tell customers of every
# language to set 6.0 or, more recently, 8.0.
# False: in web apps, the two versions of ASP.NET.
# https://learn.microsoft.com/azure/azure-functions/migrate-version-3-version-4
_ANY_LANGUAGE: Final = {True: frozenset({"v4.0", "v6.0", "v8.0"}), False: frozenset({"v2.0", "v4.0"})}
_NO_PHP: Final = ("", "off")


@dataclass(frozen=True, slots=True)
class _Used:
    """A runtime that an app uses: its name for people, and how long it is supported. `support` is None if the version
    is older than all versions that Azure lists.
    """

    name: str
    support: Support | None


def _runtime(app: View, ctx: Context) -> Verdict:
    if is_logic_app(app):
        return not_applicable("Microsoft maintains the runtime of logic apps", runtime=None)
    custom, used = "", list[_Used]()
    properties = app.object("properties")
    if properties.has("functionAppConfig"):
        runtime = properties.object("functionAppConfig.runtime")
        name = runtime.text("name")
        if fold(name) == "custom":
            # https://learn.microsoft.com/azure/azure-functions/functions-custom-handlers
            return not_applicable("The app runs a custom handler of the customer", runtime=name)
        used = [_linux(f"{name}|{runtime.text('version', default='')}", _FLEX_SETTING, app, ctx)]
    else:
        settings = configuration(app, ctx)
        linux = settings.text("linuxFxVersion", default="").strip()
        windows = settings.text("windowsFxVersion", default="").strip()
        custom = next((name for name in (linux, windows) if _language(name) in _CUSTOM), "")
        if not custom and linux:
            used = [_linux(linux, _LINUX_SETTING, app, ctx)]
        elif not custom and "linux" in kinds(app):
            raise settings.unreadable("linuxFxVersion", "absent")
        elif not custom:
            used = list(_windows(settings, app, ctx))
    if custom:
        return not_applicable("The app runs a container of the customer", runtime=_language(custom))
    return _verdict(used, ctx)


def _verdict(used: list[_Used], ctx: Context) -> Verdict:
    names = sorted(runtime.name for runtime in used)
    ends = min((one.support.ends for one in used if one.support and one.support.ends), default=None)
    observed: dict[str, Any] = {
        "runtime": ", ".join(names),
        "endOfLife": ends.date().isoformat() if ends else None,
    }
    if any(one.support is None for one in used):
        return failed("The runtime is older than all versions that App Service lists", **observed)
    if ends is not None and ends <= ctx.now:
        return failed("The support of the runtime has ended", **observed)
    if any(one.support and one.support.is_deprecated for one in used):
        return failed("The runtime is deprecated", **observed)
    return passed(
        "App Service supports the runtime",
        remarks=["The support of the runtime ends within 90 days"]
        if ends is not None and ends <= ctx.now + _SOON
        else [],
        **observed,
    )


def _language(name: str) -> str:
    return name.partition("|")[0].strip().casefold()


def _stack(name: str, app: View, ctx: Context) -> View:
    """Return the stack `name`, such as `python`, from Azure's list of supported versions. Function apps and web apps
    have separate lists. Raise CollectionUnavailable or Unreadable if needed data could not be read.
    """
    collection: Collection = FUNCTION_STACKS if is_function_app(app) else WEB_STACKS
    documents = ctx.documents_at(collection, "")
    for document in documents:
        if document.name.casefold() == name:
            return document
    raise app.unlisted("kind", "stack", name)


def _linux(name: str, setting: str, app: View, ctx: Context) -> _Used:
    """Return the runtime of a Linux app. `name` is the value of the property `setting`, such as `PYTHON|3.13`. Raise
    CollectionUnavailable or Unreadable if needed data could not be read.
    """
    language = _language(name)
    if language not in _STACKS:
        raise app.unknown_value(setting, name)
    is_java = _STACKS[language] == "javacontainers"
    if is_java and is_function_app(app):
        return _java(name, name.partition("|")[2], LINUX, setting, app, ctx)
    stack = _stack(_STACKS[language], app, ctx)
    support = support_of(stack, LINUX, name)
    if support is None and not is_older_than_all(stack, LINUX, name):
        raise _not_listed(name, setting, app)
    if support is None or not is_java:
        return _Used(name, support)
    in_name = _JAVA_IN_NAME.search(name.casefold())
    java = _java(name, in_name[1] if in_name else name.partition("|")[2], LINUX, setting, app, ctx)
    return _Used(name, java.support and support.with_other(java.support))


def _java(name: str, version: str, system: str, setting: str, app: View, ctx: Context) -> _Used:
    """Return the runtime for a version of Java. `setting` is the app's property that contains the version."""
    stack = _stack("java", app, ctx)
    support = java_support(stack, system, java_major(version))
    if support is None:
        raise _not_listed(name, setting, app)
    return _Used(name, support)


def _windows(settings: View, app: View, ctx: Context) -> Iterator[_Used]:
    """Yield the runtimes that are set for a Windows app. Raise CollectionUnavailable or Unreadable if needed data could
    not be read.
    """
    found = False
    if java := settings.text("javaVersion", default="").strip():
        found = True
        yield _java(f"Java {java}", java, WINDOWS, "properties.javaVersion", app, ctx)
    php = settings.text("phpVersion", default="").strip()
    # Azure also returns version 5.6 for apps that do not run PHP, so versions 5.x are ignored.
    if php.casefold() not in _NO_PHP and not php.startswith("5."):
        found = True
        yield _version("php", f"PHP {php}", php, "properties.phpVersion", app, ctx)
    if python := settings.text("pythonVersion", default="").strip():
        found = True
        # https://learn.microsoft.com/azure/app-service/configure-language-python
        yield _Used(f"Python {python}", None)
    if is_function_app(app) and (power := settings.text("powerShellVersion", default="").strip()):
        found = True
        yield _version("powershell", f"PowerShell {power}", power, "properties.powerShellVersion", app, ctx)
    framework = settings.text("netFrameworkVersion", default="").strip()
    # For functions in Java or PowerShell, the stated version of .NET belongs to the Functions host, which Microsoft
    # maintains.
    is_of_host = found and is_function_app(app)
    if framework and not is_of_host and framework.casefold() not in _ANY_LANGUAGE[is_function_app(app)]:
        found = True
        yield _version("dotnet", f".NET {framework}", framework, "properties.netFrameworkVersion", app, ctx)
    if not found:
        raise Undecided(
            settings.id,
            "properties.netFrameworkVersion",
            "The settings that Surety reads do not name the language of the app",
        )


def _version(stack_name: str, name: str, version: str, setting: str, app: View, ctx: Context) -> _Used:
    stack = _stack(stack_name, app, ctx)
    support = support_of(stack, WINDOWS, version)
    if support is None and not is_older_than_all(stack, WINDOWS, version):
        raise _not_listed(name, setting, app)
    return _Used(name, support)


def _not_listed(name: str, setting: str, app: View) -> Undecided:
    return Undecided(app.id, setting, f"Azure does not state when App Service stops supporting {name}")


def _is_linux(facts: Facts) -> bool:
    """Return whether the finding names a runtime of Linux (`PYTHON|3.8`), or names no runtime."""
    runtime = facts.text("runtime")
    return not runtime or "|" in runtime


CONTROLS = declare_settings(
    __name__,
    WEB_SITES,
    SettingControl(
        "webapp-runtime",
        title="Apps run a supported version of their language",
        problem="App with an unsupported version of its language",
        expected="App Service supports the version of the language",
        judged="The version of the language of each web app, function app and deployment slot, compared with the list"
        " of versions that Azure publishes. Fails if the support has ended, the version is deprecated, or all listed"
        " versions are newer. A remark says if the support ends within 90 days.\n\n"
        "On Windows, versions of Java, PHP 7 and later, Python, PowerShell and .NET are compared; if the settings name"
        " none of them, for example because the app runs ASP.NET or Node.js, the verdict is unknown. For a function"
        " app, .NET 6 and .NET 8 do not count as its language, because the Functions host itself needs them for every"
        " language.\n\n"
        "Not applicable: the customer's own containers, custom handlers in a Flex Consumption plan (the customer"
        " brings the runtime), and Standard logic apps (Microsoft maintains the runtime).",
        why="Nobody fixes security flaws in a version whose support has ended.",
        severity=Severity.MEDIUM,
        labels={"endOfLife": "End of support"},
        judge=of_app(_runtime),
        also=(WEB_SLOTS,),
        needs=(WEB_CONFIGS, WEB_STACKS, FUNCTION_STACKS),
        subject_type=TYPE,
        empty_reason=NO_APPS,
        references=References(
            c2="9.6 9.7 9.8",
            c3="9.7 9.8 9.9",
            mcsb="PV-6*",
            nist="SI-2*",
            partly=(
                Partly(
                    "c2",
                    "The requirement asks for the newest version; the control accepts each supported version",
                ),
            ),
        ),
        fix=Fix(
            advice("First test the app with the new version, for example in a deployment slot."),
            command(
                "az resource update --ids {id}/config/web --set properties.linuxFxVersion={runtime}",
                "For an app on Linux that is not in a Flex Consumption plan:",
                when=_is_linux,
            ),
            # https://learn.microsoft.com/cli/azure/functionapp/runtime/config
            command(
                "az functionapp runtime config set --resource-group {group} --name {site}"
                " --runtime-version {runtime_version} --subscription {subscription}",
                "For an app in a Flex Consumption plan:",
                kinds=("microsoft.web/sites",),
                when=_is_linux,
            ),
            portal=f"{GENERAL} Stack settings",
            portal_source=f"{LEARN}/configure-common",
            effects="The app restarts with the new version.",
            variables=[
                APP,
                SITE,
                Variable(
                    "runtime", "Runtime that App Service supports, as `language|version`", "PYTHON|3.13"
                ),
                Variable("runtime_version", "Version of the language that Azure Functions supports", "3.13"),
            ],
        ),
    ),
)
