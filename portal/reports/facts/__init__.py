"""The facts of a report: plain data that is read from the database once, before the parts of the report use it."""
