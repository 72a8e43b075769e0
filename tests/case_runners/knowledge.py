"""The shipped knowledge, read and bound once for all tests of a process: both take a second, and nothing changes them."""

from functools import cache
from pathlib import Path

from service.decisions.bind import Rules, bind_rules
from service.knowledge.library import Library
from service.knowledge.loader import load_library
from service.terminology.terms import Terms

DOSSIER = frozenset(
    {
        *("blinatumomab", "inotuzumab-ozogamicin", "tisagenlecleucel"),
        *("brexucabtagene-autoleucel", "obecabtagene-autoleucel", "varnimcabtagene-autoleucel"),
    }
)
"""The products of therapies.md: a test that tells all of something speaks of these; one that is added has cases of its own."""


@cache
def shipped_library() -> Library:
    return load_library()


@cache
def shipped_rules() -> Rules:
    library = shipped_library()
    return bind_rules(library, Terms(library.value_sets, library.systems))


def library_read_once(folder: Path | None = None, extra: tuple[Path, ...] = ()) -> Library:
    """Stand in for `load_library`: folders of a test are read, the shipped one was."""
    return shipped_library() if folder is None and not extra else load_library(folder, extra)


def rules_bound_once(library: Library, terms: Terms) -> Rules:
    """Stand in for `bind_rules` of the assembly, where a site's own codes make the library another one."""
    return shipped_rules() if library is shipped_library() else bind_rules(library, terms)
