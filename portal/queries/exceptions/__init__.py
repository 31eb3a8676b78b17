"""Queries of exceptions. `filters` has the filter of the list, and `inbox` the inbox of the approver."""
