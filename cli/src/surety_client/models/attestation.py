from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.severity_enum import SeverityEnum
from ..models.standing_enum import StandingEnum

if TYPE_CHECKING:
    from ..models.answer import Answer
    from ..models.person import Person


T = TypeVar("T", bound="Attestation")


@_attrs_define
class Attestation:
    """A manual control, which a person answers. `id` is the id of the control's finding.

    Attributes:
        answer (Answer | None):
        control (str):
        id (UUID):
        owner (None | Person):
        question (str):
        severity (SeverityEnum):
        standing (StandingEnum):
        subject (str): The Azure resource id, or the id of a subject that is not an Azure resource
        subject_name (str):
        title (str):
        unit_name (str): The name of the subscription or directory
    """

    answer: Answer | None
    control: str
    id: UUID
    owner: None | Person
    question: str
    severity: SeverityEnum
    standing: StandingEnum
    subject: str
    subject_name: str
    title: str
    unit_name: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.answer import Answer
        from ..models.person import Person

        answer: dict[str, Any] | None
        if isinstance(self.answer, Answer):
            answer = self.answer.to_dict()
        else:
            answer = self.answer

        control = self.control

        id = str(self.id)

        owner: dict[str, Any] | None
        if isinstance(self.owner, Person):
            owner = self.owner.to_dict()
        else:
            owner = self.owner

        question = self.question

        severity = self.severity.value

        standing = self.standing.value

        subject = self.subject

        subject_name = self.subject_name

        title = self.title

        unit_name = self.unit_name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "answer": answer,
                "control": control,
                "id": id,
                "owner": owner,
                "question": question,
                "severity": severity,
                "standing": standing,
                "subject": subject,
                "subject_name": subject_name,
                "title": title,
                "unit_name": unit_name,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.answer import Answer
        from ..models.person import Person

        d = dict(src_dict)

        def _parse_answer(data: object) -> Answer | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                answer_type_0 = Answer.from_dict(data)

                return answer_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Answer | None, data)

        answer = _parse_answer(d.pop("answer"))

        control = d.pop("control")

        id = UUID(d.pop("id"))

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

        question = d.pop("question")

        severity = SeverityEnum(d.pop("severity"))

        standing = StandingEnum(d.pop("standing"))

        subject = d.pop("subject")

        subject_name = d.pop("subject_name")

        title = d.pop("title")

        unit_name = d.pop("unit_name")

        attestation = cls(
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

        attestation.additional_properties = d
        return attestation

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
