"""Read again the data that operations changed, merge this data into the subscription's stored data, and judge the
controls that use the changed data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from assessments import selectors
from assessments.actions.units.inventory import key_of
from assessments.collect.errors import Cancelled
from assessments.collect.plan import read_by
from assessments.collect.run import collect
from assessments.collect.session import Session
from assessments.collect.shared import SharedAnswers
from assessments.controls.declare import Control
from assessments.controls.profiles import asking
from assessments.controls.profiles import judged as judged_under
from assessments.estate.collection import Collection
from assessments.estate.collections.imported import IMPORTED_SCANS
from assessments.estate.estate import Answer, Estate, UnitKind
from assessments.estate.gaps import Gap, Reason
from assessments.estate.ids import fold
from assessments.estate.touched import Touched
from assessments.evaluate import Evidence, Result, controls_for, evaluate, invalid_settings
from assessments.export.judging import RecordedContent, RecordedUnit, estate_of_unit
from assessments.export.stored import evidence_of_manifest
from assessments.models import Finding, Unit
from assessments.own.control import controls_under
from tenants.scope import tenant_scope

MAX_READS: Final = 150
"""Maximum number of answers that one turn reads again. If more would be needed, it is cheaper to read the whole
subscription.
"""
PASSES: Final = 3
"""Maximum number of times that one turn judges the controls (`judge`)."""
# A request that fails for one of these reasons usually succeeds some minutes later. For example, a resource provider
# limits the requests within some minutes, and the deployment that changed the resources can use up this limit.
_TEMPORARY: Final = frozenset({Reason.THROTTLED, Reason.SERVER_ERROR, Reason.TIMEOUT, Reason.CONNECTION})

type Key = tuple[str, str]
"""Name of a collection and case-folded scope."""


class TooMuch(Exception):
    """Raised if the subscription must be read completely: too much has changed, or stored evidence cannot be judged."""


@dataclass(slots=True)
class Judged:
    """The data of the subscription after the changes, and the verdicts on this data.

    - `estate`: stored answers, and answers that were read in this turn
    - `fresh`: the keys of the answers that were read in this turn
    - `controls`: the controls that use one of these answers
    - `results`: the results of these controls
    - `noted`: evidence that these controls read but did not cite
    - `unanswered`: the gap of an answer that Azure did not give in this turn, but probably gives some minutes later
      (`_unanswered`); None if there is no such answer
    """

    estate: Estate
    fresh: frozenset[Key]
    controls: list[Control]
    results: list[Result]
    noted: list[Evidence]
    requests: int
    throttled: int
    is_partly_delegated: bool = False
    unanswered: Gap | None = None


@dataclass(slots=True)
class _Reader:
    """Chooses which stored answers are read again. A turn can judge the controls in several passes; an answer that was
    read in an earlier pass is not requested again.

    - `stored`: the stored answers
    - `touched`: the resources that the operations changed
    - `also`: the keys of further answers to read again, because a changed verdict cites their documents
    - `kept`: the answers that this turn has already read again
    - `asked`: the keys of the answers that are read again in the present pass
    """

    stored: Estate
    touched: Touched
    also: set[Key] = field(default_factory=set)
    kept: dict[Key, Answer] = field(default_factory=dict)
    asked: set[Key] = field(default_factory=set)

    def known(self, collection: Collection, scope: str) -> Answer | None:
        """Return the answer that this turn has already read, or the stored answer, or None if Azure must be asked."""
        key = (collection.name, fold(scope))
        if key in self.kept:
            return self.kept[key]
        found = self.stored.answer(collection.name, scope)
        if found is None or key in self.also or self.touched.concerns(collection, scope):
            self.asked.add(key)
            if len(self.kept) + len(self.asked) > MAX_READS:
                raise TooMuch
            return None
        return found


def stored_estate(unit: Unit, excluded: tuple[str, ...], now: datetime) -> Estate:
    """Return the estate of the unit's subscription, rebuilt from the stored evidence, as of `now`. Call this in a
    transaction with the tenant's scope (`tenants.scope`).

    Raise TooMuch if evidence is missing or another version of Surety has written it.
    """
    manifest = unit.manifest.content if unit.manifest else {}
    recorded = RecordedUnit(
        kind=UnitKind.SUBSCRIPTION,
        unit_id=unit.azure_id,
        directory_id=unit.directory.directory_id,
        cloud=unit.directory.cloud_name,
        now=now,
        subscriptions=tuple(manifest.get("subscriptions", (unit.azure_id,))),
        answers=manifest.get("answers", {}),
        gaps=tuple(unit.gaps),
        parameters={},
    )
    try:
        content = RecordedContent(evidence_of_manifest(unit.tenant_id, manifest), {})
        estate = estate_of_unit(recorded, content)
    except LookupError:
        raise TooMuch from None
    estate.excluded = frozenset(guid.casefold() for guid in excluded)
    estate.assessed = frozenset(guid.casefold() for guid in selectors.read_together(unit))
    estate.foreign = frozenset(guid.casefold() for guid in selectors.foreign_subscriptions(unit))
    return estate


def judge(
    unit: Unit,
    stored: Estate,
    touched: Touched,
    session: Session,
    *,
    cancelled: Callable[[], bool],
) -> Judged | None:
    """Read again the answers that the operations may have changed, and judge the controls that use these answers.
    Return None if the operations concern no answer.

    A stored document has only the properties that controls read earlier. So if a changed verdict cites a stored
    document, that document is read again, and the controls are judged again.

    Raise TooMuch if too many answers would be read again, and Cancelled if the turn must stop. Errors of the sign-in
    are raised too.
    """
    session.shared = SharedAnswers()  # Reuse no answer from before the change.
    parameters = unit.assessment.parameters
    controls = judged_under(controls_for(UnitKind.SUBSCRIPTION, controls_under(parameters)), parameters)
    wanted = asking(controls, parameters)
    reader = _Reader(stored, touched)
    requests = throttled = 0
    for _ in range(PASSES):
        estate = _empty(stored)
        report = collect(estate, wanted, session, cancelled=cancelled, known=reader.known)
        requests, throttled = requests + report.requests, throttled + report.throttled
        if not reader.asked and not reader.kept:
            return None
        for name, scope in reader.asked:
            if (answer := estate.answer(name, scope)) is not None:
                reader.kept[name, scope] = answer
        reader.asked.clear()
        names = {name for name, _ in reader.kept}
        affected = [control for control in controls if names & read_by(control)]
        noted: list[Evidence] = []
        results = list(invalid_settings(estate.scope_id, affected, parameters))
        skipped = {result.control.slug for result in results}
        judged = [control for control in affected if control.slug not in skipped]
        results += evaluate(estate, judged, parameters, noted.append)
        more = _stored_causes(unit, estate, results, reader.kept) - reader.also
        if not more or report.is_partly_delegated:
            break
        reader.also |= more
        if cancelled():
            raise Cancelled
    return Judged(
        estate,
        frozenset(reader.kept),
        affected,
        results,
        noted,
        requests,
        throttled,
        report.is_partly_delegated,
        _unanswered(stored, reader.kept),
    )


def _unanswered(stored: Estate, read: Mapping[Key, Answer]) -> Gap | None:
    """Return the first gap in `read` with a temporary reason (`_TEMPORARY`), or None. A gap does not count if the
    stored answer has a gap too.
    """
    for (name, scope), answer in sorted(read.items(), key=lambda item: item[0]):
        before = stored.answer(name, scope)
        was_read = before is None or before.gap is None
        if was_read and answer.gap is not None and answer.gap.reason in _TEMPORARY:
            return answer.gap
    return None


def _empty(stored: Estate) -> Estate:
    """Return an estate that has only the imported documents, which no request to Azure returns."""
    estate = Estate(
        kind=stored.kind,
        unit_id=stored.unit_id,
        subscriptions=stored.subscriptions,
        now=stored.now,
        excluded=stored.excluded,
        assessed=stored.assessed,
        foreign=stored.foreign,
        cloud=stored.cloud,
    )
    for answer in stored.answers(IMPORTED_SCANS.name):
        bodies = [dict(view.body) for view in answer.documents]
        estate.add_documents(IMPORTED_SCANS.name, answer.scope, bodies)
    return estate


def _stored_causes(
    unit: Unit, estate: Estate, results: list[Result], fresh: Mapping[Key, Answer]
) -> set[Key]:
    """Return the keys of the stored answers that contain a document which a changed verdict cites."""
    with tenant_scope(unit.tenant_id):
        rows = Finding.objects.filter(control__in={result.control.slug for result in results})
        before = {
            (control, key): (outcome, sha256)
            for control, key, outcome, sha256 in rows.values_list(
                "control", "subject_key", "outcome", "observed_sha256"
            )
        }
    cited: set[tuple[str, str]] = set()
    for result in results:
        now = (str(result.verdict.outcome), result.observed_sha256)
        if before.get((result.control.slug, key_of(result.subject))) != now:
            cited |= {(piece.collection, fold(piece.document_id)) for piece in result.evidence}
    found: set[Key] = set()
    for name in {name for name, _ in cited}:
        for answer in estate.answers(name):
            key = (name, fold(answer.scope))
            if key not in fresh and any((name, fold(view.id)) in cited for view in answer.documents):
                found.add(key)
    return found
