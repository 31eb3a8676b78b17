"""Write the verifier as one file, from the modules with which Surety itself verifies reports.

The file contains the program (`portal.reports.offline.program`). Of each module of Surety that the program uses, the
file contains only the definitions that the program needs. So the verifier gives the same results as the portal, and
needs neither Django nor a database.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

NAME: Final = "surety_verify.py"
PATH: Final = Path(__file__).with_name(NAME)
PROGRAM: Final = "portal.reports.offline.program"
ROOT: Final = Path(__file__).parents[3]
# A copy of the verifier in the package `surety_cli`, so that this package can be installed without Surety.
COPY: Final = ROOT / "cli" / "src" / "surety_cli" / NAME
# The module that prevents pipelines from reading printed texts as commands. The package `surety_cli` needs a copy of
# this module too.
PRINTING: Final = ROOT / "assessments" / "pipeline_commands.py"
PRINTING_COPY: Final = COPY.with_name(PRINTING.name)
_OWN: Final = ("portal", "tenants", "assessments", "sandbox", "surety")
# pyHanko and the packages that it depends on.
_PACKAGES: Final = frozenset({"asn1crypto", "cryptography", "pyhanko", "pyhanko_certvalidator"})

_HEAD: Final = '''\
#!/usr/bin/env python3
"""Verify a report of Surety on a machine without Surety.

Requires Python 3.12 or newer and pyHanko (python -m pip install pyhanko). Uses neither network nor database.

    python -P surety_verify.py report.pdf --fingerprint SHA256

Ask the sender of the report through another channel for the SHA-256 fingerprint of the signing certificate.

Exit status: 0 valid; 1 invalid; 2 not a PDF, too large, or cannot be read; 3 cannot be judged, because no fingerprint
was given or this machine was too busy; 70 nothing was judged: Python is too old, pyHanko is not installed, or an
unexpected error.

This file is generated from the source code of Surety by "manage.py generate_offline_verifier": the texts below are
the modules with which Surety itself verifies reports, without the definitions that verification does not need.
"""

import gc
import sys

# Python's garbage collector is off until `main` switches it on. Searching the objects of imported modules for garbage
# would take a third of the time.
gc.disable()

if __name__ == "__main__" and not getattr(sys.flags, "safe_path", False):
    # The first entry of sys.path is the folder of this file. Other people's files in this folder, such as a json.py,
    # must not be imported.
    del sys.path[0]

import os

_OWN_FOLDERS = {os.path.dirname(path(__file__)) for path in (os.path.abspath, os.path.realpath)}


def foreign(path):
    """Return whether the path is neither the folder of this file nor the current folder, which is written as ""."""
    return path and not {os.path.abspath(path), os.path.realpath(path)} & _OWN_FOLDERS


if __name__ == "__main__":
    sys.path[:] = [path for path in sys.path if foreign(path)]

import importlib.abc
import importlib.machinery
import importlib.util
import json
import traceback

# The exit status if nothing was judged. After an error, Python would exit with 1, but here 1 means that a report is
# invalid.
NOT_JUDGED = 70
# The status that shells show for a program that ended because of the signal SIGPIPE.
READER_GONE = 141

MODULES = {
'''

_TAIL: Final = '''\
}


class Modules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Import the modules of this file, and never modules of the same name that are installed."""

    def find_spec(self, name, path=None, target=None):
        """Return the specification of a module of this file; None for every other module."""
        package = any(module.startswith(name + ".") for module in MODULES)
        if not package and name not in MODULES:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=package)

    def exec_module(self, module):
        """Execute the module's text. A package has none."""
        name = module.__name__
        code = compile(MODULES.get(name, ""), f"<{name} in {__file__}>", "exec")
        exec(code, module.__dict__)  # noqa: S102 # nosec B102


def refuse(text):
    """End the program before anything was judged."""
    print(text, file=sys.stderr)
    sys.exit(NOT_JUDGED)


