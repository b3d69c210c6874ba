"""Plug-ins: what a name in a use case file stands for, ours or from an installed distribution.

Belongs here: finding an object by name, ours by its address and others' by their entry point. Does not belong here:
what any such object does. Nothing is imported before its name is asked for, so the ground may name what stands above
it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from genaiops_assets.errors import GenaiopsError


class PluginError(GenaiopsError):
    """A name that nothing stands for, or a plug-in that cannot be used; the message says what is known instead."""


class Registry:
    """Objects of one kind by name. `what` names the kind in messages, `group` is the entry-point group of other
    distributions, `built_in` maps our own names to `package.module:object`; `families` maps a beginning of names to the
    object that is called with the rest: objects that cannot be listed beforehand."""

    def __init__(self, what: str, group: str, built_in: Mapping[str, str], families: Mapping[str, str] | None = None):
        self.what, self.group, self.built_in, self.families = what, group, dict(built_in), dict(families or {})

    def names(self) -> list[str]:
        """Every name that can be asked for: ours first, in their order, then others', sorted."""
        return [*self.built_in, *sorted(set(self._others()) - set(self.built_in))]

    def family(self, name: str) -> str:
        """The beginning by which a name belongs to a family; "" where it belongs to none."""
        return next((begin for begin in self.families if name.startswith(begin) and name != begin), "")

    def get(self, name: str) -> Any:
        """The object of a name; a class is called for an instance. Raises PluginError."""
        others = self._others()
        if name in self.built_in and name in others:
            where = _distribution(others[name])
            raise PluginError(
                f"{where} offers the {self.what} {name!r}, a name of this package: uninstall it or rename"
            )
        if name in self.built_in:
            return _instance(_object_at(self.built_in[name]))
        if name not in others and (begin := self.family(name)):
            return _object_at(self.families[begin])(name.removeprefix(begin))
        if name not in others:
            raise PluginError(f"no {self.what} {name!r}; known: {', '.join(self.names())}")
        try:
            return _instance(others[name].load())
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            raise PluginError(
                f"the {self.what} {name!r} of {_distribution(others[name])} cannot be loaded: {why}"
            ) from error

    def _others(self) -> dict[str, EntryPoint]:
        found: dict[str, EntryPoint] = {}
        for point in _offered(tuple(sys.path), self.group):
            if point.name in found and point.value != found[point.name].value:
                both = f"{_distribution(found[point.name])} and {_distribution(point)}"
                raise PluginError(f"{both} both offer the {self.what} {point.name!r}: uninstall one of them")
            found[point.name] = point
        return found


@lru_cache(maxsize=8)
def _installed(paths: tuple[str, ...]) -> Any:
    """All entry points of the distributions below these paths, read once: each look reads a file of each of them."""
    found: Any = entry_points()
    return found


@lru_cache(maxsize=128)
def _offered(paths: tuple[str, ...], group: str) -> tuple[EntryPoint, ...]:
    """Those of a group: definitions of many use cases ask thousands of times, and each look goes through all."""
    return tuple(_installed(paths).select(group=group))


@cache
def _object_at(address: str) -> Any:
    module, _, name = address.partition(":")
    return getattr(import_module(module), name)


def _instance(found: Any) -> Any:
    return found() if isinstance(found, type) else found


def _distribution(point: EntryPoint) -> str:
    return point.dist.name if point.dist else point.value
