"""Controls of Azure Databricks."""
