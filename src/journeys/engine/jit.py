"""The machine, compiled: the same plain functions, as native code.

`load(jit=True)` gives the compiled `advance`. Compiling takes some seconds the first time after installation and after
a change of the engine; then the code is loaded from the user's cache folder in some hundredths of a second. Where that
folder cannot be written, every process compiles for itself.
"""

from __future__ import annotations

import hashlib
import os
import platform
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from ctypes import CFUNCTYPE, c_int64, c_void_p
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, cast

import numpy as np

from journeys.engine import calendar, conditions, draw, layout, machine, moments, runs, sending, steps
from journeys.engine.layout import Machine

Advance = Callable[[Machine, int, int, int], int]
R = TypeVar("R", bound=tuple[Any, ...])

MODULES: tuple[ModuleType, ...] = (calendar, draw, conditions, runs, sending, steps, moments, machine)
"""Whose KERNELS are compiled."""

_CHECKSUM = hashlib.sha256().digest_size


def digest() -> str:
    """What the compiled code depends on: the engine's source, the compiler's version, the kind of machine."""
    sources = [Path(cast("str", module.__file__)) for module in (*MODULES, layout)]
    sources += [Path(__file__), Path(__file__).with_name("translation.py")]
    content = hashlib.sha256(f"{version('llvmlite')} {platform.system()} {platform.machine()}".encode())
    for source in sources:
        content.update(source.read_bytes())
    return content.hexdigest()[:16]


def cache_file() -> Path | None:
    """Where compiled code is kept, for exactly this engine on this kind of machine; None for a user without a home."""
    folder = os.environ.get("XDG_CACHE_HOME")
    try:
        home = Path(folder) if folder else Path.home() / ".cache"
    except RuntimeError:
        return None
    return home / "journeys" / "machine" / f"{digest()}.o"


def is_compiled() -> bool:
    """Whether the machine was compiled on this computer before, so that it loads at once."""
    file = cache_file()
    return file is not None and file.is_file()


@cache
def load(jit: bool) -> Advance:
    """The machine's `advance`: compiled, or the plain functions. The compiled one takes arrays, the plain one lists."""
    if not jit:
        return machine.advance
    file = cache_file()
    code = _kept(file) if file else None
    if code is None:
        code = compiled(MODULES, machine.advance)
        if file:
            with suppress(OSError):
                _keep(file, code)
    return callable_of(code, machine.advance)


def compiled(modules: Sequence[ModuleType], entry: Callable[..., int]) -> bytes:
    """The KERNELS of some modules as native code, to be entered by one of them: an object file for this computer."""
    from llvmlite import binding as llvm

    from journeys.engine.translation import translate

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    module = llvm.parse_assembly(str(translate(modules, entry)))
    # For any processor of this kind: a walk from branch to branch gains nothing from wide registers.
    target = llvm.Target.from_default_triple().create_target_machine(opt=3, reloc="pic", codemodel="default", jit=True)
    passes = llvm.create_pass_builder(target, llvm.PipelineTuningOptions(speed_level=3))
    passes.getModulePassManager().run(module, passes)
    return cast("bytes", target.emit_object(module))


def _kept(file: Path) -> bytes | None:
    """Code from the cache, if it is there and whole."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    checksum, code = content[:_CHECKSUM], content[_CHECKSUM:]
    return code if hashlib.sha256(code).digest() == checksum else None


def _keep(file: Path, code: bytes) -> None:
    """Put code into the cache, all of it or nothing, also when several processes do so at once."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as written:
        written.write(hashlib.sha256(code).digest() + code)
    Path(written.name).replace(file)


def callable_of(code: bytes, entry: Callable[[R, int, int, int], int]) -> Callable[[R, int, int, int], int]:
    """The entry of some native code, to be called as the plain function is: a record of arrays, three numbers."""
    from llvmlite import binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    compiler = llvm.create_lljit_compiler()
    builder = llvm.JITLibraryBuilder().add_object_img(code).add_current_process().export_symbol(entry.__name__)
    library = builder.link(compiler, entry.__name__)
    native = CFUNCTYPE(c_int64, c_void_p, c_int64, c_int64, c_int64)(library[entry.__name__])

    def call(record: R, a: int, b: int, c: int, _alive: object = (compiler, library)) -> int:
        columns = list(_columns(record))
        addresses = (c_void_p * len(columns))(*(column.ctypes.data for column in columns))
        return int(native(addresses, a, b, c))

    return call


def _columns(record: tuple[Any, ...]) -> Iterator[Any]:
    """The columns of the machine's memory in the order in which the compiled functions know them."""
    for column in record:
        if isinstance(column, tuple):
            yield from _columns(column)
        elif isinstance(column, np.ndarray) and column.dtype in (np.int64, np.float64) and column.flags.c_contiguous:
            yield column
        else:
            raise TypeError("the compiled machine takes contiguous arrays of int64 and float64")
