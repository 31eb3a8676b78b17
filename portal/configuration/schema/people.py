"""The schema of people with access."""

from __future__ import annotations

from portal.configuration.schema.parts import Schema, mapping, text


def people(roles: list[str]) -> Schema:
    """Return the schema of people with these roles."""
    item = mapping(
        {
            "email": text("Email address of the person. A person without an account is invited by mail", 254),
            "role": {"enum": roles},
            "from": text(
                "Start of the role, if it is in the future, such as 2027-01-31 or 2027-01-31T08:00:00Z", 40
            ),
            "until": text("End of the role, such as 2027-03-31 (the last day) or 2027-03-31T18:00:00Z", 40),
            "review_first": text("Only for auditors: first day of the review period, such as 2027-01-01", 10),
            "review_last": text("Only for auditors: last day of the review period, such as 2027-03-31", 10),
        },
        required=("email", "role"),
    )
    return {"type": "array", "description": "Everybody with access", "items": item, "maxItems": 2000}
