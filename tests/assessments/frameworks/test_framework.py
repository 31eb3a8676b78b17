"""Each framework version lists every requirement once, with a title. Every reference of a control leads to a listed
requirement.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from assessments.controls.registry import catalogue
from assessments.frameworks import framework as module
from assessments.frameworks.framework import NAMES, UnknownFramework, framework, number_key
from tests.for_each import for_each

DATA = Path(module.__file__).parent / "data"
# The number of requirements that the source of each file lists: all, automated, manual, of level 1 and of level 2.
PUBLISHED = {
    "cis-2.0.0": (151, 77, 74, 88, 63),
    "cis-3.0.0": (159, 99, 60, 91, 68),
    "cis-4.0.0": (139, 77, 62, 78, 61),
    "cis-5.0.0": (155, 93, 62, 128, 27),
    "cis-6.0.0": (127, 89, 38, 74, 53),
}
# Sections of a benchmark that contain no requirement. The benchmark's file does not list them, so they are missing
# between the numbers of its other sections.
WITHOUT_NUMBERS = {"cis-3.0.0": {"3.1.2"}, "cis-4.0.0": {"9.1.1", "9.1.2"}, "cis-6.0.0": {"5.2"}}
DOMAINS = {
    "NS": 10, "IM": 9, "PA": 8, "DP": 8, "AM": 5, "LT": 7, "IR": 7, "PV": 7, "ES": 3, "BR": 4, "DS": 7, "GS": 10,
}  # fmt: skip
FAMILIES = {
    "AC": 39, "AT": 6, "AU": 16, "CA": 10, "CM": 24, "CP": 23, "IA": 24, "IR": 13, "MA": 9, "MP": 7, "PE": 18,
    "PL": 7, "PS": 9, "RA": 10, "SA": 17, "SC": 25, "SI": 18, "SR": 12,
}  # fmt: skip

# The first digits of the SHA-256 of NIST's moderate baseline: the requirements' numbers, sorted and joined by spaces.
BASELINE_DIGEST = "8c2523081ad06219"


def missing_between(numbers: Iterable[str]) -> set[str]:
    """Return the numbers of requirements and sections that are skipped: for 1.1 and 1.3, the number 1.2."""
    parts = [number.split(".") for number in numbers]
    known = {".".join(part[:length]) for part in parts for length in range(1, len(part) + 1)}
    return {
        f"{section}.{position}"
        for section, _, last in (name.rpartition(".") for name in known)
        if section
        for position in range(1, int(last))
    } - known


@for_each("key", PUBLISHED)
def test_a_cis_version_has_every_published_number(key: str) -> None:
    found = framework(key)
    numbers = found.numbers.values()
    kinds = Counter(number.automated for number in numbers)
    levels = Counter(number.level for number in numbers)
    counted = (len(numbers), kinds[True], kinds[False], levels["Level 1"], levels["Level 2"])
    assert counted == PUBLISHED[key]
    assert found.published == len(numbers)
    assert missing_between(found.numbers) == WITHOUT_NUMBERS.get(key, set())


@pytest.mark.parametrize(
    ("key", "domains"), [("mcsb-1", {**DOMAINS, "GS": 11}), ("mcsb-2-preview", {**DOMAINS, "AI": 7})]
)
def test_the_microsoft_benchmark_has_every_number_of_each_domain(key: str, domains: dict[str, int]) -> None:
    found = framework(key)
    wanted = {f"{domain}-{number}" for domain, count in domains.items() for number in range(1, count + 1)}
    assert set(found.numbers) == wanted
    assert found.published == len(wanted)


def test_the_moderate_baseline_has_every_number_of_each_family() -> None:
    found = framework("nist-800-53-r5")
    moderate = [number for number in found.numbers.values() if number.level == "Moderate"]
    assert Counter(number.section.key for number in moderate) == FAMILIES
    listed = " ".join(sorted(number.number for number in moderate))
    assert hashlib.sha256(listed.encode()).hexdigest().startswith(BASELINE_DIGEST)
    assert (found.published, found.published_level) == (len(moderate), "Moderate") == (287, "Moderate")
    referred = {
        r.number for c in catalogue().values() for r in c.framework_references() if r.framework == found.key
    }
    beyond = {number.number for number in found.numbers.values() if number.level != "Moderate"}
    assert beyond <= referred, "numbers beyond the baseline are listed only for a reference"


@for_each("key", NAMES)
def test_each_number_is_unique_and_described(key: str) -> None:
    found = framework(key)
    assert found.name == NAMES[key]
    assert "commit" in found.source
    for number in found.numbers.values():
        assert number.title
        assert not number.title.endswith(".")
        assert number.reason[:1].isupper()
        assert not number.reason.endswith(".")
        assert not number.missing.endswith(".")
        # `missing` names the parts that no control judges. A text that names the judged parts instead could become
        # wrong with each new control.
        assert not number.missing.startswith("Only "), number.missing
        assert " judged;" not in number.missing, number.missing
        assert number.section.title
    assert {number.section.key for number in found.numbers.values()} == set(found.sections), (
        "a section is empty"
    )
    # tomllib refuses a duplicate key, so the file has exactly one row for each number.
    text = (DATA / f"{key}.toml").read_text(encoding="utf-8")
    assert len(tomllib.loads(text)["numbers"]) == len(found.numbers)


def test_every_file_is_a_framework() -> None:
    assert {path.stem for path in DATA.iterdir()} == set(NAMES)


@for_each("slug", list(catalogue()))
def test_every_reference_exists_in_its_version(slug: str) -> None:
    references = catalogue()[slug].framework_references()
    assert [r for r in references if r.number not in framework(r.framework).numbers] == []
    counted = Counter((r.framework, r.number) for r in references)
    assert [key for key, count in counted.items() if count > 1] == []


def test_numbers_sort_as_people_read_them() -> None:
    assert sorted(["9.10", "9.2", "AC-17", "AC-2(7)", "AC-2"], key=number_key) == [
        "AC-2", "AC-2(7)", "AC-17", "9.2", "9.10",
    ]  # fmt: skip


def test_titles_are_not_copied_from_cis() -> None:
    """CIS's licence forbids copies of its titles, and each title of CIS begins with "Ensure"."""
    for key in PUBLISHED:
        assert [n.title for n in framework(key).numbers.values() if re.match("Ensure", n.title)] == []


def test_an_unknown_framework_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownFramework, match=r"no framework 'cis-9'.*cis-6\.0\.0"):
        framework("cis-9")
