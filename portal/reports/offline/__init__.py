"""The verifier for auditors as one Python file: its program, the tool that writes the file, and the file."""
