"""An attribute that is worked out when it is first asked for, and kept with its object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 - a decorator, written as one
    """What `functools.cached_property` is, without its lock: objects of one answer are used by one thread."""

    def __init__(self, function: Callable[..., T]) -> None:
        self._function = function
        self._name = ""
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        """Remember under which name the value is kept."""
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> once[T]: ...

    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> once[T] | T:
        """Return the value; from then on the object itself has it, and this is not asked again."""
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._function(instance)
        return value
