from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.own_control_state_enum import OwnControlStateEnum

if TYPE_CHECKING:
    from ..models.own_draft import OwnDraft


T = TypeVar("T", bound="OwnControl")


@_attrs_define
class OwnControl:
    """A control that the organization wrote.

    Attributes:
        changed_at (datetime.datetime):
        control (str):
        draft (None | OwnDraft):
        id (UUID):
        reason (str): The reason why the control is switched off or retired
        state (OwnControlStateEnum):
        text (str): The published definition as YAML
        version (int): The number of the version that assessments use; 0 until the first version is published
    """

    changed_at: datetime.datetime
    control: str
    draft: None | OwnDraft
    id: UUID
    reason: str
    state: OwnControlStateEnum
    text: str
    version: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.own_draft import OwnDraft

        changed_at = self.changed_at.isoformat()

        control = self.control

        draft: dict[str, Any] | None
        if isinstance(self.draft, OwnDraft):
            draft = self.draft.to_dict()
        else:
            draft = self.draft

        id = str(self.id)

        reason = self.reason

        state = self.state.value

        text = self.text

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "changed_at": changed_at,
                "control": control,
                "draft": draft,
                "id": id,
                "reason": reason,
                "state": state,
                "text": text,
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.own_draft import OwnDraft

        d = dict(src_dict)
        changed_at = datetime.datetime.fromisoformat(d.pop("changed_at"))

        control = d.pop("control")

        def _parse_draft(data: object) -> None | OwnDraft:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                draft_type_0 = OwnDraft.from_dict(data)

                return draft_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OwnDraft, data)

        draft = _parse_draft(d.pop("draft"))

        id = UUID(d.pop("id"))

        reason = d.pop("reason")

        state = OwnControlStateEnum(d.pop("state"))

        text = d.pop("text")

        version = d.pop("version")

        own_control = cls(
            changed_at=changed_at,
            control=control,
            draft=draft,
            id=id,
            reason=reason,
            state=state,
            text=text,
            version=version,
        )

        own_control.additional_properties = d
        return own_control

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