def start():
    """Run the program. The file is also the script of its child process, which gets the search path of its parent."""
    if sys.argv[1:2] in (["--inspect-from-standard-input"], ["--check-from-standard-input"]):
        sys.path[:] = [path for path in json.loads(sys.argv[2]) if foreign(path)]
    if importlib.util.find_spec("pyhanko") is None:
        refuse("This program requires pyHanko. Install it with: python -m pip install pyhanko")
    sys.meta_path.insert(0, Modules())
    from portal.reports.offline.program import main

    return main(sys.argv[1:], __file__)


if __name__ == "__main__":
    if sys.version_info < (3, 12):
        refuse("This program requires Python 3.12 or newer.")
    try:
        status = start()
        sys.stdout.flush()
    except BrokenPipeError:
        # The program that reads the output, such as `head`, has ended. Redirect stdout to the null device, so that
        # Python does not fail again when it flushes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        status = READER_GONE
    except Exception:
        traceback.print_exc()
        status = NOT_JUDGED
    sys.exit(status)
'''


class CannotBundle(Exception):
    """The program needs code that a single file cannot contain. The message names the code."""


@dataclass(slots=True)
class _Module:
    """A module: its lines and its statements at the top level.

    `needed` are the positions of the needed statements, `imported` the needed names that the module imports.
    """

    name: str
    lines: list[str]
    body: list[ast.stmt]
    needed: set[int] = field(default_factory=set)
    imported: set[str] = field(default_factory=set)


class _Modules(dict[str, _Module]):
    """The modules that the file contains, by name. Of each module, only the needed definitions are included.

    The caller includes the packages in `whole` completely, so their modules are not in this dictionary. `reached` has
    the names of the modules in these packages that the program imports.
    """

    def __init__(self, whole: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.whole, self.reached = whole, set[str]()


def single_file() -> str:
    """Return the text of the file. Raises CannotBundle."""
    modules, _ = definitions(PROGRAM, "main")
    texts = [f"    \"{name}\": r'''\n{modules[name]}''',\n" for name in sorted(modules)]
    return _HEAD + "".join(texts) + _TAIL


def definitions(
    program: str, symbol: str, whole: frozenset[str] = frozenset()
) -> tuple[dict[str, str], set[str]]:
    """Return the code that the function or class `symbol` of the program needs. Raises CannotBundle.

    The result is a pair:

    - {module: its text, with only the needed definitions}, without the modules of the packages in `whole`
    - the names of the needed modules of the packages in `whole`, which the caller includes completely
    """
    modules = _Modules(whole)
    _need(modules, program, symbol)
    return {name: _text(module) for name, module in modules.items()}, modules.reached


def whole_modules(names: Iterable[str]) -> set[Path]:
    """Return the files of these modules and of all modules that they import directly or indirectly. The `__init__.py`
    of each package with such a module is included.

    Raises CannotBundle if a module needs a package that is not installed with pyHanko.
    """
    found: dict[str, Path] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        path = _file(name)
        if path is None:
            raise CannotBundle(f"There is no module {name}.")
        found[name] = path
        if "." in name:
            waiting.append(name.rpartition(".")[0])
        for source in _imported(ast.parse(path.read_text())):
            package = source.partition(".")[0]
            if package in _OWN:
                waiting.append(source)
            elif package not in _PACKAGES and package not in sys.stdlib_module_names:
                raise CannotBundle(f"{name} needs the package {package}, which pyHanko does not install.")
    return set(found.values())


def _imported(node: ast.AST) -> Iterator[str]:
    """Yield the names of all modules that a syntax tree imports, except inside `if TYPE_CHECKING`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module:
            yield child.module
            names = (f"{child.module}.{alias.name}" for alias in child.names)
            yield from (name for name in names if child.module.split(".")[0] in _OWN and _file(name))
        elif not (isinstance(child, ast.stmt) and _for_types_only(child)):
            yield from _imported(child)


def _file(name: str) -> Path | None:
    path = ROOT.joinpath(*name.split("."))
    files = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in files if file.is_file()), None)


def _need(modules: _Modules, name: str, symbol: str) -> None:
    """Mark the definition of the symbol and everything that the definition needs, in all modules."""
    module = modules.get(name)
    if module is None:
        module = modules[name] = _read(name)
        # Calls at the top level of a module, such as calls that register something, are always needed.
        for place, statement in enumerate(module.body):
            if isinstance(statement, ast.Expr) and place:
                _mark(modules, module, place)
    places = [place for place, statement in enumerate(module.body) if symbol in _defined(statement)]
    if not places:
        raise CannotBundle(f"{name} does not define {symbol} at its top level.")
    for place in places:
        statement = module.body[place]
        if isinstance(statement, ast.Import | ast.ImportFrom):
            _import(modules, module, statement, symbol)
        else:
            _mark(modules, module, place)


def _mark(modules: _Modules, module: _Module, place: int) -> None:
    if place in module.needed:
        return
    module.needed.add(place)
    statement = module.body[place]
    top = {name for other in module.body for name in _defined(other)}
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and node.id in top:
            _need(modules, module.name, node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                _follow(modules, node, alias)


def _import(modules: _Modules, module: _Module, statement: ast.Import | ast.ImportFrom, symbol: str) -> None:
    if symbol in module.imported:
        return
    module.imported.add(symbol)
    for alias in statement.names:
        if _bound(alias) == symbol:
            _follow(modules, statement, alias)


def _follow(modules: _Modules, statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> None:
    """Mark a name that is imported from Surety as needed. For any other name, check that its package is in the standard
    library or is installed with pyHanko.
    """
    source = alias.name if isinstance(statement, ast.Import) else statement.module or ""
    package = source.partition(".")[0]
    if package in modules.whole:
        modules.reached.add(source)
    elif package in _OWN:
        if isinstance(statement, ast.Import):
            raise CannotBundle(
                f"The verifier cannot contain a whole module. Import names from {source} instead."
            )
        _need(modules, source, alias.name)
    elif package not in _PACKAGES and package not in sys.stdlib_module_names:
        raise CannotBundle(f"Code of the verifier imports {package}, which is not installed with pyHanko.")


def _read(name: str) -> _Module:
    path = ROOT.joinpath(*name.split(".")).with_suffix(".py")
    if not path.is_file():
        raise CannotBundle(f"{name} is not a module of one file.")
    text = path.read_text()
    if "'''" in text:
        raise CannotBundle(
            f"{name} contains three single quotation marks in a row, but these marks would end the"
            " text of the module."
        )
    body = [statement for statement in ast.parse(text).body if not _for_types_only(statement)]
    return _Module(name, text.splitlines(), body)


