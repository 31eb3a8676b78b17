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


T = TypeVar("T", bound="ChangeFields")


@_attrs_define
class ChangeFields:
    """The fields of Change that the parameter `fields` names

    Attributes:
        approved_at (datetime.datetime | None | Unset): When the approved configuration was approved; null if the
            resource does not differ from an approved configuration
        approved_difference_count (int | Unset): The number of properties that differ from the approved configuration
        approved_differences (list[Difference] | Unset): The first properties that differ from the approved
            configuration; `before` is the approved value
        assessment (int | None | Unset): The number of the assessment that found the change
        at (datetime.datetime | Unset): When Surety found the change; for the kind `operation`, when the operation
            happened
        candidates (list[Candidate] | Unset):
        difference_count (int | Unset): The number of changed properties
        differences (list[Difference] | Unset): The first changed properties
        due_at (datetime.datetime | None | Unset):
        id (UUID | Unset):
        kind (ChangeKindEnum | Unset):
        name (str | Unset):
        not_attributed (str | Unset): Why operations may be missing in `candidates`; empty if the log was read
            completely. `candidates` has at most the last 50 operations
        owner (None | Person | Unset):
        planned_change (None | str | Unset): The name of the planned change that covers the change
        reason (str | Unset):
        resource (None | Unset | UUID): Id of the resource
        resource_group (str | Unset):
        resource_id (str | Unset): The id in Azure
        review (BlankEnum | ReviewEnum | Unset): Empty if no watch rule caught the change
        reviewed_at (datetime.datetime | None | Unset):
        reviewed_by (None | Person | Unset):
        rules (list[str] | Unset): Names of the watch rules that caught the change
        severity (BlankEnum | SeverityEnum | Unset):
        since (datetime.datetime | None | Unset): The change happened after this time
        ticket (str | Unset):
        type_ (str | Unset):
        unit_name (str | Unset): The name of the subscription
        verdicts (list[MovedVerdict] | Unset):
    """

    approved_at: datetime.datetime | None | Unset = UNSET
    approved_difference_count: int | Unset = UNSET
    approved_differences: list[Difference] | Unset = UNSET
    assessment: int | None | Unset = UNSET
    at: datetime.datetime | Unset = UNSET
    candidates: list[Candidate] | Unset = UNSET
    difference_count: int | Unset = UNSET
    differences: list[Difference] | Unset = UNSET
    due_at: datetime.datetime | None | Unset = UNSET
    id: UUID | Unset = UNSET
    kind: ChangeKindEnum | Unset = UNSET
    name: str | Unset = UNSET
    not_attributed: str | Unset = UNSET
    owner: None | Person | Unset = UNSET
    planned_change: None | str | Unset = UNSET
    reason: str | Unset = UNSET
    resource: None | Unset | UUID = UNSET
    resource_group: str | Unset = UNSET
    resource_id: str | Unset = UNSET
    review: BlankEnum | ReviewEnum | Unset = UNSET
    reviewed_at: datetime.datetime | None | Unset = UNSET
    reviewed_by: None | Person | Unset = UNSET
    rules: list[str] | Unset = UNSET
    severity: BlankEnum | SeverityEnum | Unset = UNSET
    since: datetime.datetime | None | Unset = UNSET
    ticket: str | Unset = UNSET
    type_: str | Unset = UNSET
    unit_name: str | Unset = UNSET
    verdicts: list[MovedVerdict] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.person import Person

        approved_at: None | str | Unset
        if isinstance(self.approved_at, Unset):
            approved_at = UNSET
        elif isinstance(self.approved_at, datetime.datetime):
            approved_at = self.approved_at.isoformat()
        else:
            approved_at = self.approved_at

        approved_difference_count = self.approved_difference_count

        approved_differences: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.approved_differences, Unset):
            approved_differences = []
            for approved_differences_item_data in self.approved_differences:
                approved_differences_item = approved_differences_item_data.to_dict()
                approved_differences.append(approved_differences_item)

        assessment: int | None | Unset
        if isinstance(self.assessment, Unset):
            assessment = UNSET
        else:
            assessment = self.assessment

        at: str | Unset = UNSET
        if not isinstance(self.at, Unset):
            at = self.at.isoformat()

        candidates: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.candidates, Unset):
            candidates = []
            for candidates_item_data in self.candidates:
                candidates_item = candidates_item_data.to_dict()
                candidates.append(candidates_item)

        difference_count = self.difference_count

        differences: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.differences, Unset):
            differences = []
            for differences_item_data in self.differences:
                differences_item = differences_item_data.to_dict()
                differences.append(differences_item)

        due_at: None | str | Unset
        if isinstance(self.due_at, Unset):
            due_at = UNSET
        elif isinstance(self.due_at, datetime.datetime):
            due_at = self.due_at.isoformat()
        else:
            due_at = self.due_at

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        kind: str | Unset = UNSET
        if not isinstance(self.kind, Unset):
            kind = self.kind.value

        name = self.name

        not_attributed = self.not_attributed

        owner: dict[str, Any] | None | Unset
        if isinstance(self.owner, Unset):
            owner = UNSET
        elif isinstance(self.owner, Person):
            owner = self.owner.to_dict()
        else:
            owner = self.owner

        planned_change: None | str | Unset
        if isinstance(self.planned_change, Unset):
            planned_change = UNSET
        else:
            planned_change = self.planned_change

        reason = self.reason

        resource: None | str | Unset
        if isinstance(self.resource, Unset):
            resource = UNSET
        elif isinstance(self.resource, UUID):
            resource = str(self.resource)
        else:
            resource = self.resource

        resource_group = self.resource_group

        resource_id = self.resource_id

        review: str | Unset
        if isinstance(self.review, Unset):
            review = UNSET
        elif isinstance(self.review, ReviewEnum):
            review = self.review.value
        else:
            review = self.review.value

        reviewed_at: None | str | Unset
        if isinstance(self.reviewed_at, Unset):
            reviewed_at = UNSET
        elif isinstance(self.reviewed_at, datetime.datetime):
            reviewed_at = self.reviewed_at.isoformat()
        else:
            reviewed_at = self.reviewed_at

        reviewed_by: dict[str, Any] | None | Unset
        if isinstance(self.reviewed_by, Unset):
            reviewed_by = UNSET
        elif isinstance(self.reviewed_by, Person):
            reviewed_by = self.reviewed_by.to_dict()
        else:
            reviewed_by = self.reviewed_by

        rules: list[str] | Unset = UNSET
        if not isinstance(self.rules, Unset):
            rules = self.rules

        severity: str | Unset
        if isinstance(self.severity, Unset):
            severity = UNSET
        elif isinstance(self.severity, SeverityEnum):
            severity = self.severity.value
        else:
            severity = self.severity.value

        since: None | str | Unset
        if isinstance(self.since, Unset):
            since = UNSET
        elif isinstance(self.since, datetime.datetime):
            since = self.since.isoformat()
        else:
            since = self.since

        ticket = self.ticket

        type_ = self.type_

        unit_name = self.unit_name

        verdicts: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.verdicts, Unset):
            verdicts = []
            for verdicts_item_data in self.verdicts:
                verdicts_item = verdicts_item_data.to_dict()
                verdicts.append(verdicts_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if approved_at is not UNSET:
            field_dict["approved_at"] = approved_at
        if approved_difference_count is not UNSET:
            field_dict["approved_difference_count"] = approved_difference_count
        if approved_differences is not UNSET:
            field_dict["approved_differences"] = approved_differences
        if assessment is not UNSET:
            field_dict["assessment"] = assessment
        if at is not UNSET:
            field_dict["at"] = at
        if candidates is not UNSET:
            field_dict["candidates"] = candidates
        if difference_count is not UNSET:
            field_dict["difference_count"] = difference_count
        if differences is not UNSET:
            field_dict["differences"] = differences
        if due_at is not UNSET:
            field_dict["due_at"] = due_at
        if id is not UNSET:
            field_dict["id"] = id
        if kind is not UNSET:
            field_dict["kind"] = kind
        if name is not UNSET:
            field_dict["name"] = name
        if not_attributed is not UNSET:
            field_dict["not_attributed"] = not_attributed
        if owner is not UNSET:
            field_dict["owner"] = owner
        if planned_change is not UNSET:
            field_dict["planned_change"] = planned_change
        if reason is not UNSET:
            field_dict["reason"] = reason
        if resource is not UNSET:
            field_dict["resource"] = resource
        if resource_group is not UNSET:
            field_dict["resource_group"] = resource_group
        if resource_id is not UNSET:
            field_dict["resource_id"] = resource_id
        if review is not UNSET:
            field_dict["review"] = review
        if reviewed_at is not UNSET:
            field_dict["reviewed_at"] = reviewed_at
        if reviewed_by is not UNSET:
            field_dict["reviewed_by"] = reviewed_by
        if rules is not UNSET:
            field_dict["rules"] = rules
        if severity is not UNSET:
            field_dict["severity"] = severity
        if since is not UNSET:
            field_dict["since"] = since
        if ticket is not UNSET:
            field_dict["ticket"] = ticket
        if type_ is not UNSET:
            field_dict["type"] = type_
        if unit_name is not UNSET:
            field_dict["unit_name"] = unit_name
        if verdicts is not UNSET:
            field_dict["verdicts"] = verdicts

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.candidate import Candidate
        from ..models.difference import Difference
        from ..models.moved_verdict import MovedVerdict
        from ..models.person import Person

        d = dict(src_dict)

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

        approved_difference_count = d.pop("approved_difference_count", UNSET)

        _approved_differences = d.pop("approved_differences", UNSET)
        approved_differences: list[Difference] | Unset = UNSET
        if _approved_differences is not UNSET:
            approved_differences = []
            for approved_differences_item_data in _approved_differences:
                approved_differences_item = Difference.from_dict(
                    approved_differences_item_data
                )

                approved_differences.append(approved_differences_item)

        def _parse_assessment(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        assessment = _parse_assessment(d.pop("assessment", UNSET))

        _at = d.pop("at", UNSET)
        at: datetime.datetime | Unset
        if isinstance(_at, Unset):
            at = UNSET
        else:
            at = datetime.datetime.fromisoformat(_at)

        _candidates = d.pop("candidates", UNSET)
        candidates: list[Candidate] | Unset = UNSET
        if _candidates is not UNSET:
            candidates = []
            for candidates_item_data in _candidates:
                candidates_item = Candidate.from_dict(candidates_item_data)

                candidates.append(candidates_item)

        difference_count = d.pop("difference_count", UNSET)

        _differences = d.pop("differences", UNSET)
        differences: list[Difference] | Unset = UNSET
        if _differences is not UNSET:
            differences = []
            for differences_item_data in _differences:
                differences_item = Difference.from_dict(differences_item_data)

                differences.append(differences_item)

        def _parse_due_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                due_at_type_0 = datetime.datetime.fromisoformat(data)

                return due_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        due_at = _parse_due_at(d.pop("due_at", UNSET))

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        _kind = d.pop("kind", UNSET)
        kind: ChangeKindEnum | Unset
        if isinstance(_kind, Unset):
            kind = UNSET
        else:
            kind = ChangeKindEnum(_kind)

        name = d.pop("name", UNSET)

        not_attributed = d.pop("not_attributed", UNSET)

        def _parse_owner(data: object) -> None | Person | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                owner_type_0 = Person.from_dict(data)

                return owner_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Person | Unset, data)

        owner = _parse_owner(d.pop("owner", UNSET))

        def _parse_planned_change(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        planned_change = _parse_planned_change(d.pop("planned_change", UNSET))

        reason = d.pop("reason", UNSET)

        def _parse_resource(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                resource_type_0 = UUID(data)

                return resource_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        resource = _parse_resource(d.pop("resource", UNSET))

        resource_group = d.pop("resource_group", UNSET)

        resource_id = d.pop("resource_id", UNSET)

        def _parse_review(data: object) -> BlankEnum | ReviewEnum | Unset:
            if isinstance(data, Unset):
                return data
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

        review = _parse_review(d.pop("review", UNSET))

        def _parse_reviewed_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                reviewed_at_type_0 = datetime.datetime.fromisoformat(data)

                return reviewed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        reviewed_at = _parse_reviewed_at(d.pop("reviewed_at", UNSET))

        def _parse_reviewed_by(data: object) -> None | Person | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                reviewed_by_type_0 = Person.from_dict(data)

                return reviewed_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Person | Unset, data)

        reviewed_by = _parse_reviewed_by(d.pop("reviewed_by", UNSET))

        rules = cast(list[str], d.pop("rules", UNSET))

        def _parse_severity(data: object) -> BlankEnum | SeverityEnum | Unset:
            if isinstance(data, Unset):
                return data
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

        severity = _parse_severity(d.pop("severity", UNSET))

        def _parse_since(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                since_type_0 = datetime.datetime.fromisoformat(data)

                return since_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        since = _parse_since(d.pop("since", UNSET))

        ticket = d.pop("ticket", UNSET)

        type_ = d.pop("type", UNSET)

        unit_name = d.pop("unit_name", UNSET)

        _verdicts = d.pop("verdicts", UNSET)
        verdicts: list[MovedVerdict] | Unset = UNSET
        if _verdicts is not UNSET:
            verdicts = []
            for verdicts_item_data in _verdicts:
                verdicts_item = MovedVerdict.from_dict(verdicts_item_data)

                verdicts.append(verdicts_item)

        change_fields = cls(
            approved_at=approved_at,
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
            planned_change=planned_change,
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
        )

        change_fields.additional_properties = d
        return change_fields

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
