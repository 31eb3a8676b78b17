from enum import StrEnum


class ListJournalFieldsItem(StrEnum):
    ACTION = "action"
    ACTOR = "actor"
    AT = "at"
    BY = "by"
    DETAILS = "details"
    HASH = "hash"
    KIND = "kind"
    LABEL = "label"
    PREVIOUS_HASH = "previous_hash"
    SEQUENCE = "sequence"
    TARGET = "target"

    def __str__(self) -> str:
        return str(self.value)
