"""The machine's functions as LLVM code: a translator for the numeric subset of Python in which they are written.

The functions are few, small and fully annotated, so nothing has to be inferred, and all of them become one module that
LLVM optimises once: seconds, where a compiler for Python at large takes minutes. What is not in the subset raises
`NotInSubset` with its line, so a function that compiles means what it means in CPython, but for what CPython would
refuse or grow into: whole numbers are 64 bits wide and wrap around, a place outside a column (also a negative one) and
a division by zero are nobody's fault but the caller's.

The subset: module-level functions of `int`, `float`, `bool` and records of columns (`NamedTuple`s such as `Machine`),
which return such a number, a tuple of them or nothing; assignments, `if`, `while`, `for` over `range`, `return`,
`break`, `continue`; arithmetic, comparisons, `and`, `or`, `not`, `in` a tuple, conditional expressions; `int`, `float`,
`min`, `max`, `math.log`; other functions of the same set, and constants of their modules. A local name keeps one type.

A column that no function writes to is known never to change, and two columns never overlap.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any, get_args, get_origin, get_type_hints

from llvmlite import ir

INT, FLOAT, BOOL, POINTER = ir.IntType(64), ir.DoubleType(), ir.IntType(1), ir.PointerType()
SCALARS: dict[Any, ir.Type] = {int: INT, float: FLOAT, bool: BOOL}
INT_OPERATIONS = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.LShift: "shl",
    ast.RShift: "ashr",
    ast.BitAnd: "and_",
    ast.BitOr: "or_",
    ast.BitXor: "xor",
}
FLOAT_OPERATIONS = {ast.Add: "fadd", ast.Sub: "fsub", ast.Mult: "fmul", ast.Div: "fdiv"}
COMPARISONS = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


class NotInSubset(Exception):
    """Python that the translator does not know, with its place."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column at hand: where its numbers begin, of which type they are, and which column it is."""

    pointer: ir.Value
    element: ir.Type
    name: tuple[type, str]


@dataclass(frozen=True, slots=True)
class Record:
    """A record of columns at hand: where the addresses of its columns stand, one after the other."""

    pointer: ir.Value
    shape: type


Value = Any
"""What an expression gives: an `ir.Value`, a tuple of them, a `Column` or a `Record`."""


def columns_of(shape: type) -> Iterator[tuple[str, type]]:
    """The fields of a record of columns and what they are."""
    hints = get_type_hints(shape)
    for name in shape._fields:  # type: ignore[attr-defined]
        yield name, hints[name]


def width(shape: type) -> int:
    """How many columns a record holds, those of the records in it included."""
    return sum(width(kind) if hasattr(kind, "_fields") else 1 for _, kind in columns_of(shape))


def translate(modules: Sequence[ModuleType], entry: Callable[..., Any]) -> ir.Module:
    """One LLVM module of all `KERNELS` of some modules. Only `entry` can be called from outside, by its name."""
    translation = _Translation(ir.Module(name="machine"))
    kernels = []
    for module in modules:
        tree = ast.parse(inspect.getsource(module))
        bodies = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        for kernel in module.KERNELS:
            translation.declare(kernel, external=kernel is entry)
            kernels.append((kernel, bodies[kernel.__name__]))
    for kernel, body in kernels:
        translation.note_writes(kernel, body)
    for kernel, body in kernels:
        _Kernel(translation, kernel, body).translate()
    return translation.module


