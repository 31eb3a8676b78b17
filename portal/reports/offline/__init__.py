"""The verifier for auditors, a single Python file. This package contains the file, the program from which it is made,
and the module that writes it.
"""
