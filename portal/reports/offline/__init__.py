"""The verifier for auditors, which is one Python file. This package has the program in that file, the tool that writes
the file, and the file itself.
"""
