"""Find the controls by walking the package `assessments.controls`, so that adding a control changes no shared file."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

import assessments.controls as package
from assessments.controls.declare import Control

SECTIONS: Mapping[str, str] = MappingProxyType(
    {
        "identity": "Identity",
        "defender": "Microsoft Defender for Cloud",
        "network": "Networking",
        "logging": "Logging",
        "monitoring": "Monitoring",
        "storage": "Storage accounts",
        "vm": "Virtual machines",
        "vmss": "Virtual machine scale sets",
        "sql": "SQL",
        "keyvault": "Key vaults",
        "postgresql": "PostgreSQL servers",
        "mysql": "MySQL servers",
        "cosmos": "Cosmos DB",
        "redis": "Redis",
        "database": "Databases",
        "servicebus": "Service Bus",
        "eventhub": "Event Hubs",
        "appconfig": "App Configuration",
        "datafactory": "Data Factory",
        "automation": "Automation accounts",
        "apim": "API Management",
        "logicapp": "Logic Apps",
        "webapp": "App Service",
        "function": "Function apps",
        "recovery": "Backup",
        "lock": "Locks",
        "aks": "Azure Kubernetes Service",
        "registry": "Container registries",
        "containerapp": "Container Apps",
        "aci": "Container Instances",
        "databricks": "Azure Databricks",
        "synapse": "Azure Synapse Analytics",
        "aisearch": "Azure AI Search",
        "ai": "Azure AI services",
        "platform": "Platform services",
        "operations": "Operations",
        "own": "Own controls",
    }
)


OWN_PREFIX: Final = "own-"
"""The beginning of the slugs of controls that organizations write (`assessments.own`)."""
JUDGING_CODE: Final = (
    "assessments.context_severity",
    "assessments.controls",
    "assessments.estate",
    "assessments.evaluate",
    "assessments.own",
)
"""The modules and packages whose code decides verdicts. A package stands for all of its modules."""
_own: list[Callable[[], Mapping[str, Control]]] = [dict]
_modules: list[str] = []


class UnknownControl(LookupError):
    """Raised if no control has the given slug."""


def provide_own(provider: Callable[[], Mapping[str, Control]]) -> None:
    """Set the function that returns the own controls of the organizations in scope. The application calls this function
    when it starts.
    """
    _own[:] = [provider]


def use_modules(names: Iterable[str]) -> None:
    """Set further modules whose controls belong to the catalogue. The application calls this function when it
    starts.
    """
    _modules[:] = names
    for function in (catalogue, declared_labels, catalogue_hash, _code_hash):
        function.cache_clear()


class _Known(Mapping[str, Control]):
    """The controls of the catalogue, and the own controls of the organizations in scope. The own controls are read from
    the database only when they are needed.
    """

    def __getitem__(self, slug: str) -> Control:
        if (found := catalogue().get(slug)) is not None:
            return found
        if slug.startswith(OWN_PREFIX):
            return _own[0]()[slug]
        raise KeyError(slug)

    def __iter__(self) -> Iterator[str]:
        yield from catalogue()
        yield from _own[0]()

    def __len__(self) -> int:
        return len(catalogue()) + len(_own[0]())


_KNOWN: Final = _Known()


def known_controls() -> Mapping[str, Control]:
    """Return {slug: control} of all controls that pages may show: the controls of the catalogue, and the own controls
    of the organizations in scope.

    Own controls that are off or retired are included, because they still have findings. An assessment must judge only
    with the own controls that it has stored (`assessments.own.control`).
    """
    return _KNOWN


class ControlTexts(Mapping[str, str]):
    """{slug: a text of the control, such as its title} of all known controls. The text of a control in the catalogue is
    returned without reading own controls from the database.
    """

    def __init__(self, text: Callable[[Control], str]) -> None:
        self._text = text

    def __getitem__(self, slug: str) -> str:
        return self._text(_KNOWN[slug])

    def __iter__(self) -> Iterator[str]:
        return iter(_KNOWN)

    def __len__(self) -> int:
        return len(_KNOWN)

    def __bool__(self) -> bool:
        """Return True, because there are always controls. Without this method, Python would call `__len__` to find out
        whether the mapping is empty, which queries all own controls.
        """
        return True


def _declared(module: object) -> Iterable[Control]:
    for value in vars(module).values():
        candidates = value if isinstance(value, tuple | list) else (value,)
        for candidate in candidates:
            if isinstance(candidate, Control) and candidate.module == module.__name__:  # type: ignore[attr-defined]
                yield candidate


@cache
def catalogue() -> Mapping[str, Control]:
    """Return {slug: control}, ordered by section and slug. Raise ValueError for a duplicate slug.

    The catalogue contains the controls of this version of Surety, and the controls of the modules that the operator
    named (`use_modules`).
    """
    found: dict[str, Control] = {}
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if info.ispkg or info.name.count(".") < 3:
            continue
        for control in dict.fromkeys(_declared(importlib.import_module(info.name))):
            other = found.setdefault(control.slug, control)
            if other is not control:
                raise ValueError(f"{control.slug} is declared in {other.module} and in {control.module}")
    for name in _modules:
        for control in dict.fromkeys(_declared(importlib.import_module(name))):
            if control.slug.startswith(OWN_PREFIX) or found.setdefault(control.slug, control) is not control:
                raise ValueError(
                    f"{name} declares {control.slug}; choose another slug, not beginning with own-"
                )
    _code_hash()  # Hash the files now, because an upgrade can replace them while this process runs the old code.
    order = list(SECTIONS)
    return MappingProxyType(
        dict(sorted(found.items(), key=lambda item: (order.index(item[1].section), item[0])))
    )


@cache
def declared_labels() -> Mapping[str, str]:
    """Return {key of an observed value: its label} of all labels that controls of the catalogue declare."""
    found: dict[str, str] = {}
    for declared in catalogue().values():
        found = {**declared.labels, **found}
    return MappingProxyType(found)


def control(slug: str) -> Control:
    """Return the control with this slug. If there is no such control, raise UnknownControl, which suggests similar
    slugs.
    """
    try:
        return catalogue()[slug]
    except KeyError:
        near = [known for known in catalogue() if slug in known or known in slug]
        hint = f"; did you mean {', '.join(near[:3])}?" if near else ""
        raise UnknownControl(f"there is no control {slug!r}{hint}") from None


def is_bound(slug: str) -> bool:
    """Return whether an attestation of this control ends when the observed value changes. Return False for an unknown
    slug.
    """
    found = catalogue().get(slug)
    return found is not None and found.answer.bound


@cache
def catalogue_hash() -> str:
    """Return a SHA-256 of the slugs, texts, severities, needs, parameters and references of all controls, and of the
    code that judges with them. So the hash differs between versions of Surety that may reach different verdicts.
    """
    facts = [
        [
            c.slug,
            c.title,
            c.judged,
            c.severity,
            c.unit,
            c.expected,
            [n.name for n in (*c.needs, *c.optional)],
            [[p.name, p.default] for p in c.parameters],
            [[r.name, r.label, r.missing] for r in c.framework_references()],
        ]
        for c in catalogue().values()
    ]
    return hashlib.sha256(json.dumps([*facts, _code_hash()], sort_keys=True).encode()).hexdigest()


@cache
def _code_hash() -> str:
    found = hashlib.sha256()
    for name in [*judging_modules(), *_modules]:
        found.update(f"{name}\n{_source(name)}\n".encode())
    return found.hexdigest()


def judging_modules() -> list[str]:
    """Return the names of all modules in `JUDGING_CODE`, sorted."""
    found = set(JUDGING_CODE)
    for name in JUDGING_CODE:
        spec = importlib.util.find_spec(name)
        paths = spec.submodule_search_locations if spec else None
        found |= {one.name for one in pkgutil.walk_packages(paths or (), f"{name}.")}
    return sorted(found)


def _source(name: str) -> str:
    """Return the source code of a module, or an empty text if only its compiled code is installed."""
    spec = importlib.util.find_spec(name)
    get_source = getattr(spec and spec.loader, "get_source", None)
    return (get_source(name) if get_source is not None else None) or ""
