"""requirements.txt has every required package. Because the file has hashes, pip refuses it if a package is missing.

`pyproject.toml` names every package that the code imports. A package that is only installed because another package
requires it could disappear with a new version of the other package.
"""

from __future__ import annotations

import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("portal", "assessments", "tenants", "sandbox")
DEVELOPMENT = ("tests", "benchmarks", ".ci", "cli/src/surety_cli")


def pinned() -> set[str]:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    return {canonicalize_name(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)}


def required_by(name: str) -> set[str]:
    """Return the names of the packages that the installed package requires on this platform, without its extras."""
    try:
        declared = importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        return set()  # The package is for another platform.
    wanted = (Requirement(line) for line in declared)
    return {
        canonicalize_name(one.name)
        for one in wanted
        if one.marker is None or one.marker.evaluate({"extra": ""})
    }


def test_the_requirements_of_every_pinned_package_are_pinned() -> None:
    names = pinned()
    missing = {name: sorted(required_by(name) - names) for name in sorted(names)}
    assert {name: left for name, left in missing.items() if left} == {}
    assert required_by("compliance-trestle") > {"pydantic", "jinja2"}


def imported(folders: Iterable[str]) -> set[str]:
    """Return the top-level modules that the files in these folders import, without those of Python and of Surety."""
    own = {*PRODUCT, *DEVELOPMENT, "surety_cli", "surety_client", "surety_verify", "manage"}
    found: set[str] = set()
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            found |= set(re.findall(r"^ *(?:from|import) ([A-Za-z_]\w*)[\w.]*(?: |$)", text, re.MULTILINE))
    return found - own - set(sys.stdlib_module_names)


def declared(*, development: bool) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lines = list(project["project"]["dependencies"])
    if development:
        lines += project["dependency-groups"]["dev"]
    return {canonicalize_name(Requirement(line).name) for line in lines}


def undeclared(modules: Iterable[str], names: set[str]) -> dict[str, list[str]]:
    """Return {module: the packages that contain it} for each module that no package in `names` contains."""
    packages = importlib.metadata.packages_distributions()
    of = {
        module: sorted({str(canonicalize_name(name)) for name in packages.get(module, [])})
        for module in modules
    }
    return {module: found for module, found in of.items() if found and not names & set(found)}


@pytest.mark.slow(seconds=1)
def test_every_imported_package_is_declared() -> None:
    product = imported(PRODUCT)
    assert {"django", "asn1crypto", "fido2", "kombu"} <= product
    # python-pkcs11 is not declared, because only installations that sign with a hardware token need it. A message says
    # how to install it.
    assert undeclared(product - {"pkcs11"}, declared(development=False)) == {}
    assert undeclared(imported(DEVELOPMENT), declared(development=True)) == {}


def modules_of(package: str) -> set[str]:
    """Return the names by which code imports the distribution: its outermost Python packages with an `__init__.py`, and
    its modules that are in no package.
    """
    paths = [path for path in importlib.metadata.files(package) or [] if path.suffix == ".py"]
    found = {".".join(path.parts[:-1]) for path in paths if path.name == "__init__.py"}
    found |= {path.stem for path in paths if len(path.parts) == 1}
    return {name for name in found if not any(name.startswith(f"{one}.") for one in found)}


@pytest.mark.slow(seconds=2)
def test_the_product_uses_every_declared_package() -> None:
    paths = [path for folder in PRODUCT for path in (ROOT / folder).rglob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    # No code imports tzdata. Python's zoneinfo reads the files of tzdata.
    unused = [
        name
        for name in sorted(declared(development=False) - {"tzdata"})
        if not any(re.search(rf"\b{re.escape(module)}\b", text) for module in modules_of(name))
    ]
    assert unused == []
    assert modules_of("azure-mgmt-storage") == {"azure.mgmt.storage"}


@pytest.mark.slow(seconds=1)
def test_an_undeclared_package_is_found() -> None:
    assert undeclared({"asn1crypto", "django"}, {"django"}) == {"asn1crypto": ["asn1crypto"]}
