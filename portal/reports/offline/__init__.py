"""The verifier for auditors: a single Python file, which the module `bundle` makes from the module `program`."""
