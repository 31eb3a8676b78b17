from enum import StrEnum


class ListBaselineDeviationsFieldsItem(StrEnum):
    BASELINE = "baseline"
    CUSTOMER = "customer"
    SETTING = "setting"
    VALUE = "value"
    WANTED = "wanted"

    def __str__(self) -> str:
        return str(self.value)
