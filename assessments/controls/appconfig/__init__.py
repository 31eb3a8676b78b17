"""Controls of App Configuration stores."""
