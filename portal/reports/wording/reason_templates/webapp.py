"""Templates of the sentences that controls of the section `webapp` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "No web apps",
    "No function apps",
    "No web apps or function apps",
    "The plan {resource} is not in the list that Azure returned",
    "The stack {resource} is not in the list that Azure returned",
    "Azure does not list until when App Service supports {name}",
    "The settings that Surety reads do not name the language of the app",
    "Microsoft does not document whether callers must sign in with this combination of settings",
    "The app runs in an App Service Environment, and Surety does not read whether the environment is internal",
)
