"""Put mutated code into functions that live already, whatever decorates them."""

import ast
import gc
import os
import sys
import types

from ..setup import paths


class Fruitless(Exception):
    """The changed text makes no code that could take the function's place."""


class Unloadable(Exception):
    """With the change, the module would not load: every test would notice."""


def functions_of(files):
    """Return {(path, first line, name): functions} of the files' functions."""
    wanted = {str(file) for file in files}
    real = {}
    found = {}
    for thing in gc.get_objects():
        if isinstance(thing, types.FunctionType):
            code = thing.__code__
            name = code.co_filename
            if name not in real:
                real[name] = os.path.realpath(name)
            if real[name] in wanted:
                key = (real[name], code.co_firstlineno, code.co_name)
                found.setdefault(key, []).append(thing)
    return found


def plant(mutant, file, functions):
    """Make the fault live in this process.

    :param functions: what :func:`functions_of` found
    :raise Fruitless: it cannot be
    :raise Unloadable: the module would not load
    """
    try:
        mutated = compile(mutant.source(), str(file), "exec", dont_inherit=True)
    except SyntaxError as error:
        raise Fruitless(str(error)) from error
    if mutant.is_constant:
        _plant_constant(mutant, file)
        return
    before = compile(mutant.module.code, str(file), "exec", dont_inherit=True)
    old, new = _inner(before, mutant.scope), _inner(mutated, mutant.scope)
    # properties with a setter have one name twice
    for one, other in zip(old, new, strict=True):
        if one == other and len(old) > 1:
            continue
        key = (str(file), one.co_firstlineno, one.co_name)
        if key not in functions:
            raise Fruitless("no such function lives")
        for function in functions[key]:
            if function.__code__.co_freevars != other.co_freevars:
                raise Fruitless("other variables from around it")
            function.__code__ = other


def _inner(code, scope):
    """Return the code objects called ``scope`` below ``code``."""
    if not scope:
        return [code]
    return [
        found
        for constant in code.co_consts
        if isinstance(constant, types.CodeType) and constant.co_name == scope[0]
        for found in _inner(constant, scope[1:])
    ]


def _plant_constant(mutant, file):
    """Give the constant its new value wherever a module of ours knows it."""
    (name,) = mutant.scope
    ours = [module for module in list(sys.modules.values()) if _lies_below(module)]
    home = next(m for m in ours if os.path.realpath(m.__file__) == str(file))
    try:
        value = eval(_value_of(name, mutant.source()), dict(vars(home)))
    except Exception as error:
        raise Unloadable(str(error)) from error
    old = getattr(home, name)
    for module in ours:
        if vars(module).get(name) is old:
            setattr(module, name, value)


def _lies_below(module):
    file = getattr(module, "__file__", None)
    return file and os.path.realpath(file).startswith(f"{paths.ROOT}{os.sep}")


def _value_of(name, source):
    for line in ast.parse(source).body:
        if isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "") == name:
            return compile(ast.Expression(line.value), name, "eval")
    raise Fruitless("no such constant")
