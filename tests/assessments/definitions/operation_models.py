"""Find the model that an operation of an installed library of Azure returns, and the library of a model."""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from assessments.collect.http.clouds import Endpoints
from assessments.collect.sdk import Clients
from assessments.estate.collection import Collection

_MODEL = re.compile(r"\b_models\.(?:_models(?:_py3)?\.)?(\w+)")
_CLASS = re.compile(r"<class '[\w.]+\.(\w+)'>")
_ENDPOINTS = Endpoints("https://authority.invalid", "https://arm.invalid", "", "https://graph.invalid", "")
_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"


class _NoCredential:
    def get_token(self, *scopes: str, **more: Any) -> None:
        raise NotImplementedError("No request is sent.")


def returned_model(collection: Collection) -> str:
    """Return the model of the documents that the SDK operation of a collection returns, such as
    `azure.mgmt.network.models:FlowLog`. Return an empty text if the collection has no operation, or if the operation
    declares no model.
    """
    operation = collection.operation
    if operation is None:
        return ""
    clients = Clients(_ENDPOINTS, cast("Any", _NoCredential()), cast("Any", None))
    group = clients.group(operation, _SUBSCRIPTION, collection.api_version)
    method = inspect.unwrap(getattr(type(group), operation.method))
    returned = str(method.__annotations__.get("return"))
    found = _MODEL.findall(returned) or _CLASS.findall(returned)
    return f"{type(group).__module__.partition('.operations')[0]}.models:{found[-1]}" if found else ""


def library_of(model: str) -> str:
    """Return the installed library of a model with its version, such as `azure-mgmt-network 33.1.0`. Return an empty
    text if no installed library has the model.
    """
    module = model.partition(":")[0]
    packages = [package for package in _packages() if f"{module}.".startswith(f"{package}.")]
    return _packages()[max(packages, key=len)] if packages else ""


@cache
def _packages() -> Mapping[str, str]:
    """Return {package: library with its version} of the installed management libraries of Azure."""
    found = {}
    for library in importlib.metadata.distributions():
        if not library.name.startswith("azure-mgmt-"):
            continue
        for file in library.files or ():
            if file.name == "_version.py":
                found[".".join(file.parent.parts)] = f"{library.name} {library.version}"
    return found
