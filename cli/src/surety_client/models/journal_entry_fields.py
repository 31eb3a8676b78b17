from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.journal_entry_kind_enum import JournalEntryKindEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="JournalEntryFields")


@_attrs_define
class JournalEntryFields:
    """The fields of JournalEntry that the parameter `fields` names

    Attributes:
        action (str | Unset):
        actor (str | Unset): The actor as recorded, for example `system:report worker`
        at (datetime.datetime | Unset):
        by (str | Unset): The name of the person who acted, or of the part of Surety that acted
        details (Any | Unset):
        hash_ (str | Unset):
        kind (JournalEntryKindEnum | Unset):
        label (str | Unset): The action in words
        previous_hash (str | Unset):
        sequence (int | Unset):
        target (str | Unset):
    """

    action: str | Unset = UNSET
    actor: str | Unset = UNSET
    at: datetime.datetime | Unset = UNSET
    by: str | Unset = UNSET
    details: Any | Unset = UNSET
    hash_: str | Unset = UNSET
    kind: JournalEntryKindEnum | Unset = UNSET
    label: str | Unset = UNSET
    previous_hash: str | Unset = UNSET
    sequence: int | Unset = UNSET
    target: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        action = self.action

        actor = self.actor

        at: str | Unset = UNSET
        if not isinstance(self.at, Unset):
            at = self.at.isoformat()

        by = self.by

        details = self.details

        hash_ = self.hash_

        kind: str | Unset = UNSET
        if not isinstance(self.kind, Unset):
            kind = self.kind.value

        label = self.label

        previous_hash = self.previous_hash

        sequence = self.sequence

        target = self.target

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if action is not UNSET:
            field_dict["action"] = action
        if actor is not UNSET:
            field_dict["actor"] = actor
        if at is not UNSET:
            field_dict["at"] = at
        if by is not UNSET:
            field_dict["by"] = by
        if details is not UNSET:
            field_dict["details"] = details
        if hash_ is not UNSET:
            field_dict["hash"] = hash_
        if kind is not UNSET:
            field_dict["kind"] = kind
        if label is not UNSET:
            field_dict["label"] = label
        if previous_hash is not UNSET:
            field_dict["previous_hash"] = previous_hash
        if sequence is not UNSET:
            field_dict["sequence"] = sequence
        if target is not UNSET:
            field_dict["target"] = target

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        action = d.pop("action", UNSET)

        actor = d.pop("actor", UNSET)

        _at = d.pop("at", UNSET)
        at: datetime.datetime | Unset
        if isinstance(_at, Unset):
            at = UNSET
        else:
            at = datetime.datetime.fromisoformat(_at)

        by = d.pop("by", UNSET)

        details = d.pop("details", UNSET)

        hash_ = d.pop("hash", UNSET)

        _kind = d.pop("kind", UNSET)
        kind: JournalEntryKindEnum | Unset
        if isinstance(_kind, Unset):
            kind = UNSET
        else:
            kind = JournalEntryKindEnum(_kind)

        label = d.pop("label", UNSET)

        previous_hash = d.pop("previous_hash", UNSET)

        sequence = d.pop("sequence", UNSET)

        target = d.pop("target", UNSET)

        journal_entry_fields = cls(
            action=action,
            actor=actor,
            at=at,
            by=by,
            details=details,
            hash_=hash_,
            kind=kind,
            label=label,
            previous_hash=previous_hash,
            sequence=sequence,
            target=target,
        )

        journal_entry_fields.additional_properties = d
        return journal_entry_fields

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
