"""Controls of operations: recurring work that a person attests."""
