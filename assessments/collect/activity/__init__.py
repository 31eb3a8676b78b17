"""Read who changed what, from Azure's activity log, Entra's audit log, and the changes in Azure Resource Graph."""
