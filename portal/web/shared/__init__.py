"""Parts that pages of several areas share."""
