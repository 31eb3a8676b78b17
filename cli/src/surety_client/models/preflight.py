from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.check_state_enum import CheckStateEnum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.excess import Excess
    from ..models.readiness import Readiness


T = TypeVar("T", bound="Preflight")


@_attrs_define
class Preflight:
    """The latest pre-flight of a service principal.

    Attributes:
        excessive (list[Excess]):
        requested_at (datetime.datetime):
        state (CheckStateEnum):
        subscriptions (list[str]): The subscriptions that were checked
        commands (list[str] | Unset): Commands of the Azure CLI that grant the missing permissions
        controls (list[Readiness] | Unset):
        error (str | Unset): Why the sign-in failed and what to do, as a text for people Default: ''.
        error_code (str | Unset): The code of the error if the sign-in failed Default: ''.
    """

    excessive: list[Excess]
    requested_at: datetime.datetime
    state: CheckStateEnum
    subscriptions: list[str]
    commands: list[str] | Unset = UNSET
    controls: list[Readiness] | Unset = UNSET
    error: str | Unset = ""
    error_code: str | Unset = ""
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        excessive = []
        for excessive_item_data in self.excessive:
            excessive_item = excessive_item_data.to_dict()
            excessive.append(excessive_item)

        requested_at = self.requested_at.isoformat()

        state = self.state.value

        subscriptions = self.subscriptions

        commands: list[str] | Unset = UNSET
        if not isinstance(self.commands, Unset):
            commands = self.commands

        controls: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.controls, Unset):
            controls = []
            for controls_item_data in self.controls:
                controls_item = controls_item_data.to_dict()
                controls.append(controls_item)

        error = self.error

        error_code = self.error_code

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "excessive": excessive,
                "requested_at": requested_at,
                "state": state,
                "subscriptions": subscriptions,
            }
        )
        if commands is not UNSET:
            field_dict["commands"] = commands
        if controls is not UNSET:
            field_dict["controls"] = controls
        if error is not UNSET:
            field_dict["error"] = error
        if error_code is not UNSET:
            field_dict["error_code"] = error_code

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.excess import Excess
        from ..models.readiness import Readiness

        d = dict(src_dict)
        excessive = []
        _excessive = d.pop("excessive")
        for excessive_item_data in _excessive:
            excessive_item = Excess.from_dict(excessive_item_data)

            excessive.append(excessive_item)

        requested_at = datetime.datetime.fromisoformat(d.pop("requested_at"))

        state = CheckStateEnum(d.pop("state"))

        subscriptions = cast(list[str], d.pop("subscriptions"))

        commands = cast(list[str], d.pop("commands", UNSET))

        _controls = d.pop("controls", UNSET)
        controls: list[Readiness] | Unset = UNSET
        if _controls is not UNSET:
            controls = []
            for controls_item_data in _controls:
                controls_item = Readiness.from_dict(controls_item_data)

                controls.append(controls_item)

        error = d.pop("error", UNSET)

        error_code = d.pop("error_code", UNSET)

        preflight = cls(
            excessive=excessive,
            requested_at=requested_at,
            state=state,
            subscriptions=subscriptions,
            commands=commands,
            controls=controls,
            error=error,
            error_code=error_code,
        )

        preflight.additional_properties = d
        return preflight

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
