"""Portfolio reports. A portfolio report is a signed PDF about all or some customers of an organization."""