@dataclass(slots=True)
class _Translation:
    """What the functions of a module have in common."""

    module: ir.Module
    functions: dict[FunctionType, ir.Function] = field(default_factory=dict)
    hints: dict[FunctionType, dict[str, Any]] = field(default_factory=dict)
    written: set[tuple[type, str]] = field(default_factory=set)
    tags: dict[tuple[type, str], ir.MDValue] = field(default_factory=dict)

    def declare(self, kernel: FunctionType, *, external: bool) -> None:
        hints = get_type_hints(kernel)
        parameters = [SCALARS.get(hints[name], POINTER) for name in inspect.signature(kernel).parameters]
        kind = ir.FunctionType(_returned(hints["return"]), parameters)
        name = kernel.__name__ if external else f"{kernel.__module__}.{kernel.__name__}"
        function = ir.Function(self.module, kind, name)
        if not external:
            function.linkage = "internal"
        self.functions[kernel] = function
        self.hints[kernel] = hints

    def note_writes(self, kernel: FunctionType, body: ast.FunctionDef) -> None:
        """Remember the columns a function writes to; it names them through its parameters (`m.work[..] = ..`)."""
        for node in ast.walk(body):
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                if not isinstance(node.value, ast.Attribute) or not isinstance(node.value.value, ast.Name):
                    raise NotInSubset(f"{kernel.__module__}:{node.lineno}: not written to as `record.column[..]`")
                self.written.add((self.hints[kernel][node.value.value.id], node.value.attr))

    def tag(self, name: tuple[type, str]) -> ir.MDValue:
        """The metadata (TBAA) that says of a load or store which column it touches."""
        if name not in self.tags:
            root = self.module.add_metadata(["columns"])
            zero = ir.Constant(INT, 0)
            column = self.module.add_metadata([f"{name[0].__name__}.{name[1]}", root, zero])
            self.tags[name] = self.module.add_metadata([column, column, zero])
        return self.tags[name]


def _returned(hint: Any) -> ir.Type:
    if hint is type(None):
        return ir.VoidType()
    if get_origin(hint) is tuple:
        return ir.LiteralStructType([SCALARS[part] for part in get_args(hint)])
    return SCALARS[hint]


def _element(column: type) -> ir.Type:
    """The type of a column's numbers: what its `__getitem__` gives."""
    return SCALARS[get_type_hints(inspect.getattr_static(column, "__getitem__"))["return"]]


@dataclass(slots=True)
class _Loop:
    onward: ir.Block
    after: ir.Block


