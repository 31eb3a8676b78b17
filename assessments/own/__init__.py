"""Own controls: controls that an organization writes as data. Pure functions; see docs/own-controls.md.

`definition` checks a definition and explains what is wrong with it, `conditions` judges documents, `patterns` matches
texts in linear time, and `control` makes the `Control` that the engine judges.
"""
