"""Queries of the findings that owners have to fix: the work of one person, and the workload of all owners."""
