"""Controls of Automation accounts."""
