"""Own controls, which an organization writes as data (docs/own-controls.md). Pure functions.

- `definition` checks a definition and explains its errors
- `conditions` judges documents
- `patterns` matches texts in linear time
- `control` makes a `Control` from a definition
"""
