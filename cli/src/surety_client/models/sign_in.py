from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.sign_in_state_enum import SignInStateEnum

T = TypeVar("T", bound="SignIn")


@_attrs_define
class SignIn:
    """A sign-in with the credential of a service principal. A new credential is stored only if the sign-in succeeds.

    Attributes:
        client_id (str):
        ended_at (datetime.datetime | None):
        error (str): What to do about the error
        error_code (str): Why the sign-in failed
        id (UUID):
        requested_at (datetime.datetime):
        service_principal (None | UUID): The id of the service principal; null while a new service principal is not
            stored yet
        state (SignInStateEnum):
        subscriptions (int | None): The number of subscriptions that the service principal sees; null if they could not
            be listed
    """

    client_id: str
    ended_at: datetime.datetime | None
    error: str
    error_code: str
    id: UUID
    requested_at: datetime.datetime
    service_principal: None | UUID
    state: SignInStateEnum
    subscriptions: int | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        client_id = self.client_id

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        error = self.error

        error_code = self.error_code

        id = str(self.id)

        requested_at = self.requested_at.isoformat()

        service_principal: None | str
        if isinstance(self.service_principal, UUID):
            service_principal = str(self.service_principal)
        else:
            service_principal = self.service_principal

        state = self.state.value

        subscriptions: int | None
        subscriptions = self.subscriptions

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "client_id": client_id,
                "ended_at": ended_at,
                "error": error,
                "error_code": error_code,
                "id": id,
                "requested_at": requested_at,
                "service_principal": service_principal,
                "state": state,
                "subscriptions": subscriptions,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        client_id = d.pop("client_id")

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

        error = d.pop("error")

        error_code = d.pop("error_code")

        id = UUID(d.pop("id"))

        requested_at = datetime.datetime.fromisoformat(d.pop("requested_at"))

        def _parse_service_principal(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                service_principal_type_0 = UUID(data)

                return service_principal_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        service_principal = _parse_service_principal(d.pop("service_principal"))

        state = SignInStateEnum(d.pop("state"))

        def _parse_subscriptions(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        subscriptions = _parse_subscriptions(d.pop("subscriptions"))

        sign_in = cls(
            client_id=client_id,
            ended_at=ended_at,
            error=error,
            error_code=error_code,
            id=id,
            requested_at=requested_at,
            service_principal=service_principal,
            state=state,
            subscriptions=subscriptions,
        )

        sign_in.additional_properties = d
        return sign_in

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
