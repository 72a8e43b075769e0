"""The parameters of an address: known names only, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.errors import RequestError

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict


def given_parameters(sent: MultiDict[str, str], known: tuple[str, ...]) -> dict[str, str]:
    """Return the parameters that have a value. Raises: RequestError for an unknown name or one that is given twice."""
    given: dict[str, str] = {}
    for name, values in sent.lists():
        if name not in known:
            # A misspelt as_of must not silently mean today. What was sent is not repeated: it might be a name.
            raise RequestError("there is a parameter that we do not know", hint=f"parameters are {', '.join(known)}")
        if len(values) > 1:
            raise RequestError("the parameter is given more than once", where=name)
        if values[0]:
            given[name] = values[0]
    return given
