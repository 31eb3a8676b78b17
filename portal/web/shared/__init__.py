"""What pages of several areas read, say or ask alike."""
