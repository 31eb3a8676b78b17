"""Azure Databricks."""
