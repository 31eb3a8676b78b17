"""The machine-readable files inside a report, and their JSON Schemas."""
