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

if TYPE_CHECKING:
    from ..models.finding_exception_rule import FindingExceptionRule
    from ..models.person import Person


T = TypeVar("T", bound="FindingException")


@_attrs_define
class FindingException:
    """An exception: failures that are accepted until a date.

    Attributes:
        changed (int): The number of findings that are not covered because they have changed since the approval
        compensating_control (str):
        decided_at (datetime.datetime | None):
        decided_by (None | Person):
        decision_note (str):
        end_note (str):
        ended_at (datetime.datetime | None):
        ended_by (None | Person):
        ends_at (datetime.datetime):
        findings (int): The number of findings of the exception. Findings that have changed or no longer fail are
            counted, although the exception does not cover them
        id (UUID):
        maximum (int): The maximum number of findings that the exception may cover
        number (int):
        reason (str):
        requested_at (datetime.datetime):
        requested_by (Person): A person, by name and email address.
        returned_at (datetime.datetime | None): When Surety returned the exception to an approver; `returned_because`
            says why
        returned_because (BlankEnum | ReturnedBecauseEnum):
        rule (FindingExceptionRule): The conditions of an exception with the scope `rule`; otherwise empty
        scope (ScopeEnum):
        starts_at (datetime.datetime):
        state (FindingExceptionStateEnum):
    """

    changed: int
    compensating_control: str
    decided_at: datetime.datetime | None
    decided_by: None | Person
    decision_note: str
    end_note: str
    ended_at: datetime.datetime | None
    ended_by: None | Person
    ends_at: datetime.datetime
    findings: int
    id: UUID
    maximum: int
    number: int
    reason: str
    requested_at: datetime.datetime
    requested_by: Person
    returned_at: datetime.datetime | None
    returned_because: BlankEnum | ReturnedBecauseEnum
    rule: FindingExceptionRule
    scope: ScopeEnum
    starts_at: datetime.datetime
    state: FindingExceptionStateEnum
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.person import Person

        changed = self.changed

        compensating_control = self.compensating_control

        decided_at: None | str
        if isinstance(self.decided_at, datetime.datetime):
            decided_at = self.decided_at.isoformat()
        else:
            decided_at = self.decided_at

        decided_by: dict[str, Any] | None
        if isinstance(self.decided_by, Person):
            decided_by = self.decided_by.to_dict()
        else:
            decided_by = self.decided_by

        decision_note = self.decision_note

        end_note = self.end_note

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        ended_by: dict[str, Any] | None
        if isinstance(self.ended_by, Person):
            ended_by = self.ended_by.to_dict()
        else:
            ended_by = self.ended_by

        ends_at = self.ends_at.isoformat()

        findings = self.findings

        id = str(self.id)

        maximum = self.maximum

        number = self.number

        reason = self.reason

        requested_at = self.requested_at.isoformat()

        requested_by = self.requested_by.to_dict()

        returned_at: None | str
        if isinstance(self.returned_at, datetime.datetime):
            returned_at = self.returned_at.isoformat()
        else:
            returned_at = self.returned_at

        returned_because: str
        if isinstance(self.returned_because, ReturnedBecauseEnum):
            returned_because = self.returned_because.value
        else:
            returned_because = self.returned_because.value

        rule = self.rule.to_dict()

        scope = self.scope.value

        starts_at = self.starts_at.isoformat()

        state = self.state.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "changed": changed,
                "compensating_control": compensating_control,
                "decided_at": decided_at,
                "decided_by": decided_by,
                "decision_note": decision_note,
                "end_note": end_note,
                "ended_at": ended_at,
                "ended_by": ended_by,
                "ends_at": ends_at,
                "findings": findings,
                "id": id,
                "maximum": maximum,
                "number": number,
                "reason": reason,
                "requested_at": requested_at,
                "requested_by": requested_by,
                "returned_at": returned_at,
                "returned_because": returned_because,
                "rule": rule,
                "scope": scope,
                "starts_at": starts_at,
                "state": state,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.finding_exception_rule import FindingExceptionRule
        from ..models.person import Person

        d = dict(src_dict)
        changed = d.pop("changed")

        compensating_control = d.pop("compensating_control")

        def _parse_decided_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                decided_at_type_0 = datetime.datetime.fromisoformat(data)

                return decided_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        decided_at = _parse_decided_at(d.pop("decided_at"))

        def _parse_decided_by(data: object) -> None | Person:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                decided_by_type_0 = Person.from_dict(data)

                return decided_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Person, data)

        decided_by = _parse_decided_by(d.pop("decided_by"))

        decision_note = d.pop("decision_note")

        end_note = d.pop("end_note")

        def _parse_ended_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)

                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ended_at = _parse_ended_at(d.pop("ended_at"))

        def _parse_ended_by(data: object) -> None | Person:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                ended_by_type_0 = Person.from_dict(data)

                return ended_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Person, data)

        ended_by = _parse_ended_by(d.pop("ended_by"))

        ends_at = datetime.datetime.fromisoformat(d.pop("ends_at"))

        findings = d.pop("findings")

        id = UUID(d.pop("id"))

        maximum = d.pop("maximum")

        number = d.pop("number")

        reason = d.pop("reason")

        requested_at = datetime.datetime.fromisoformat(d.pop("requested_at"))

        requested_by = Person.from_dict(d.pop("requested_by"))

        def _parse_returned_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                returned_at_type_0 = datetime.datetime.fromisoformat(data)

                return returned_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        returned_at = _parse_returned_at(d.pop("returned_at"))

        def _parse_returned_because(data: object) -> BlankEnum | ReturnedBecauseEnum:
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

        returned_because = _parse_returned_because(d.pop("returned_because"))

        rule = FindingExceptionRule.from_dict(d.pop("rule"))

        scope = ScopeEnum(d.pop("scope"))

        starts_at = datetime.datetime.fromisoformat(d.pop("starts_at"))

        state = FindingExceptionStateEnum(d.pop("state"))

        finding_exception = cls(
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

        finding_exception.additional_properties = d
        return finding_exception

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
