"""Define the data that the generator keeps about a storage account after writing the account."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Account:
    """The properties of a storage account that affect verdicts written later, on this account or on other resources."""

    id: str
    name: str
    encrypted: bool
    https_only: bool
    deletes_flow_logs: bool = False
    deletes_activity_log: bool = False
    unwritable: bool = False
    customer_key: bool = False
    is_open: bool = False
