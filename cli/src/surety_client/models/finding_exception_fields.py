from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.blank_enum import BlankEnum
from ..models.finding_exception_state_enum import FindingExceptionStateEnum
from ..models.returned_because_enum import ReturnedBecauseEnum
from ..models.scope_enum import ScopeEnum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.finding_exception_fields_rule import FindingExceptionFieldsRule
    from ..models.person import Person


T = TypeVar("T", bound="FindingExceptionFields")


@_attrs_define
class FindingExceptionFields:
    """The fields of FindingException that the parameter `fields` names

    Attributes:
        changed (int | Unset): The number of findings that are not covered because they have changed since the approval
        compensating_control (str | Unset):
        decided_at (datetime.datetime | None | Unset):
        decided_by (None | Person | Unset):
        decision_note (str | Unset):
        end_note (str | Unset):
        ended_at (datetime.datetime | None | Unset):
        ended_by (None | Person | Unset):
        ends_at (datetime.datetime | Unset):
        findings (int | Unset): The number of findings of the exception. Findings that have changed or no longer fail
            are counted, although the exception does not cover them
        id (UUID | Unset):
        maximum (int | Unset): The maximum number of findings that the exception may cover
        number (int | Unset):
        reason (str | Unset):
        requested_at (datetime.datetime | Unset):
        requested_by (Person | Unset): A person, by name and email address.
        returned_at (datetime.datetime | None | Unset): When Surety returned the exception to an approver;
            `returned_because` says why
        returned_because (BlankEnum | ReturnedBecauseEnum | Unset):
        rule (FindingExceptionFieldsRule | Unset): The conditions of an exception with the scope `rule`; otherwise empty
        scope (ScopeEnum | Unset):
        starts_at (datetime.datetime | Unset):
        state (FindingExceptionStateEnum | Unset):
    """

    changed: int | Unset = UNSET
    compensating_control: str | Unset = UNSET
    decided_at: datetime.datetime | None | Unset = UNSET
    decided_by: None | Person | Unset = UNSET
    decision_note: str | Unset = UNSET
    end_note: str | Unset = UNSET
    ended_at: datetime.datetime | None | Unset = UNSET
    ended_by: None | Person | Unset = UNSET
    ends_at: datetime.datetime | Unset = UNSET
    findings: int | Unset = UNSET
    id: UUID | Unset = UNSET
    maximum: int | Unset = UNSET
    number: int | Unset = UNSET
    reason: str | Unset = UNSET
    requested_at: datetime.datetime | Unset = UNSET
    requested_by: Person | Unset = UNSET
    returned_at: datetime.datetime | None | Unset = UNSET
    returned_because: BlankEnum | ReturnedBecauseEnum | Unset = UNSET
    rule: FindingExceptionFieldsRule | Unset = UNSET
    scope: ScopeEnum | Unset = UNSET
    starts_at: datetime.datetime | Unset = UNSET
    state: FindingExceptionStateEnum | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.person import Person

        changed = self.changed

        compensating_control = self.compensating_control

        decided_at: None | str | Unset
        if isinstance(self.decided_at, Unset):
            decided_at = UNSET
        elif isinstance(self.decided_at, datetime.datetime):
            decided_at = self.decided_at.isoformat()
        else:
            decided_at = self.decided_at

        decided_by: dict[str, Any] | None | Unset
        if isinstance(self.decided_by, Unset):
            decided_by = UNSET
        elif isinstance(self.decided_by, Person):
            decided_by = self.decided_by.to_dict()
        else:
            decided_by = self.decided_by

        decision_note = self.decision_note

        end_note = self.end_note

        ended_at: None | str | Unset
        if isinstance(self.ended_at, Unset):
            ended_at = UNSET
        elif isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        ended_by: dict[str, Any] | None | Unset
        if isinstance(self.ended_by, Unset):
            ended_by = UNSET
        elif isinstance(self.ended_by, Person):
            ended_by = self.ended_by.to_dict()
        else:
            ended_by = self.ended_by

        ends_at: str | Unset = UNSET
        if not isinstance(self.ends_at, Unset):
            ends_at = self.ends_at.isoformat()

        findings = self.findings

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        maximum = self.maximum

        number = self.number

        reason = self.reason

        requested_at: str | Unset = UNSET
        if not isinstance(self.requested_at, Unset):
            requested_at = self.requested_at.isoformat()

        requested_by: dict[str, Any] | Unset = UNSET
        if not isinstance(self.requested_by, Unset):
            requested_by = self.requested_by.to_dict()

        returned_at: None | str | Unset
        if isinstance(self.returned_at, Unset):
            returned_at = UNSET
        elif isinstance(self.returned_at, datetime.datetime):
            returned_at = self.returned_at.isoformat()
        else:
            returned_at = self.returned_at

        returned_because: str | Unset
        if isinstance(self.returned_because, Unset):
            returned_because = UNSET
        elif isinstance(self.returned_because, ReturnedBecauseEnum):
            returned_because = self.returned_because.value
        else:
            returned_because = self.returned_because.value

        rule: dict[str, Any] | Unset = UNSET
        if not isinstance(self.rule, Unset):
            rule = self.rule.to_dict()

        scope: str | Unset = UNSET
        if not isinstance(self.scope, Unset):
            scope = self.scope.value

        starts_at: str | Unset = UNSET
        if not isinstance(self.starts_at, Unset):
            starts_at = self.starts_at.isoformat()

        state: str | Unset = UNSET
        if not isinstance(self.state, Unset):
            state = self.state.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if changed is not UNSET:
            field_dict["changed"] = changed
        if compensating_control is not UNSET:
            field_dict["compensating_control"] = compensating_control
        if decided_at is not UNSET:
            field_dict["decided_at"] = decided_at
        if decided_by is not UNSET:
            field_dict["decided_by"] = decided_by
        if decision_note is not UNSET:
            field_dict["decision_note"] = decision_note
        if end_note is not UNSET:
            field_dict["end_note"] = end_note
        if ended_at is not UNSET:
            field_dict["ended_at"] = ended_at
        if ended_by is not UNSET:
            field_dict["ended_by"] = ended_by
        if ends_at is not UNSET:
            field_dict["ends_at"] = ends_at
        if findings is not UNSET:
            field_dict["findings"] = findings
        if id is not UNSET:
            field_dict["id"] = id
        if maximum is not UNSET:
            field_dict["maximum"] = maximum
        if number is not UNSET:
            field_dict["number"] = number
        if reason is not UNSET:
            field_dict["reason"] = reason
        if requested_at is not UNSET:
            field_dict["requested_at"] = requested_at
        if requested_by is not UNSET:
            field_dict["requested_by"] = requested_by
        if returned_at is not UNSET:
            field_dict["returned_at"] = returned_at
        if returned_because is not UNSET:
            field_dict["returned_because"] = returned_because
        if rule is not UNSET:
            field_dict["rule"] = rule
        if scope is not UNSET:
            field_dict["scope"] = scope
        if starts_at is not UNSET:
            field_dict["starts_at"] = starts_at
        if state is not UNSET:
            field_dict["state"] = state

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.finding_exception_fields_rule import FindingExceptionFieldsRule
        from ..models.person import Person

        d = dict(src_dict)
        changed = d.pop("changed", UNSET)

        compensating_control = d.pop("compensating_control", UNSET)

        def _parse_decided_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                decided_at_type_0 = datetime.datetime.fromisoformat(data)

                return decided_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        decided_at = _parse_decided_at(d.pop("decided_at", UNSET))

        def _parse_decided_by(data: object) -> None | Person | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                decided_by_type_0 = Person.from_dict(data)

                return decided_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Person | Unset, data)

        decided_by = _parse_decided_by(d.pop("decided_by", UNSET))

        decision_note = d.pop("decision_note", UNSET)

        end_note = d.pop("end_note", UNSET)

        def _parse_ended_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)

                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        ended_at = _parse_ended_at(d.pop("ended_at", UNSET))

        def _parse_ended_by(data: object) -> None | Person | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                ended_by_type_0 = Person.from_dict(data)

                return ended_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Person | Unset, data)

        ended_by = _parse_ended_by(d.pop("ended_by", UNSET))

        _ends_at = d.pop("ends_at", UNSET)
        ends_at: datetime.datetime | Unset
        if isinstance(_ends_at, Unset):
            ends_at = UNSET
        else:
            ends_at = datetime.datetime.fromisoformat(_ends_at)

        findings = d.pop("findings", UNSET)

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        maximum = d.pop("maximum", UNSET)

        number = d.pop("number", UNSET)

        reason = d.pop("reason", UNSET)

        _requested_at = d.pop("requested_at", UNSET)
        requested_at: datetime.datetime | Unset
        if isinstance(_requested_at, Unset):
            requested_at = UNSET
        else:
            requested_at = datetime.datetime.fromisoformat(_requested_at)

        _requested_by = d.pop("requested_by", UNSET)
        requested_by: Person | Unset
        if isinstance(_requested_by, Unset):
            requested_by = UNSET
        else:
            requested_by = Person.from_dict(_requested_by)

        def _parse_returned_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                returned_at_type_0 = datetime.datetime.fromisoformat(data)

                return returned_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        returned_at = _parse_returned_at(d.pop("returned_at", UNSET))

        def _parse_returned_because(
            data: object,
        ) -> BlankEnum | ReturnedBecauseEnum | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                returned_because_type_0 = ReturnedBecauseEnum(data)

                return returned_because_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, str):
                raise TypeError()
            returned_because_type_1 = BlankEnum(data)

            return returned_because_type_1

        returned_because = _parse_returned_because(d.pop("returned_because", UNSET))

        _rule = d.pop("rule", UNSET)
        rule: FindingExceptionFieldsRule | Unset
        if isinstance(_rule, Unset):
            rule = UNSET
        else:
            rule = FindingExceptionFieldsRule.from_dict(_rule)

        _scope = d.pop("scope", UNSET)
        scope: ScopeEnum | Unset
        if isinstance(_scope, Unset):
            scope = UNSET
        else:
            scope = ScopeEnum(_scope)

        _starts_at = d.pop("starts_at", UNSET)
        starts_at: datetime.datetime | Unset
        if isinstance(_starts_at, Unset):
            starts_at = UNSET
        else:
            starts_at = datetime.datetime.fromisoformat(_starts_at)

        _state = d.pop("state", UNSET)
        state: FindingExceptionStateEnum | Unset
        if isinstance(_state, Unset):
            state = UNSET
        else:
            state = FindingExceptionStateEnum(_state)

        finding_exception_fields = cls(
            changed=changed,
            compensating_control=compensating_control,
            decided_at=decided_at,
            decided_by=decided_by,
            decision_note=decision_note,
            end_note=end_note,
            ended_at=ended_at,
            ended_by=ended_by,
            ends_at=ends_at,
            findings=findings,
            id=id,
            maximum=maximum,
            number=number,
            reason=reason,
            requested_at=requested_at,
            requested_by=requested_by,
            returned_at=returned_at,
            returned_because=returned_because,
            rule=rule,
            scope=scope,
            starts_at=starts_at,
            state=state,
        )

        finding_exception_fields.additional_properties = d
        return finding_exception_fields

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
