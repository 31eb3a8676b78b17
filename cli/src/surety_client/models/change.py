from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.blank_enum import BlankEnum
from ..models.change_kind_enum import ChangeKindEnum
from ..models.review_enum import ReviewEnum
from ..models.severity_enum import SeverityEnum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.candidate import Candidate
    from ..models.difference import Difference
    from ..models.moved_verdict import MovedVerdict
    from ..models.person import Person


T = TypeVar("T", bound="Change")


@_attrs_define
class Change:
    """A change of a resource, and its review if a watch rule caught it.

    Attributes:
        approved_difference_count (int): The number of properties that differ from the approved configuration
        approved_differences (list[Difference]): The first properties that differ from the approved configuration;
            `before` is the approved value
        assessment (int | None): The number of the assessment that found the change
        at (datetime.datetime): When Surety found the change; for the kind `operation`, when the operation happened
        candidates (list[Candidate]):
        difference_count (int): The number of changed properties
        differences (list[Difference]): The first changed properties
        due_at (datetime.datetime | None):
        id (UUID):
        kind (ChangeKindEnum):
        name (str):
        not_attributed (str): Why operations may be missing in `candidates`; empty if the log was read completely.
            `candidates` has at most the last 50 operations
        owner (None | Person):
        reason (str):
        resource (None | UUID): Id of the resource
        resource_group (str):
        resource_id (str): The id in Azure
        review (BlankEnum | ReviewEnum): Empty if no watch rule caught the change
        reviewed_at (datetime.datetime | None):
        reviewed_by (None | Person):
        rules (list[str]): Names of the watch rules that caught the change
        severity (BlankEnum | SeverityEnum):
        since (datetime.datetime | None): The change happened after this time
        ticket (str):
        type_ (str):
        unit_name (str): The name of the subscription
        verdicts (list[MovedVerdict]):
        approved_at (datetime.datetime | None | Unset): When the approved configuration was approved; null if the
            resource does not differ from an approved configuration
        planned_change (None | str | Unset): The name of the planned change that covers the change
    """

    approved_difference_count: int
    approved_differences: list[Difference]
    assessment: int | None
    at: datetime.datetime
    candidates: list[Candidate]
    difference_count: int
    differences: list[Difference]
    due_at: datetime.datetime | None
    id: UUID
    kind: ChangeKindEnum
    name: str
    not_attributed: str
    owner: None | Person
    reason: str
    resource: None | UUID
    resource_group: str
    resource_id: str
    review: BlankEnum | ReviewEnum
    reviewed_at: datetime.datetime | None
    reviewed_by: None | Person
    rules: list[str]
    severity: BlankEnum | SeverityEnum
    since: datetime.datetime | None
    ticket: str
    type_: str
    unit_name: str
    verdicts: list[MovedVerdict]
    approved_at: datetime.datetime | None | Unset = UNSET
    planned_change: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.person import Person

        approved_difference_count = self.approved_difference_count

        approved_differences = []
        for approved_differences_item_data in self.approved_differences:
            approved_differences_item = approved_differences_item_data.to_dict()
            approved_differences.append(approved_differences_item)

        assessment: int | None
        assessment = self.assessment

        at = self.at.isoformat()

        candidates = []
        for candidates_item_data in self.candidates:
            candidates_item = candidates_item_data.to_dict()
            candidates.append(candidates_item)

        difference_count = self.difference_count

        differences = []
        for differences_item_data in self.differences:
            differences_item = differences_item_data.to_dict()
            differences.append(differences_item)

        due_at: None | str
        if isinstance(self.due_at, datetime.datetime):
            due_at = self.due_at.isoformat()
        else:
            due_at = self.due_at

        id = str(self.id)

        kind = self.kind.value

        name = self.name

        not_attributed = self.not_attributed

        owner: dict[str, Any] | None
        if isinstance(self.owner, Person):
            owner = self.owner.to_dict()
        else:
            owner = self.owner

        reason = self.reason

        resource: None | str
        if isinstance(self.resource, UUID):
            resource = str(self.resource)
        else:
            resource = self.resource

        resource_group = self.resource_group

        resource_id = self.resource_id

        review: str
        if isinstance(self.review, ReviewEnum):
            review = self.review.value
        else:
            review = self.review.value

        reviewed_at: None | str
        if isinstance(self.reviewed_at, datetime.datetime):
            reviewed_at = self.reviewed_at.isoformat()
        else:
            reviewed_at = self.reviewed_at

        reviewed_by: dict[str, Any] | None
        if isinstance(self.reviewed_by, Person):
            reviewed_by = self.reviewed_by.to_dict()
        else:
            reviewed_by = self.reviewed_by

        rules = self.rules

        severity: str
        if isinstance(self.severity, SeverityEnum):
            severity = self.severity.value
        else:
            severity = self.severity.value

        since: None | str
        if isinstance(self.since, datetime.datetime):
            since = self.since.isoformat()
        else:
            since = self.since

        ticket = self.ticket

        type_ = self.type_

        unit_name = self.unit_name

        verdicts = []
        for verdicts_item_data in self.verdicts:
            verdicts_item = verdicts_item_data.to_dict()
            verdicts.append(verdicts_item)

        approved_at: None | str | Unset
        if isinstance(self.approved_at, Unset):
            approved_at = UNSET
        elif isinstance(self.approved_at, datetime.datetime):
            approved_at = self.approved_at.isoformat()
        else:
            approved_at = self.approved_at

        planned_change: None | str | Unset
        if isinstance(self.planned_change, Unset):
            planned_change = UNSET
        else:
            planned_change = self.planned_change

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "approved_difference_count": approved_difference_count,
                "approved_differences": approved_differences,
                "assessment": assessment,
                "at": at,
                "candidates": candidates,
                "difference_count": difference_count,
                "differences": differences,
                "due_at": due_at,
                "id": id,
                "kind": kind,
                "name": name,
                "not_attributed": not_attributed,
                "owner": owner,
                "reason": reason,
                "resource": resource,
                "resource_group": resource_group,
                "resource_id": resource_id,
                "review": review,
                "reviewed_at": reviewed_at,
                "reviewed_by": reviewed_by,
                "rules": rules,
                "severity": severity,
                "since": since,
                "ticket": ticket,
                "type": type_,
                "unit_name": unit_name,
                "verdicts": verdicts,
            }
        )
        if approved_at is not UNSET:
            field_dict["approved_at"] = approved_at
        if planned_change is not UNSET:
            field_dict["planned_change"] = planned_change

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.candidate import Candidate
        from ..models.difference import Difference
        from ..models.moved_verdict import MovedVerdict
        from ..models.person import Person

        d = dict(src_dict)
        approved_difference_count = d.pop("approved_difference_count")

        approved_differences = []
        _approved_differences = d.pop("approved_differences")
        for approved_differences_item_data in _approved_differences:
            approved_differences_item = Difference.from_dict(
                approved_differences_item_data
            )

            approved_differences.append(approved_differences_item)

        def _parse_assessment(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        assessment = _parse_assessment(d.pop("assessment"))

        at = datetime.datetime.fromisoformat(d.pop("at"))

        candidates = []
        _candidates = d.pop("candidates")
        for candidates_item_data in _candidates:
            candidates_item = Candidate.from_dict(candidates_item_data)

            candidates.append(candidates_item)

        difference_count = d.pop("difference_count")

        differences = []
        _differences = d.pop("differences")
        for differences_item_data in _differences:
            differences_item = Difference.from_dict(differences_item_data)

            differences.append(differences_item)

        def _parse_due_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                due_at_type_0 = datetime.datetime.fromisoformat(data)

                return due_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        due_at = _parse_due_at(d.pop("due_at"))

        id = UUID(d.pop("id"))

        kind = ChangeKindEnum(d.pop("kind"))

        name = d.pop("name")

        not_attributed = d.pop("not_attributed")

        def _parse_owner(data: object) -> None | Person:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                owner_type_0 = Person.from_dict(data)

                return owner_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Person, data)

        owner = _parse_owner(d.pop("owner"))

        reason = d.pop("reason")

        def _parse_resource(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                resource_type_0 = UUID(data)

                return resource_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        resource = _parse_resource(d.pop("resource"))

        resource_group = d.pop("resource_group")

        resource_id = d.pop("resource_id")

        def _parse_review(data: object) -> BlankEnum | ReviewEnum:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                review_type_0 = ReviewEnum(data)

                return review_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, str):
                raise TypeError()
            review_type_1 = BlankEnum(data)

            return review_type_1

        review = _parse_review(d.pop("review"))

        def _parse_reviewed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                reviewed_at_type_0 = datetime.datetime.fromisoformat(data)

                return reviewed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        reviewed_at = _parse_reviewed_at(d.pop("reviewed_at"))

        def _parse_reviewed_by(data: object) -> None | Person:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                reviewed_by_type_0 = Person.from_dict(data)

                return reviewed_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Person, data)

        reviewed_by = _parse_reviewed_by(d.pop("reviewed_by"))

        rules = cast(list[str], d.pop("rules"))

        def _parse_severity(data: object) -> BlankEnum | SeverityEnum:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                severity_type_0 = SeverityEnum(data)

                return severity_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, str):
                raise TypeError()
            severity_type_1 = BlankEnum(data)

            return severity_type_1

        severity = _parse_severity(d.pop("severity"))

        def _parse_since(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                since_type_0 = datetime.datetime.fromisoformat(data)

                return since_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        since = _parse_since(d.pop("since"))

        ticket = d.pop("ticket")

        type_ = d.pop("type")

        unit_name = d.pop("unit_name")

        verdicts = []
        _verdicts = d.pop("verdicts")
        for verdicts_item_data in _verdicts:
            verdicts_item = MovedVerdict.from_dict(verdicts_item_data)

            verdicts.append(verdicts_item)

        def _parse_approved_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                approved_at_type_0 = datetime.datetime.fromisoformat(data)

                return approved_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        approved_at = _parse_approved_at(d.pop("approved_at", UNSET))

        def _parse_planned_change(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        planned_change = _parse_planned_change(d.pop("planned_change", UNSET))

        change = cls(
            approved_difference_count=approved_difference_count,
            approved_differences=approved_differences,
            assessment=assessment,
            at=at,
            candidates=candidates,
            difference_count=difference_count,
            differences=differences,
            due_at=due_at,
            id=id,
            kind=kind,
            name=name,
            not_attributed=not_attributed,
            owner=owner,
            reason=reason,
            resource=resource,
            resource_group=resource_group,
            resource_id=resource_id,
            review=review,
            reviewed_at=reviewed_at,
            reviewed_by=reviewed_by,
            rules=rules,
            severity=severity,
            since=since,
            ticket=ticket,
            type_=type_,
            unit_name=unit_name,
            verdicts=verdicts,
            approved_at=approved_at,
            planned_change=planned_change,
        )

        change.additional_properties = d
        return change

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
