from enum import StrEnum


class ScannerEnum(StrEnum):
    DEFENDER = "defender"
    GREENBONE = "greenbone"
    IP360 = "ip360"
    NESSUS = "nessus"
    QUALYS = "qualys"

    def __str__(self) -> str:
        return str(self.value)
