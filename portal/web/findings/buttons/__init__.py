"""The buttons of the selection bar, which carry out bulk actions.

Each bulk action has a button (`registry.buttons`). A module of this package defines the `BUTTON` of a bulk action whose
button needs more than the action declares: a form of its own, or a page.
"""
