"""Judge the evidence of a bundle again, and compare the new verdicts with those that the report states."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from assessments.controls.declare import Control
from assessments.estate.ids import fold
from assessments.export.judging import RecordedUnit, judged_again
from portal.reports.reperformance.inputs import SHORT_HASH
from portal.reports.reperformance.read import Bundle, StatedVerdict

# The outcomes that a report states if the assessment could not read the data. A verdict with such an outcome may have
# no evidence. If judging again then gives no verdict, this does not count as a difference from the report.
_WITHOUT_EVIDENCE = ("unknown", "manual")


@dataclass(frozen=True, slots=True)
class Compared:
    """A verdict that the report states, compared with the new verdict from judging the evidence again.

    - `again`: the outcome of the new verdict, or an empty text if the evidence gives no verdict
    - `same`: both verdicts have the same outcome and observed value
    - `unread`: the evidence gives no verdict, because the assessment could not read the data; in this case, the verdict
      in the report is unknown or manual
    """

    stated: StatedVerdict
    again: str
    same: bool
    unread: bool = False

    @property
    def differs(self) -> bool:
        """Whether judging the evidence again gives another verdict than the report states. Also true if the evidence
        gives no verdict although the assessment could read the data.
        """
        return not self.same and not self.unread


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison of the report's verdicts with the new verdicts from judging its evidence again.

    A large report lists only some of the passing and not applicable verdicts. Of the others, it states only the number
    for each control and outcome. If judging again gives exactly this number of unlisted verdicts, they count as
    confirmed.

    - `verdicts`: all verdicts that the report lists, sorted by control, subject and unit
    - `additional`: (control, subject, outcome) of new verdicts that the report does not list, except confirmed verdicts
    - `miscounted`: {(control, outcome): number that the report states}, if judging again gives another number
    """

    verdicts: list[Compared]
    additional: list[tuple[str, str, str]]
    miscounted: Mapping[tuple[str, str], int]


def compare(
    bundle: Bundle, controls: Iterable[Control], progress: Callable[[RecordedUnit], None] = lambda unit: None
) -> Comparison:
    """Judge the bundle's evidence again and return the comparison.

    `progress` is called before each subscription or directory. Errors of `assessments.export.judging`, such as
    UnknownCollection for data of another version of Surety, are not caught.
    """
    selected = list(controls)
    # {(control, subject): {scope id of a subscription or directory: (outcome, hash of the observed value)}}
    again: dict[tuple[str, str], dict[str, tuple[str, str]]] = {}
    for unit in bundle.units:
        progress(unit)
        for result in judged_again(unit, bundle.evidence, selected):
            own = again.setdefault((result.control.slug, fold(result.subject)), {})
            own[unit.scope_id] = (str(result.verdict.outcome), result.observed_sha256)
    verdicts, seen = [], set()
    for stated in population(bundle.verdicts):
        key = (stated.control, fold(stated.subject))
        seen.add(key)
        verdicts.append(_compared(stated, again.get(key, {})))
    left = {key: next(iter(again[key].values()))[0] for key in sorted(again.keys() - seen)}
    # A large report lists only some of the passing and not applicable verdicts, and states how many it does not list.
    # If judging again gives exactly this number of unlisted verdicts, they do not count as additional.
    hidden = Counter((control, outcome) for (control, _), outcome in left.items())
    counted = {key for key, number in bundle.counted.items() if hidden.get(key, 0) == number}
    additional = [
        (control, subject, outcome)
        for (control, subject), outcome in left.items()
        if (control, outcome) not in counted
    ]
    missing = {key: number for key, number in bundle.counted.items() if key not in counted}
    return Comparison(verdicts, additional, missing)


def _compared(stated: StatedVerdict, again: dict[str, tuple[str, str]]) -> Compared:
    # A subject can have verdicts from several subscriptions or directories. The report states one of these verdicts.
    if stated.unit in again:
        found = again[stated.unit]
    elif again:
        found = next((one for one in again.values() if _is_same(stated, *one)), next(iter(again.values())))
    else:
        return Compared(stated, "", same=False, unread=stated.outcome in _WITHOUT_EVIDENCE)
    return Compared(stated, found[0], same=_is_same(stated, *found))


def _is_same(stated: StatedVerdict, outcome: str, observed_sha256: str) -> bool:
    """Return whether the report states this outcome, and this hash of the observed value.

    A large report states only the first digits of the hash.
    """
    return stated.outcome == outcome and stated.observed_sha256 in (
        observed_sha256,
        observed_sha256[:SHORT_HASH],
    )


def population(verdicts: Iterable[StatedVerdict]) -> list[StatedVerdict]:
    """Return all verdicts in a fixed order. Hashing and sampling need this order."""
    return sorted(verdicts, key=lambda verdict: (verdict.control, fold(verdict.subject), verdict.unit))


def population_hash(verdicts: Iterable[StatedVerdict]) -> str:
    """Return the SHA-256 (hex) of all verdicts, as lines in the order of `population`.

    A line has the control, the subject, the unit, the outcome and the hash of the observed value, separated by tabs.
    """
    found = hashlib.sha256()
    for verdict in population(verdicts):
        found.update(_line(verdict))
    return found.hexdigest()


def sample(verdicts: Iterable[StatedVerdict], number: int, seed: str) -> list[StatedVerdict]:
    """Return a random sample that anybody can draw again from the same population with the same seed.

    The verdicts are ordered by the SHA-256 of three lines: the population's hash, the seed, and the line of the
    verdict, as in `population_hash`. The sample is the first `number` verdicts.
    """
    ordered = population(verdicts)
    start = f"{population_hash(ordered)}\n{seed}\n".encode()
    return sorted(ordered, key=lambda verdict: hashlib.sha256(start + _line(verdict)).digest())[:number]


def _line(verdict: StatedVerdict) -> bytes:
    cells = (verdict.control, verdict.subject, verdict.unit, verdict.outcome, verdict.observed_sha256)
    return ("\t".join(cells) + "\n").encode()
