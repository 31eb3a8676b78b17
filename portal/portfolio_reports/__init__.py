"""Portfolio reports: one signed PDF about all customers of an organization, or some of them."""
