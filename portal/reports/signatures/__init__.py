"""The form of the signature of a report: its container, its place in the file, its content and its time stamps."""
