from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.own_control_state_enum import OwnControlStateEnum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.own_draft import OwnDraft


T = TypeVar("T", bound="OwnControlFields")


@_attrs_define
class OwnControlFields:
    """The fields of OwnControl that the parameter `fields` names

    Attributes:
        changed_at (datetime.datetime | Unset):
        control (str | Unset):
        draft (None | OwnDraft | Unset):
        id (UUID | Unset):
        reason (str | Unset): The reason why the control is switched off or retired
        state (OwnControlStateEnum | Unset):
        text (str | Unset): The published definition as YAML
        version (int | Unset): The number of the version that assessments use; 0 until the first version is published
    """

    changed_at: datetime.datetime | Unset = UNSET
    control: str | Unset = UNSET
    draft: None | OwnDraft | Unset = UNSET
    id: UUID | Unset = UNSET
    reason: str | Unset = UNSET
    state: OwnControlStateEnum | Unset = UNSET
    text: str | Unset = UNSET
    version: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.own_draft import OwnDraft

        changed_at: str | Unset = UNSET
        if not isinstance(self.changed_at, Unset):
            changed_at = self.changed_at.isoformat()

        control = self.control

        draft: dict[str, Any] | None | Unset
        if isinstance(self.draft, Unset):
            draft = UNSET
        elif isinstance(self.draft, OwnDraft):
            draft = self.draft.to_dict()
        else:
            draft = self.draft

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        reason = self.reason

        state: str | Unset = UNSET
        if not isinstance(self.state, Unset):
            state = self.state.value

        text = self.text

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if changed_at is not UNSET:
            field_dict["changed_at"] = changed_at
        if control is not UNSET:
            field_dict["control"] = control
        if draft is not UNSET:
            field_dict["draft"] = draft
        if id is not UNSET:
            field_dict["id"] = id
        if reason is not UNSET:
            field_dict["reason"] = reason
        if state is not UNSET:
            field_dict["state"] = state
        if text is not UNSET:
            field_dict["text"] = text
        if version is not UNSET:
            field_dict["version"] = version

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.own_draft import OwnDraft

        d = dict(src_dict)
        _changed_at = d.pop("changed_at", UNSET)
        changed_at: datetime.datetime | Unset
        if isinstance(_changed_at, Unset):
            changed_at = UNSET
        else:
            changed_at = datetime.datetime.fromisoformat(_changed_at)

        control = d.pop("control", UNSET)

        def _parse_draft(data: object) -> None | OwnDraft | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                draft_type_0 = OwnDraft.from_dict(data)

                return draft_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OwnDraft | Unset, data)

        draft = _parse_draft(d.pop("draft", UNSET))

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        reason = d.pop("reason", UNSET)

        _state = d.pop("state", UNSET)
        state: OwnControlStateEnum | Unset
        if isinstance(_state, Unset):
            state = UNSET
        else:
            state = OwnControlStateEnum(_state)

        text = d.pop("text", UNSET)

        version = d.pop("version", UNSET)

        own_control_fields = cls(
            changed_at=changed_at,
            control=control,
            draft=draft,
            id=id,
            reason=reason,
            state=state,
            text=text,
            version=version,
        )

        own_control_fields.additional_properties = d
        return own_control_fields

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
