"""Controls of logic apps in the consumption plan."""
