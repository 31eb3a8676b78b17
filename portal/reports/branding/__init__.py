"""The branding of reports: logo, accent colour, name, contact and cover text of an organization."""
