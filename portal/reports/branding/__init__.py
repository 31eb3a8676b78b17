"""The branding of an organization's reports: its logo, accent colour, name, contact and cover text."""
