from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.action_enum import ActionEnum
from ..models.bulk_job_state_enum import BulkJobStateEnum

if TYPE_CHECKING:
    from ..models.bulk_job_parameters import BulkJobParameters
    from ..models.person import Person


T = TypeVar("T", bound="BulkJob")


@_attrs_define
class BulkJob:
    """A bulk job. It is complete when `ended_at` is set.

    Attributes:
        action (ActionEnum):
        created_at (datetime.datetime):
        done (int): The number of changed findings
        ended_at (datetime.datetime | None):
        exception (int | None): The number of the exception that was requested
        failed (int): The number of findings for which the action was refused
        filters (str): The filters as a query string; empty if the program named the findings
        id (UUID):
        parameters (BulkJobParameters): The values of the action; `owner` is the id of a person
        reason (str): Why the job stopped
        reason_code (str): A stable name of the reason
        requested_by (Person): A person, by name and email address.
        skipped (int): The number of findings to which the action does not apply
        started_at (datetime.datetime | None):
        state (BulkJobStateEnum):
        token (str): The beginning of the token with which the job was started
        total (int): The number of selected findings
        undo_until (None | str): Until when the job can be undone; null if it cannot be undone
        undone_at (None | str):
    """

    action: ActionEnum
    created_at: datetime.datetime
    done: int
    ended_at: datetime.datetime | None
    exception: int | None
    failed: int
    filters: str
    id: UUID
    parameters: BulkJobParameters
    reason: str
    reason_code: str
    requested_by: Person
    skipped: int
    started_at: datetime.datetime | None
    state: BulkJobStateEnum
    token: str
    total: int
    undo_until: None | str
    undone_at: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        action = self.action.value

        created_at = self.created_at.isoformat()

        done = self.done

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        exception: int | None
        exception = self.exception

        failed = self.failed

        filters = self.filters

        id = str(self.id)

        parameters = self.parameters.to_dict()

        reason = self.reason

        reason_code = self.reason_code

        requested_by = self.requested_by.to_dict()

        skipped = self.skipped

        started_at: None | str
        if isinstance(self.started_at, datetime.datetime):
            started_at = self.started_at.isoformat()
        else:
            started_at = self.started_at

        state = self.state.value

        token = self.token

        total = self.total

        undo_until: None | str
        undo_until = self.undo_until

        undone_at: None | str
        undone_at = self.undone_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "action": action,
                "created_at": created_at,
                "done": done,
                "ended_at": ended_at,
                "exception": exception,
                "failed": failed,
                "filters": filters,
                "id": id,
                "parameters": parameters,
                "reason": reason,
                "reason_code": reason_code,
                "requested_by": requested_by,
                "skipped": skipped,
                "started_at": started_at,
                "state": state,
                "token": token,
                "total": total,
                "undo_until": undo_until,
                "undone_at": undone_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.bulk_job_parameters import BulkJobParameters
        from ..models.person import Person

        d = dict(src_dict)
        action = ActionEnum(d.pop("action"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        done = d.pop("done")

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

        def _parse_exception(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        exception = _parse_exception(d.pop("exception"))

        failed = d.pop("failed")

        filters = d.pop("filters")

        id = UUID(d.pop("id"))

        parameters = BulkJobParameters.from_dict(d.pop("parameters"))

        reason = d.pop("reason")

        reason_code = d.pop("reason_code")

        requested_by = Person.from_dict(d.pop("requested_by"))

        skipped = d.pop("skipped")

        def _parse_started_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                started_at_type_0 = datetime.datetime.fromisoformat(data)

                return started_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        started_at = _parse_started_at(d.pop("started_at"))

        state = BulkJobStateEnum(d.pop("state"))

        token = d.pop("token")

        total = d.pop("total")

        def _parse_undo_until(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        undo_until = _parse_undo_until(d.pop("undo_until"))

        def _parse_undone_at(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        undone_at = _parse_undone_at(d.pop("undone_at"))

        bulk_job = cls(
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

        bulk_job.additional_properties = d
        return bulk_job

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
