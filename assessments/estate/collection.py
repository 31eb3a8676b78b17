"""A collection declares one kind of answer from Azure. All controls that need such answers share the collection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from assessments.estate.estate import Estate, UnitKind
from assessments.estate.retired import PROVIDERS, Feature
from assessments.estate.sdk_operation import Operation


class Source(StrEnum):
    """Which API answers. IMPORTED means that no API answers: people import the documents."""

    ARM = "arm"
    GRAPH = "graph"
    IMPORTED = "imported"


class Shape(StrEnum):
    """The shape of an answer. LIST: a paged list. SINGLE: one document."""

    LIST = "list"
    SINGLE = "single"


class Inventory(StrEnum):
    """How the inventory uses a collection.

    CONFIGURATION: each document is a resource, of which every version is stored. LISTING: a list whose documents lack
    properties, used only for resources that no CONFIGURATION collection contains.
    """

    NONE = "none"
    CONFIGURATION = "configuration"
    LISTING = "listing"


Targets = Callable[[Estate], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Probe:
    """A request of a pre-flight that shows whether a Graph collection can be read. The scopes of the collection are
    known only during an assessment, so a pre-flight cannot request the collection itself.

    A probe may ask about an object that does not exist. So if Graph answers 404, the collection counts as readable too.
    """

    path: str
    query: Mapping[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Definition:
    """Microsoft's definition of a document, in which the properties that controls read are looked up.

    - `name`: a model of one of Azure's Python libraries (`azure.mgmt.web.models:Site`), a definition in a file of the
      public REST API specifications (`RedisResource`), or a type of Microsoft Graph (`microsoft.graph.user`).
    - `library`: the library and its version (`azure-mgmt-web 11.0.0`), if the library is not installed with Surety.
    - `file`: the file below `specification/` with the definition; empty if the collection's `specification` is this
      file. Often, `specification` is of an older api-version. The definition must be of the version requested first.
    - `commit`: the commit of https://github.com/Azure/azure-rest-api-specs from which the file was read.
    - `documented_permissions`: {permission: page that documents it}, for those permissions of a Graph collection that
      Microsoft's permission data do not list for the request.
    """

    name: str
    library: str = ""
    commit: str = ""
    file: str = ""
    documented_permissions: Mapping[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Collection:
    """One kind of answer of Azure. Everything that differs from collection to collection is declared here.

    How the request is made:

    - `path`, `query`: one request is sent for each scope, with the scope in place of `{scope}`. Graph paths contain no
      api-version.
    - `targets`: a function that finds the scopes in the documents of the collections in `after`. Without `targets`, the
      scopes are `/subscriptions/<guid>` for each subscription of the unit, or an empty text for a collection of the
      whole directory. If neither path nor query contains `{scope}`, `targets` only decides whether the list is read.
    - `operation`: the SDK operation to call; if there is no operation, the path is requested directly.
    - `resource_graph`: a query that is sent to Azure Resource Graph instead of a request for `path`, because the list
      at `path` would be too long. The rows of the result have the shape of the list's documents.
    - `permission`: the ARM action or Graph permission that suffices, alternatives separated by `|`.
    - `with_permissions`: permissions that are all needed in addition to `permission`.
    - `licence`: the licence that the customer needs.
    - `probe`: replaces the request in a pre-flight.
    - `api_version`: the version that is requested first. If a cloud does not offer it, the newest version that the
      cloud offers is requested, but no version before `oldest_version`. `oldest_version` is the first version with all
      properties that controls read, except those in `later_properties`. Previews are requested only if `api_version` or
      `oldest_version` is a preview.
    - `later_properties`: {property that controls read, but that `oldest_version` lacks: the first api-version that has
      it}. Versions without the property are accepted too: if a cloud offers only such versions, it lacks the feature to
      which the property belongs.
    - `side_effect`: what the request changes in Azure, although it only reads. A sentence for the documentation.
    - `error_codes`: the error codes that the reference page of the request names, or `GENERAL` of
      `assessments.estate.documented_codes` if the page names none. None only for imported documents.
    - `undocumented_query`: parameters of `query` that are left out after a 400.
    - `specification`: the file of the public REST API specifications in which the properties were looked up; for Graph,
      the page of its reference.
    - `definition`: the definition of a document at `api_version`. None stands for the model that the library of
      `operation` returns.

    How the answer is read:

    - `absent_is_none`, `no_content_is_none`: a 404 or 204 means that there is no document.
    - `absent_codes`: error codes that mean that there is no document.
    - `retired`: some clouds lack the resource type. So 404 InvalidResourceType means that there is no document. But if
      the error lists other api-versions, the cloud has the resource type.
    - `prepare`: changes a document before it is stored: removes properties that no control reads, or adds the id that
      Graph leaves out.
    - `id_from_path`: the answer is one document without an id, so the path of the request becomes its id.
    - `keep`: a function that tells whether a document concerns the unit. Documents that do not concern the unit are
      dropped.
    - `shared`: all units of an assessment send the same request, so a recent answer is reused.
    - `hidden_by_lighthouse`: Azure gives principals of another directory an empty list instead of an error. So in a
      delegated subscription, this collection always has a gap.
    - `only_if_listed`: the list is requested only if the inventory has a resource of the type. If it has none, and
      the principal may read the type, the inventory is the evidence that there is no such resource.

    What the documents contain:

    - `inventory`: how the inventory uses the documents.
    - `personal`: the documents describe people, so display names are masked as well.
    - `spans_scopes`: the list at a scope also has documents of scopes above and below this scope, so the id of a
      document does not show in which list the document is.
    - `query_properties`: properties that every document has because `query` filters by them.
    - `shares_path`: another Graph collection, with another permission, has the same path. An estate file has only one
      answer per path. If only the other collection could be read, the export writes the answer of the other collection,
      and states that the client lacks `permission`. So this collection has a gap in the exported file too.
    """

    name: str
    path: str
    permission: str
    title: str
    api_version: str = ""
    resource_type: str = ""
    oldest_version: str = ""
    later_properties: Mapping[str, str] = field(default_factory=dict, compare=False)
    specification: str = ""
    definition: Definition | None = None
    with_permissions: tuple[str, ...] = ()
    licence: str = ""
    side_effect: str = ""
    error_codes: tuple[str, ...] | None = None
    undocumented_query: tuple[str, ...] = ()
    source: Source = Source.ARM
    shape: Shape = Shape.LIST
    unit: UnitKind = UnitKind.SUBSCRIPTION
    after: tuple[str, ...] = ()
    targets: Targets | None = field(default=None, compare=False)
    query: Mapping[str, str] = field(default_factory=dict, compare=False)
    operation: Operation | None = None
    resource_graph: str = ""
    probe: Probe | None = None
    absent_is_none: bool = False
    absent_codes: tuple[str, ...] = ()
    no_content_is_none: bool = False
    retired: bool = False
    prepare: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = field(default=None, compare=False)
    id_from_path: bool = False
    keep: Callable[[Estate, Mapping[str, Any]], bool] | None = field(default=None, compare=False)
    shared: bool = False
    hidden_by_lighthouse: bool = False
    only_if_listed: bool = False
    inventory: Inventory = Inventory.NONE
    personal: bool = False
    spans_scopes: bool = False
    query_properties: Mapping[str, Any] = field(default_factory=dict, compare=False)
    shares_path: bool = False

    @property
    def provider(self) -> str:
        """The ARM resource provider (`Microsoft.Sql`), or an empty string for other sources."""
        if self.source is not Source.ARM:
            return ""
        return self.permission.split("/", 1)[0]

    @property
    def is_directory_wide(self) -> bool:
        """Whether the collection belongs to the whole directory. The scope of such a collection is an empty text or
        a target, never a subscription.
        """
        return self.unit is UnitKind.DIRECTORY

    @property
    def is_scoped(self) -> bool:
        """Whether the request depends on the scope, so that each scope has a request of its own."""
        return any("{scope}" in text for text in (self.path, *self.query.values()))

    @property
    def feature(self) -> Feature | None:
        """The feature to which the resource provider belongs. In a cloud without this feature, nothing is requested."""
        return PROVIDERS.get(self.provider)

    @property
    def previews(self) -> bool:
        """Whether the declaration allows preview versions."""
        return "-" in self.api_version[10:] or "-" in self.oldest_version[10:]

    def accepts(self, version: str) -> bool:
        """Return whether an api-version has the properties that controls read. Versions from `oldest_version` to
        `api_version` have them. A preview version counts only if one of these two is a preview version itself.
        """
        if version == self.api_version:
            return True
        if version[10:] and not self.previews:
            return False
        oldest = self.oldest_version or self.api_version
        return oldest[:10] <= version[:10] <= self.api_version[:10] and (
            version[:10] != oldest[:10] or not version[10:] or version == oldest
        )

    @property
    def permissions(self) -> tuple[str, ...]:
        """The alternatives of `permission`; the first grants the least."""
        return tuple(self.permission.split("|"))
