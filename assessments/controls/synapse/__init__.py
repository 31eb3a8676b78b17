"""Controls of Azure Synapse Analytics."""
