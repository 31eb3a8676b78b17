from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.action_enum import ActionEnum
from ..models.bulk_job_state_enum import BulkJobStateEnum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.bulk_job_fields_parameters import BulkJobFieldsParameters
    from ..models.person import Person


T = TypeVar("T", bound="BulkJobFields")


@_attrs_define
class BulkJobFields:
    """The fields of BulkJob that the parameter `fields` names

    Attributes:
        action (ActionEnum | Unset):
        created_at (datetime.datetime | Unset):
        done (int | Unset): The number of changed findings
        ended_at (datetime.datetime | None | Unset):
        exception (int | None | Unset): The number of the exception that was requested
        failed (int | Unset): The number of findings for which the action was refused
        filters (str | Unset): The filters as a query string; empty if the program named the findings
        id (UUID | Unset):
        parameters (BulkJobFieldsParameters | Unset): The values of the action; `owner` is the id of a person
        reason (str | Unset): Why the job stopped
        reason_code (str | Unset): A stable name of the reason
        requested_by (Person | Unset): A person, by name and email address.
        skipped (int | Unset): The number of findings to which the action does not apply
        started_at (datetime.datetime | None | Unset):
        state (BulkJobStateEnum | Unset):
        token (str | Unset): The beginning of the token with which the job was started
        total (int | Unset): The number of selected findings
        undo_until (None | str | Unset): Until when the job can be undone; null if it cannot be undone
        undone_at (None | str | Unset):
    """

    action: ActionEnum | Unset = UNSET
    created_at: datetime.datetime | Unset = UNSET
    done: int | Unset = UNSET
    ended_at: datetime.datetime | None | Unset = UNSET
    exception: int | None | Unset = UNSET
    failed: int | Unset = UNSET
    filters: str | Unset = UNSET
    id: UUID | Unset = UNSET
    parameters: BulkJobFieldsParameters | Unset = UNSET
    reason: str | Unset = UNSET
    reason_code: str | Unset = UNSET
    requested_by: Person | Unset = UNSET
    skipped: int | Unset = UNSET
    started_at: datetime.datetime | None | Unset = UNSET
    state: BulkJobStateEnum | Unset = UNSET
    token: str | Unset = UNSET
    total: int | Unset = UNSET
    undo_until: None | str | Unset = UNSET
    undone_at: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        action: str | Unset = UNSET
        if not isinstance(self.action, Unset):
            action = self.action.value

        created_at: str | Unset = UNSET
        if not isinstance(self.created_at, Unset):
            created_at = self.created_at.isoformat()

        done = self.done

        ended_at: None | str | Unset
        if isinstance(self.ended_at, Unset):
            ended_at = UNSET
        elif isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        exception: int | None | Unset
        if isinstance(self.exception, Unset):
            exception = UNSET
        else:
            exception = self.exception

        failed = self.failed

        filters = self.filters

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        parameters: dict[str, Any] | Unset = UNSET
        if not isinstance(self.parameters, Unset):
            parameters = self.parameters.to_dict()

        reason = self.reason

        reason_code = self.reason_code

        requested_by: dict[str, Any] | Unset = UNSET
        if not isinstance(self.requested_by, Unset):
            requested_by = self.requested_by.to_dict()

        skipped = self.skipped

        started_at: None | str | Unset
        if isinstance(self.started_at, Unset):
            started_at = UNSET
        elif isinstance(self.started_at, datetime.datetime):
            started_at = self.started_at.isoformat()
        else:
            started_at = self.started_at

        state: str | Unset = UNSET
        if not isinstance(self.state, Unset):
            state = self.state.value

        token = self.token

        total = self.total

        undo_until: None | str | Unset
        if isinstance(self.undo_until, Unset):
            undo_until = UNSET
        else:
            undo_until = self.undo_until

        undone_at: None | str | Unset
        if isinstance(self.undone_at, Unset):
            undone_at = UNSET
        else:
            undone_at = self.undone_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if action is not UNSET:
            field_dict["action"] = action
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if done is not UNSET:
            field_dict["done"] = done
        if ended_at is not UNSET:
            field_dict["ended_at"] = ended_at
        if exception is not UNSET:
            field_dict["exception"] = exception
        if failed is not UNSET:
            field_dict["failed"] = failed
        if filters is not UNSET:
            field_dict["filters"] = filters
        if id is not UNSET:
            field_dict["id"] = id
        if parameters is not UNSET:
            field_dict["parameters"] = parameters
        if reason is not UNSET:
            field_dict["reason"] = reason
        if reason_code is not UNSET:
            field_dict["reason_code"] = reason_code
        if requested_by is not UNSET:
            field_dict["requested_by"] = requested_by
        if skipped is not UNSET:
            field_dict["skipped"] = skipped
        if started_at is not UNSET:
            field_dict["started_at"] = started_at
        if state is not UNSET:
            field_dict["state"] = state
        if token is not UNSET:
            field_dict["token"] = token
        if total is not UNSET:
            field_dict["total"] = total
        if undo_until is not UNSET:
            field_dict["undo_until"] = undo_until
        if undone_at is not UNSET:
            field_dict["undone_at"] = undone_at

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.bulk_job_fields_parameters import BulkJobFieldsParameters
        from ..models.person import Person

        d = dict(src_dict)
        _action = d.pop("action", UNSET)
        action: ActionEnum | Unset
        if isinstance(_action, Unset):
            action = UNSET
        else:
            action = ActionEnum(_action)

        _created_at = d.pop("created_at", UNSET)
        created_at: datetime.datetime | Unset
        if isinstance(_created_at, Unset):
            created_at = UNSET
        else:
            created_at = datetime.datetime.fromisoformat(_created_at)

        done = d.pop("done", UNSET)

        def _parse_ended_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)

                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        ended_at = _parse_ended_at(d.pop("ended_at", UNSET))

        def _parse_exception(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        exception = _parse_exception(d.pop("exception", UNSET))

        failed = d.pop("failed", UNSET)

        filters = d.pop("filters", UNSET)

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        _parameters = d.pop("parameters", UNSET)
        parameters: BulkJobFieldsParameters | Unset
        if isinstance(_parameters, Unset):
            parameters = UNSET
        else:
            parameters = BulkJobFieldsParameters.from_dict(_parameters)

        reason = d.pop("reason", UNSET)

        reason_code = d.pop("reason_code", UNSET)

        _requested_by = d.pop("requested_by", UNSET)
        requested_by: Person | Unset
        if isinstance(_requested_by, Unset):
            requested_by = UNSET
        else:
            requested_by = Person.from_dict(_requested_by)

        skipped = d.pop("skipped", UNSET)

        def _parse_started_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                started_at_type_0 = datetime.datetime.fromisoformat(data)

                return started_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        started_at = _parse_started_at(d.pop("started_at", UNSET))

        _state = d.pop("state", UNSET)
        state: BulkJobStateEnum | Unset
        if isinstance(_state, Unset):
            state = UNSET
        else:
            state = BulkJobStateEnum(_state)

        token = d.pop("token", UNSET)

        total = d.pop("total", UNSET)

        def _parse_undo_until(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        undo_until = _parse_undo_until(d.pop("undo_until", UNSET))

        def _parse_undone_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        undone_at = _parse_undone_at(d.pop("undone_at", UNSET))

        bulk_job_fields = cls(
            action=action,
            created_at=created_at,
            done=done,
            ended_at=ended_at,
            exception=exception,
            failed=failed,
            filters=filters,
            id=id,
            parameters=parameters,
            reason=reason,
            reason_code=reason_code,
            requested_by=requested_by,
            skipped=skipped,
            started_at=started_at,
            state=state,
            token=token,
            total=total,
            undo_until=undo_until,
            undone_at=undone_at,
        )

        bulk_job_fields.additional_properties = d
        return bulk_job_fields

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
