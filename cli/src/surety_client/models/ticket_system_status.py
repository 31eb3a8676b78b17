from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="TicketSystemStatus")


@_attrs_define
class TicketSystemStatus:
    """The state of the connection to a ticket system, and the numbers of its open, waiting and failed
    tickets.

        Attributes:
            failed (int):
            has_test_failed (bool):
            is_test_waiting (bool):
            open_ (int):
            paused_until (datetime.datetime | None):
            problem (str): Why the system is paused
            read_at (datetime.datetime | None): The start of the last completed run that read changes of tickets.
                `read_problem` says what the latest run could not read, whether it was completed or not
            read_problem (str): What could not be read from the ticket system
            test_result (str):
            tested_at (datetime.datetime | None):
            waiting (int):
    """

    failed: int
    has_test_failed: bool
    is_test_waiting: bool
    open_: int
    paused_until: datetime.datetime | None
    problem: str
    read_at: datetime.datetime | None
    read_problem: str
    test_result: str
    tested_at: datetime.datetime | None
    waiting: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        failed = self.failed

        has_test_failed = self.has_test_failed

        is_test_waiting = self.is_test_waiting

        open_ = self.open_

        paused_until: None | str
        if isinstance(self.paused_until, datetime.datetime):
            paused_until = self.paused_until.isoformat()
        else:
            paused_until = self.paused_until

        problem = self.problem

        read_at: None | str
        if isinstance(self.read_at, datetime.datetime):
            read_at = self.read_at.isoformat()
        else:
            read_at = self.read_at

        read_problem = self.read_problem

        test_result = self.test_result

        tested_at: None | str
        if isinstance(self.tested_at, datetime.datetime):
            tested_at = self.tested_at.isoformat()
        else:
            tested_at = self.tested_at

        waiting = self.waiting

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "failed": failed,
                "has_test_failed": has_test_failed,
                "is_test_waiting": is_test_waiting,
                "open": open_,
                "paused_until": paused_until,
                "problem": problem,
                "read_at": read_at,
                "read_problem": read_problem,
                "test_result": test_result,
                "tested_at": tested_at,
                "waiting": waiting,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        failed = d.pop("failed")

        has_test_failed = d.pop("has_test_failed")

        is_test_waiting = d.pop("is_test_waiting")

        open_ = d.pop("open")

        def _parse_paused_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                paused_until_type_0 = datetime.datetime.fromisoformat(data)

                return paused_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        paused_until = _parse_paused_until(d.pop("paused_until"))

        problem = d.pop("problem")

        def _parse_read_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                read_at_type_0 = datetime.datetime.fromisoformat(data)

                return read_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        read_at = _parse_read_at(d.pop("read_at"))

        read_problem = d.pop("read_problem")

        test_result = d.pop("test_result")

        def _parse_tested_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                tested_at_type_0 = datetime.datetime.fromisoformat(data)

                return tested_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        tested_at = _parse_tested_at(d.pop("tested_at"))

        waiting = d.pop("waiting")

        ticket_system_status = cls(
            failed=failed,
            has_test_failed=has_test_failed,
            is_test_waiting=is_test_waiting,
            open_=open_,
            paused_until=paused_until,
            problem=problem,
            read_at=read_at,
            read_problem=read_problem,
            test_result=test_result,
            tested_at=tested_at,
            waiting=waiting,
        )

        ticket_system_status.additional_properties = d
        return ticket_system_status

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
