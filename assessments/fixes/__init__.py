"""How a failing finding is fixed: steps as data, filled in with what the finding knows, and rendered once for all."""
