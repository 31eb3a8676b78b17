"""Who changed what: Azure's activity log, Entra's audit log, and the changes in Azure Resource Graph."""
