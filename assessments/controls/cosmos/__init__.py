"""Controls of Cosmos DB accounts."""