class _Kernel:
    """Translates one function."""

    def __init__(self, translation: _Translation, kernel: FunctionType, body: ast.FunctionDef) -> None:
        self.translation = translation
        self.kernel = kernel
        self.body = body
        self.function = translation.functions[kernel]
        self.builder = ir.IRBuilder(self.function.append_basic_block("entry"))
        self.start = self.builder.block
        self.code = self.function.append_basic_block("code")
        self.builder.position_at_end(self.code)
        self.locals: dict[str, Value] = {}  # a scalar's place on the stack, or a column or record itself
        self.loops: list[_Loop] = []
        self.returns = self.function.function_type.return_type

    def translate(self) -> None:
        hints = self.translation.hints[self.kernel]
        for argument, name in zip(self.function.args, inspect.signature(self.kernel).parameters):
            if hints[name] in SCALARS:
                self.assign(name, argument)
            else:
                argument.add_attribute("noalias")
                self.locals[name] = Record(argument, hints[name])
        self.statements(self.body.body)
        if not self.builder.block.is_terminated:
            if isinstance(self.returns, ir.VoidType):
                self.builder.ret_void()
            else:
                self.builder.unreachable()
        ir.IRBuilder(self.start).branch(self.code)

    def refuse(self, node: ast.AST) -> NotInSubset:
        line = getattr(node, "lineno", 0)
        return NotInSubset(f"{self.kernel.__module__}:{line}: {ast.unparse(node)}")

    # -- statements ----------------------------------------------------------------------------------------------------

    def statements(self, body: Sequence[ast.stmt]) -> None:
        for statement in body:
            self.statement(statement)
            if self.builder.block.is_terminated:
                return

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Expr(value=ast.Constant()):
                pass  # a docstring
            case ast.Expr(value=ast.Call() as call):
                self.expression(call)
            case ast.Assign(targets=targets, value=value):
                given = self.expression(value)
                for target in targets:
                    self.store(target, given)
            case ast.AugAssign(target=target, op=op, value=value):
                before = self.expression(target)
                self.store(target, self.calculate(op, before, self.expression(value), node))
            case ast.Return(value=None):
                self.builder.ret_void()
            case ast.Return(value=ast.expr() as value):
                self.give_back(self.expression(value))
            case ast.If():
                self.if_statement(node)
            case ast.While():
                self.while_loop(node)
            case ast.For():
                self.for_loop(node)
            case ast.Break():
                self.builder.branch(self.loops[-1].after)
            case ast.Continue():
                self.builder.branch(self.loops[-1].onward)
            case _:
                raise self.refuse(node)

    def give_back(self, value: Value) -> None:
        if isinstance(value, tuple):
            whole: ir.Value = ir.Constant(self.returns, ir.Undefined)
            for place, part in enumerate(value):
                whole = self.builder.insert_value(whole, self.converted(part, self.returns.elements[place]), place)
            self.builder.ret(whole)
        else:
            self.builder.ret(self.converted(value, self.returns))

    def if_statement(self, node: ast.If) -> None:
        then, after = self.block("then"), self.block("after")
        otherwise = self.block("else") if node.orelse else after
        self.builder.cbranch(self.truth(node.test), then, otherwise)
        for block, body in ((then, node.body), (otherwise, node.orelse)):
            if body:
                self.builder.position_at_end(block)
                self.statements(body)
                self.go_to(after)
        self.builder.position_at_end(after)

    def while_loop(self, node: ast.While) -> None:
        if node.orelse:
            raise self.refuse(node)
        test, body, after = self.block("test"), self.block("body"), self.block("after")
        self.builder.branch(test)
        self.builder.position_at_end(test)
        self.builder.cbranch(self.truth(node.test), body, after)
        self.loop(body, node.body, _Loop(test, after))

    def for_loop(self, node: ast.For) -> None:
        match node:
            case ast.For(
                target=ast.Name() as target,
                iter=ast.Call(func=ast.Name(id="range"), args=limits, keywords=[]),
                orelse=[],
            ):
                pass
            case _:
                raise self.refuse(node)
        begin = self.integer(limits[0]) if len(limits) > 1 else ir.Constant(INT, 0)
        end = self.integer(limits[1] if len(limits) > 1 else limits[0])
        step = self.integer(limits[2]) if len(limits) > 2 else ir.Constant(INT, 1)
        if not isinstance(step, ir.Constant):
            raise self.refuse(node)
        counter = self.place(INT, "counter")
        self.builder.store(begin, counter)
        test, body, onward, after = self.block("test"), self.block("body"), self.block("onward"), self.block("after")
        self.builder.branch(test)
        self.builder.position_at_end(onward)
        self.builder.store(self.builder.add(self.builder.load(counter, typ=INT), step), counter)
        self.builder.branch(test)
        self.builder.position_at_end(test)
        now = self.builder.load(counter, typ=INT)
        self.builder.cbranch(self.builder.icmp_signed("<" if step.constant > 0 else ">", now, end), body, after)
        self.builder.position_at_end(body)
        self.store(target, now)
        self.loop(body, node.body, _Loop(onward, after))

    def loop(self, block: ir.Block, body: Sequence[ast.stmt], loop: _Loop) -> None:
        self.loops.append(loop)
        self.builder.position_at_end(block)
        self.statements(body)
        self.go_to(loop.onward)
        self.loops.pop()
        self.builder.position_at_end(loop.after)

    def block(self, name: str) -> ir.Block:
        return self.function.append_basic_block(name)

    def go_to(self, block: ir.Block) -> None:
        if not self.builder.block.is_terminated:
            self.builder.branch(block)

    # -- names ---------------------------------------------------------------------------------------------------------

    def place(self, kind: ir.Type, name: str) -> ir.Value:
        """A new place for a local; LLVM turns these into registers."""
        return ir.IRBuilder(self.start).alloca(kind, name=name)

    def assign(self, name: str, value: Value) -> None:
        if isinstance(value, Column | Record):
            self.locals[name] = value
            return
        place = self.locals.get(name)
        if place is None:
            place = self.locals[name] = self.place(value.type, name)
        self.builder.store(self.converted(value, place.allocated_type), place)

    def store(self, target: ast.expr, value: Value) -> None:
        match target:
            case ast.Name(id=name):
                self.assign(name, value)
            case ast.Tuple(elts=targets):
                for part, given in zip(targets, value, strict=True):
                    self.store(part, given)
            case ast.Subscript(value=column, slice=index):
                into = self.expression(column)
                address = self.address(into, self.integer(index))
                stored = self.builder.store(self.converted(value, into.element), address)
                stored.set_metadata("tbaa", self.translation.tag(into.name))
            case _:
                raise self.refuse(target)

    def address(self, column: Column, index: ir.Value) -> ir.Value:
        return self.builder.gep(column.pointer, [index], inbounds=True, source_etype=column.element)

    def load(self, column: Column, index: ir.Value) -> ir.Value:
        loaded = self.builder.load(self.address(column, index), typ=column.element)
        if column.name in self.translation.written:
            loaded.set_metadata("tbaa", self.translation.tag(column.name))
        else:
            self.never_changes(loaded)
        return loaded

    def never_changes(self, loaded: ir.Value) -> None:
        loaded.set_metadata("invariant.load", self.translation.module.add_metadata([]))

    def named(self, name: str) -> Any:
        """What a name means in the function's module; None for a builtin."""
        return self.kernel.__globals__.get(name)

    # -- expressions ---------------------------------------------------------------------------------------------------

    def expression(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=bool() | int() | float() as value):
                return _constant(value)
            case ast.Name(id=name) if name in self.locals:
                local = self.locals[name]
                if isinstance(local, Column | Record):
                    return local
                return self.builder.load(local, name, typ=local.allocated_type)
            case ast.Name(id=name) if type(self.named(name)) in SCALARS:
                return _constant(self.named(name))
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name not in self.locals:
                return _constant(getattr(self.named(name), attribute))
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                return self.field(self.locals[name], attribute)
            case ast.Attribute(value=ast.Attribute() as inner, attr=attribute):
                return self.field(self.expression(inner), attribute)
            case ast.Subscript(value=column, slice=index):
                return self.load(self.expression(column), self.integer(index))
            case ast.BinOp(left=left, op=op, right=right):
                return self.calculate(op, self.expression(left), self.expression(right), node)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self.builder.not_(self.truth(operand))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.negative(self.expression(operand))
            case ast.Compare():
                return self.compare(node)
            case ast.BoolOp():
                return self.both_or_either(node)
            case ast.IfExp():
                return self.either(node)
            case ast.Tuple(elts=parts):
                return tuple(self.expression(part) for part in parts)
            case ast.Call():
                return self.call(node)
            case _:
                raise self.refuse(node)

    def field(self, record: Record, name: str) -> Column | Record:
        """A column of a record, or a record of columns in it."""
        at = 0
        for field_name, kind in columns_of(record.shape):
            inner = hasattr(kind, "_fields")
            if field_name == name:
                break
            at += width(kind) if inner else 1
        place = self.builder.gep(record.pointer, [ir.Constant(INT, at)], inbounds=True, source_etype=POINTER)
        if inner:
            return Record(place, kind)
        pointer = self.builder.load(place, typ=POINTER)
        self.never_changes(pointer)
        return Column(pointer, _element(kind), (record.shape, name))

    def integer(self, node: ast.expr) -> ir.Value:
        return self.converted(self.expression(node), INT)

    def truth(self, node: ast.expr) -> ir.Value:
        return self.converted(self.expression(node), BOOL)

    def converted(self, value: ir.Value, kind: ir.Type) -> ir.Value:
        """A value where another type is wanted: bool to int, int to float, a number to whether it is not zero."""
        if value.type == kind:
            return value
        if isinstance(value, ir.Constant) and kind == FLOAT and value.type == INT:
            return ir.Constant(FLOAT, float(value.constant))
        if kind == BOOL:
            zero = ir.Constant(value.type, 0)
            return self.compared("!=", value, zero)
        if value.type == BOOL:
            return self.converted(self.builder.zext(value, INT), kind)
        if kind == FLOAT:
            return self.builder.sitofp(value, FLOAT)
        raise NotInSubset(f"{self.kernel.__module__}.{self.kernel.__name__}: a float where an int is meant")

    def alike(self, *values: ir.Value) -> tuple[ir.Value, ...]:
        """Values brought to their common type: float if one is, else int if one is, else bool."""
        kinds = {value.type for value in values}
        kind = next(kind for kind in (FLOAT, INT, BOOL) if kind in kinds)
        return tuple(self.converted(value, kind) for value in values)

    def calculate(self, op: ast.operator, left: ir.Value, right: ir.Value, node: ast.AST) -> ir.Value:
        if isinstance(op, ast.Div):
            left, right = self.converted(left, FLOAT), self.converted(right, FLOAT)
        left, right = self.alike(left, right)
        if left.type == FLOAT and type(op) in FLOAT_OPERATIONS:
            return getattr(self.builder, FLOAT_OPERATIONS[type(op)])(left, right)
        if left.type == INT and type(op) in INT_OPERATIONS:
            return getattr(self.builder, INT_OPERATIONS[type(op)])(left, right)
        if left.type == INT and isinstance(op, ast.FloorDiv | ast.Mod):
            return self.divide(op, left, right)
        raise self.refuse(node)

    def divide(self, op: ast.operator, left: ir.Value, right: ir.Value) -> ir.Value:
        """Python rounds down and gives the remainder the divisor's sign; LLVM rounds towards zero."""
        builder = self.builder
        zero = ir.Constant(INT, 0)
        rest = builder.srem(left, right)
        signs_differ = builder.icmp_signed("<", builder.xor(rest, right), zero)
        is_off = builder.and_(builder.icmp_signed("!=", rest, zero), signs_differ)
        if isinstance(op, ast.Mod):
            return builder.add(rest, builder.select(is_off, right, zero))
        return builder.sub(builder.sdiv(left, right), builder.zext(is_off, INT))

    def negative(self, value: ir.Value) -> ir.Value:
        if isinstance(value, ir.Constant):
            return _constant(-value.constant)
        return self.builder.fneg(value) if value.type == FLOAT else self.builder.neg(value)

    def compared(self, operator: str, left: ir.Value, right: ir.Value) -> ir.Value:
        """A comparison; with a NaN only `!=` holds."""
        left, right = self.alike(left, right)
        if left.type == FLOAT:
            compare = self.builder.fcmp_unordered if operator == "!=" else self.builder.fcmp_ordered
            return compare(operator, left, right)
        compare = self.builder.icmp_unsigned if left.type == BOOL else self.builder.icmp_signed
        return compare(operator, left, right)

    def compare(self, node: ast.Compare) -> ir.Value:
        left = self.expression(node.left)
        answer: ir.Value = None
        for op, right_node in zip(node.ops, node.comparators):
            right = self.expression(right_node)
            if isinstance(op, ast.In | ast.NotIn) and isinstance(right, tuple):
                found: ir.Value = ir.Constant(BOOL, 0)
                for part in right:
                    found = self.builder.or_(found, self.compared("==", left, part))
                one = found if isinstance(op, ast.In) else self.builder.not_(found)
            elif type(op) in COMPARISONS:
                one = self.compared(COMPARISONS[type(op)], left, right)
            else:
                raise self.refuse(node)
            answer = one if answer is None else self.builder.and_(answer, one)
            left = right
        return answer

    def both_or_either(self, node: ast.BoolOp) -> ir.Value:
        """`and`, `or`: of truths, each term looked at only if those before leave it open."""
        after = self.block("after")
        known = []
        settled = ir.Constant(BOOL, int(isinstance(node.op, ast.Or)))
        for term in node.values[:-1]:
            further = self.block("further")
            truth = self.bool_of(term)
            known.append((settled, self.builder.block))
            yes, no = (after, further) if isinstance(node.op, ast.Or) else (further, after)
            self.builder.cbranch(truth, yes, no)
            self.builder.position_at_end(further)
        known.append((self.bool_of(node.values[-1]), self.builder.block))
        return self.joined(known, after)

    def bool_of(self, term: ast.expr) -> ir.Value:
        """A term of `and` and `or`: these give the term itself, so only of truths do they give a truth."""
        value = self.expression(term)
        if value.type != BOOL:
            raise self.refuse(term)
        return value

    def either(self, node: ast.IfExp) -> ir.Value:
        then, otherwise, after = self.block("then"), self.block("else"), self.block("after")
        self.builder.cbranch(self.truth(node.test), then, otherwise)
        self.builder.position_at_end(then)
        first, first_end = self.expression(node.body), self.builder.block
        self.builder.position_at_end(otherwise)
        second, second_end = self.expression(node.orelse), self.builder.block
        kind = FLOAT if FLOAT in (first.type, second.type) else first.type
        known = []
        for value, end in ((first, first_end), (second, second_end)):
            self.builder.position_at_end(end)
            known.append((self.converted(value, kind), end))
            if end is first_end:
                self.builder.branch(after)
        return self.joined(known, after)

    def joined(self, known: Sequence[tuple[ir.Value, ir.Block]], after: ir.Block) -> ir.Value:
        """Go from the block at hand to `after`, and take there the value of the block come from."""
        self.builder.branch(after)
        self.builder.position_at_end(after)
        phi = self.builder.phi(known[0][0].type)
        for value, block in known:
            phi.add_incoming(value, block)
        return phi

    def call(self, node: ast.Call) -> Value:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="math"), attr="log"), args=[value], keywords=[]):
                log = self.translation.module.declare_intrinsic("llvm.log", [FLOAT])
                return self.builder.call(log, [self.converted(self.expression(value), FLOAT)])
            case ast.Call(func=ast.Name(id="int"), args=[value], keywords=[]):
                given = self.expression(value)
                return self.builder.fptosi(given, INT) if given.type == FLOAT else self.converted(given, INT)
            case ast.Call(func=ast.Name(id="float"), args=[value], keywords=[]):
                return self.converted(self.expression(value), FLOAT)
            case ast.Call(func=ast.Name(id="min" | "max" as name), args=[_, _, *_], keywords=[]):
                best, *others = self.alike(*map(self.expression, node.args))
                for other in others:
                    better = self.compared("<" if name == "min" else ">", other, best)
                    best = self.builder.select(better, other, best)
                return best
            case ast.Call(func=ast.Name(id=name), keywords=[]) if self.named(name) in self.translation.functions:
                return self.call_kernel(self.named(name), node.args)
            case _:
                raise self.refuse(node)

    def call_kernel(self, kernel: FunctionType, arguments: Sequence[ast.expr]) -> Value:
        function = self.translation.functions[kernel]
        given = []
        for argument, parameter in zip(arguments, function.args, strict=True):
            value = self.expression(argument)
            given.append(value.pointer if isinstance(value, Record) else self.converted(value, parameter.type))
        result = self.builder.call(function, given)
        if isinstance(result.type, ir.LiteralStructType):
            return tuple(self.builder.extract_value(result, place) for place in range(len(result.type.elements)))
        return result


def _constant(value: bool | float) -> ir.Value:
    return ir.Constant(SCALARS[type(value)], value)
