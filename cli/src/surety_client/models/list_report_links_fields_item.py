from enum import StrEnum


class ListReportLinksFieldsItem(StrEnum):
    CREATED_AT = "created_at"
    ENDS_AT = "ends_at"
    ID = "id"
    LAST_USED_AT = "last_used_at"
    LAST_USED_FROM = "last_used_from"
    MADE_BY = "made_by"
    RECIPIENT = "recipient"
    REPORT = "report"
    REVOKED_AT = "revoked_at"
    USES = "uses"

    def __str__(self) -> str:
        return str(self.value)
