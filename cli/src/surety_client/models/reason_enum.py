from enum import StrEnum


class ReasonEnum(StrEnum):
    API_VERSION = "api_version"
    BAD_ANSWER = "bad_answer"
    CONNECTION = "connection"
    FORBIDDEN = "forbidden"
    FOREIGN_HOST = "foreign_host"
    LICENCE_MISSING = "licence_missing"
    MISSING_FIELD = "missing_field"
    NOT_COLLECTED = "not_collected"
    NOT_DELEGATED = "not_delegated"
    NOT_FOUND = "not_found"
    PARTLY_DELEGATED = "partly_delegated"
    SERVER_ERROR = "server_error"
    SUBSCRIPTION_DISABLED = "subscription_disabled"
    THROTTLED = "throttled"
    TIMEOUT = "timeout"
    UNAUTHENTICATED = "unauthenticated"
    UNDECIDED = "undecided"

    def __str__(self) -> str:
        return str(self.value)
