"""Controls of container apps."""
