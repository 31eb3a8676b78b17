from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.severity_enum import SeverityEnum
from ..models.standing_enum import StandingEnum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.answer import Answer
    from ..models.person import Person


T = TypeVar("T", bound="AttestationFields")


@_attrs_define
class AttestationFields:
    """The fields of Attestation that the parameter `fields` names

    Attributes:
        answer (Answer | None | Unset):
        control (str | Unset):
        id (UUID | Unset):
        owner (None | Person | Unset):
        question (str | Unset):
        severity (SeverityEnum | Unset):
        standing (StandingEnum | Unset):
        subject (str | Unset): The Azure resource id, or the id of a subject that is not an Azure resource
        subject_name (str | Unset):
        title (str | Unset):
        unit_name (str | Unset): The name of the subscription or directory
    """

    answer: Answer | None | Unset = UNSET
    control: str | Unset = UNSET
    id: UUID | Unset = UNSET
    owner: None | Person | Unset = UNSET
    question: str | Unset = UNSET
    severity: SeverityEnum | Unset = UNSET
    standing: StandingEnum | Unset = UNSET
    subject: str | Unset = UNSET
    subject_name: str | Unset = UNSET
    title: str | Unset = UNSET
    unit_name: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.answer import Answer
        from ..models.person import Person

        answer: dict[str, Any] | None | Unset
        if isinstance(self.answer, Unset):
            answer = UNSET
        elif isinstance(self.answer, Answer):
            answer = self.answer.to_dict()
        else:
            answer = self.answer

        control = self.control

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        owner: dict[str, Any] | None | Unset
        if isinstance(self.owner, Unset):
            owner = UNSET
        elif isinstance(self.owner, Person):
            owner = self.owner.to_dict()
        else:
            owner = self.owner

        question = self.question

        severity: str | Unset = UNSET
        if not isinstance(self.severity, Unset):
            severity = self.severity.value

        standing: str | Unset = UNSET
        if not isinstance(self.standing, Unset):
            standing = self.standing.value

        subject = self.subject

        subject_name = self.subject_name

        title = self.title

        unit_name = self.unit_name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if answer is not UNSET:
            field_dict["answer"] = answer
        if control is not UNSET:
            field_dict["control"] = control
        if id is not UNSET:
            field_dict["id"] = id
        if owner is not UNSET:
            field_dict["owner"] = owner
        if question is not UNSET:
            field_dict["question"] = question
        if severity is not UNSET:
            field_dict["severity"] = severity
        if standing is not UNSET:
            field_dict["standing"] = standing
        if subject is not UNSET:
            field_dict["subject"] = subject
        if subject_name is not UNSET:
            field_dict["subject_name"] = subject_name
        if title is not UNSET:
            field_dict["title"] = title
        if unit_name is not UNSET:
            field_dict["unit_name"] = unit_name

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.answer import Answer
        from ..models.person import Person

        d = dict(src_dict)

        def _parse_answer(data: object) -> Answer | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                answer_type_0 = Answer.from_dict(data)

                return answer_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Answer | None | Unset, data)

        answer = _parse_answer(d.pop("answer", UNSET))

        control = d.pop("control", UNSET)

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

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

        question = d.pop("question", UNSET)

        _severity = d.pop("severity", UNSET)
        severity: SeverityEnum | Unset
        if isinstance(_severity, Unset):
            severity = UNSET
        else:
            severity = SeverityEnum(_severity)

        _standing = d.pop("standing", UNSET)
        standing: StandingEnum | Unset
        if isinstance(_standing, Unset):
            standing = UNSET
        else:
            standing = StandingEnum(_standing)

        subject = d.pop("subject", UNSET)

        subject_name = d.pop("subject_name", UNSET)

        title = d.pop("title", UNSET)

        unit_name = d.pop("unit_name", UNSET)

        attestation_fields = cls(
            answer=answer,
            control=control,
            id=id,
            owner=owner,
            question=question,
            severity=severity,
            standing=standing,
            subject=subject,
            subject_name=subject_name,
            title=title,
            unit_name=unit_name,
        )

        attestation_fields.additional_properties = d
        return attestation_fields

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
