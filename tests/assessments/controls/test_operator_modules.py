"""An operator adds controls as Python modules (`SURETY_CONTROL_MODULES`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from assessments.apps import import_modules
from assessments.controls.registry import catalogue, catalogue_hash, use_modules

_CONTROL = """
from assessments.controls.context import Context
from assessments.controls.declare import per_subject
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice


@per_subject(
    STORAGE_ACCOUNTS, slug="{slug}", fix=Fix(advice("Set the tag cost-center.")), severity=Severity.LOW
)
def cost_center(account: View, ctx: Context) -> Verdict:
    '''Storage accounts name their cost center.

    Problem: Storage account without a cost center
    Expected: The tag cost-center is set
    Judged: The tag cost-center.
    Why: Without it, nobody knows who pays.
    '''
    has = "cost-center" in account.object("tags", default={{}}).body
    return passed("The tag is set") if has else failed("The tag is missing")
"""

Write = Callable[[str, str], str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Return a function that writes a module with one control, lets Surety use the module, and returns its name."""

    def write(name: str, slug: str) -> str:
        folder = tmp_path.joinpath(*name.split("."))
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.with_suffix(".py").write_text(_CONTROL.format(slug=slug))
        use_modules([name])
        return name

    monkeypatch.syspath_prepend(tmp_path)
    yield write
    use_modules([])


# One of these packages has the name `controls`, like Surety's own package.
@pytest.mark.parametrize("name", ["operator_one.tags", "operator_two.controls.tags", "operator_three"])
def test_controls_of_the_operator_are_in_the_section_of_own_controls(name: str, write: Write) -> None:
    slug = f"northlight-{name.replace('.', '-').replace('_', '-')}"
    write(name, slug)
    assert (catalogue()[slug].section, catalogue()[slug].module) == ("own", name)


def test_another_judgement_with_the_same_texts_changes_the_hash_of_the_catalogue(
    write: Write, tmp_path: Path
) -> None:
    """If the hash stayed the same, verdicts that change after an upgrade would look like changes in Azure."""
    without = catalogue_hash()
    name = write("operator_five", "northlight-operator-five")
    before = catalogue_hash()
    file = tmp_path / f"{name}.py"
    file.write_text(file.read_text().replace('"cost-center" in', '"costs" in'))
    use_modules([name])
    assert len({without, before, catalogue_hash()}) == 3


@pytest.mark.parametrize("slug", ["own-northlight-tags", "storage-sas-https-only"])
def test_slugs_of_own_controls_and_existing_slugs_are_refused(slug: str, write: Write) -> None:
    name = write(f"operator_{slug.replace('-', '_')}", slug)
    with pytest.raises(ValueError, match=f"{name} declares {slug}; choose another slug"):
        catalogue()


def test_a_wrong_name_of_a_module_stops_the_start() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"the module operator_four\.missing cannot be imported"):
        import_modules(["assessments.controls.registry", "operator_four.missing"])
