from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Difference")


@_attrs_define
class Difference:
    """A property that changed. If the property is new, `before` is missing. If it was removed, `now` is missing.

    Attributes:
        path (list[Any]): The path to the property: names of properties from the outermost to the innermost, and for
            each list the value that identifies the item
        before (Any | None | Unset):
        now (Any | None | Unset):
    """

    path: list[Any]
    before: Any | None | Unset = UNSET
    now: Any | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        path = self.path

        before: Any | None | Unset
        if isinstance(self.before, Unset):
            before = UNSET
        else:
            before = self.before

        now: Any | None | Unset
        if isinstance(self.now, Unset):
            now = UNSET
        else:
            now = self.now

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "path": path,
            }
        )
        if before is not UNSET:
            field_dict["before"] = before
        if now is not UNSET:
            field_dict["now"] = now

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        path = cast(list[Any], d.pop("path"))

        def _parse_before(data: object) -> Any | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(Any | None | Unset, data)

        before = _parse_before(d.pop("before", UNSET))

        def _parse_now(data: object) -> Any | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(Any | None | Unset, data)

        now = _parse_now(d.pop("now", UNSET))

        difference = cls(
            path=path,
            before=before,
            now=now,
        )

        difference.additional_properties = d
        return difference

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