def _for_types_only(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.If)
        and isinstance(statement.test, ast.Name)
        and statement.test.id == "TYPE_CHECKING"
    )


def _defined(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that the statement defines."""
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield statement.name
        case ast.Import() | ast.ImportFrom():
            yield from (_bound(alias) for alias in statement.names)
        case ast.Assign():
            for target in statement.targets:
                yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.TypeAlias(name=ast.Name(id=name)):
            yield name


def _bound(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _text(module: _Module) -> str:
    """Return the module's text with only the definitions that are needed."""
    # Leave out the module's docstring, because it also describes definitions that are left out.
    parts = [f"# From {module.name.replace('.', '/')}.py"]
    parts.append("from __future__ import annotations")
    imports = [line for statement in module.body if (line := _import_line(module, statement))]
    if imports:
        parts.append("\n".join(imports))
    parts += [_source(module, module.body[place]) for place in sorted(module.needed)]
    return "\n\n".join(parts) + "\n"


def _import_line(module: _Module, statement: ast.stmt) -> str:
    if not isinstance(statement, ast.Import | ast.ImportFrom):
        return ""
    if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
        return ""
    names = [alias for alias in statement.names if _bound(alias) in module.imported]
    if not names:
        return ""
    kept = (
        ast.Import(names) if isinstance(statement, ast.Import) else ast.ImportFrom(statement.module, names, 0)
    )
    return ast.unparse(kept)


def _source(module: _Module, statement: ast.stmt) -> str:
    """Return the statement's lines, with the comments directly above it."""
    decorators: Iterable[ast.expr] = getattr(statement, "decorator_list", ())
    first = min([statement.lineno, *(node.lineno for node in decorators)]) - 1
    while first and module.lines[first - 1].startswith("#"):
        first -= 1
    return "\n".join(module.lines[first : statement.end_lineno])
