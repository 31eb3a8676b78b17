from enum import StrEnum


class ListWatchRulesFieldsItem(StrEnum):
    ACTORS = "actors"
    CHANGED_AT = "changed_at"
    CREATED_AT = "created_at"
    DAYS = "days"
    EXCEPT_ACTORS = "except_actors"
    GROUPS = "groups"
    HOURS = "hours"
    ID = "id"
    IS_ENABLED = "is_enabled"
    KINDS = "kinds"
    NAME = "name"
    OPERATIONS = "operations"
    PROPERTIES = "properties"
    SEVERITY = "severity"
    TAG_NAME = "tag_name"
    TAG_VALUE = "tag_value"
    TYPES = "types"
    UNAPPROVED = "unapproved"
    UNITS = "units"
    WORSENED = "worsened"

    def __str__(self) -> str:
        return str(self.value)
