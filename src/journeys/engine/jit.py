"""The machine, compiled by Numba: the same plain functions, compiled once and cached.

`machine(jit=True)` gives the compiled `advance`. Compiling takes some seconds the first time after installation (and
after a change of the engine); then it is loaded from a cache in the user's cache folder, keyed by the engine's source.
"""

from __future__ import annotations

import hashlib
import inspect
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from journeys.engine import calendar, conditions, draw, layout, machine, moments, runs, sending, steps
from journeys.engine.layout import Machine

Advance = Callable[[Machine, int, int, int], int]

MODULES: tuple[ModuleType, ...] = (calendar, draw, conditions, runs, sending, steps, moments, machine)
"""Whose KERNELS are compiled, each module after those it calls."""


def cache_folder() -> Path:
    """Where compiled code is kept, for exactly this source of the engine."""
    source = "".join(inspect.getsource(module) for module in (*MODULES, layout))
    digest = hashlib.sha256(source.encode()).hexdigest()[:16]
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "journeys" / "machine" / digest


def is_compiled() -> bool:
    """Whether the machine was compiled on this machine before, so that it loads at once."""
    folder = cache_folder()
    return folder.is_dir() and any(folder.rglob("*.nbi"))


@cache
def load(jit: bool) -> Advance:
    """The machine's `advance`: compiled, or the plain functions."""
    if not jit:
        return machine.advance
    os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder()))
    import numba

    compiled: dict[str, Any] = {}
    for module in MODULES:
        for kernel in module.KERNELS:
            # A copy of the function that finds compiled kernels where the original finds plain ones.
            copy = FunctionType(kernel.__code__, {**module.__dict__, **compiled}, kernel.__name__, kernel.__defaults__)
            copy.__module__ = kernel.__module__
            copy.__qualname__ = kernel.__qualname__
            entry = kernel is machine.advance
            # Only the entry is called from Python; for the others a door from Python would cost more than their code.
            options: dict[str, Any] = {"cache": True} if entry else {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
            compiled[kernel.__name__] = numba.njit(error_model="numpy", **options)(copy)
    advance: Advance = compiled["advance"]
    return advance
