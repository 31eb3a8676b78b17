from enum import StrEnum


class ListScanEntriesFieldsItem(StrEnum):
    ADDRESSES = "addresses"
    COUNTS = "counts"
    HOST = "host"
    ID = "id"
    IS_AUTHENTICATED = "is_authenticated"
    MACHINE = "machine"
    NAMES = "names"
    REASON = "reason"
    SCANNED_AT = "scanned_at"

    def __str__(self) -> str:
        return str(self.value)
