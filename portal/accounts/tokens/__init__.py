"""Create and recognize API tokens and client secrets, and determine what their requests may do."""
