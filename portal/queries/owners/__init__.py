"""Queries of the owners of findings: a person's own work, and the workload of all owners."""
