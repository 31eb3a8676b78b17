from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.journal_entry_kind_enum import JournalEntryKindEnum

T = TypeVar("T", bound="JournalEntry")


@_attrs_define
class JournalEntry:
    """An entry of the journal. `hash` covers the entry and `previous_hash`.

    Attributes:
        action (str):
        actor (str): The actor as recorded, for example `system:report worker`
        at (datetime.datetime):
        by (str): The name of the person who acted, or of the part of Surety that acted
        details (Any):
        hash_ (str):
        kind (JournalEntryKindEnum):
        label (str): The action in words
        previous_hash (str):
        sequence (int):
        target (str):
    """

    action: str
    actor: str
    at: datetime.datetime
    by: str
    details: Any
    hash_: str
    kind: JournalEntryKindEnum
    label: str
    previous_hash: str
    sequence: int
    target: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        action = self.action

        actor = self.actor

        at = self.at.isoformat()

        by = self.by

        details = self.details

        hash_ = self.hash_

        kind = self.kind.value

        label = self.label

        previous_hash = self.previous_hash

        sequence = self.sequence

        target = self.target

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "action": action,
                "actor": actor,
                "at": at,
                "by": by,
                "details": details,
                "hash": hash_,
                "kind": kind,
                "label": label,
                "previous_hash": previous_hash,
                "sequence": sequence,
                "target": target,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        action = d.pop("action")

        actor = d.pop("actor")

        at = datetime.datetime.fromisoformat(d.pop("at"))

        by = d.pop("by")

        details = d.pop("details")

        hash_ = d.pop("hash")

        kind = JournalEntryKindEnum(d.pop("kind"))

        label = d.pop("label")

        previous_hash = d.pop("previous_hash")

        sequence = d.pop("sequence")

        target = d.pop("target")

        journal_entry = cls(
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

        journal_entry.additional_properties = d
        return journal_entry

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
