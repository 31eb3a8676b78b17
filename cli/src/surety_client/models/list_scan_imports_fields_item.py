from enum import StrEnum


class ListScanImportsFieldsItem(StrEnum):
    COUNTS = "counts"
    FILE_NAME = "file_name"
    ID = "id"
    IMPORTED_AT = "imported_at"
    IMPORTED_BY = "imported_by"
    MACHINES = "machines"
    NOTES = "notes"
    ORIGIN = "origin"
    SCANNED_AT = "scanned_at"
    SCANNED_FROM = "scanned_from"
    SCANNER = "scanner"
    SHA256 = "sha256"
    SIZE = "size"
    UNMATCHED = "unmatched"

    def __str__(self) -> str:
        return str(self.value)
