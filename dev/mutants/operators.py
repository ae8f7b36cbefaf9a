"""What is changed in the source: one small fault at a time."""

import difflib
from dataclasses import dataclass, field

import libcst as cst
import libcst.matchers as m
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider
from mutmut.mutation import mutators

#: Calls whose arguments are for people or logs.
WORDS = m.Call(
    func=m.Attribute(value=m.Name("_logger"))
    | m.Attribute(value=m.Attribute(attr=m.Name("env")), attr=m.Name("_"))
    | m.Name("_")
    | m.Name("_lt")
)
#: Says what the next line would notice anyway.
CONTRACT = m.Call(func=m.Attribute(attr=m.Name("ensure_one")))
#: What an error says; which error it is decides.
MESSAGE = m.Call(args=[m.AtLeastN(m.Arg(m.SimpleString()), n=1)])
SKIPPED = (
    cst.Annotation,
    cst.Decorator,
    cst.Parameters,
    cst.Import,
    cst.ImportFrom,
    cst.ConcatenatedString,
)


@dataclass
class Mutant:
    """One fault: ``old`` becomes ``new`` in ``module``, the tree of the file.

    ``scope`` holds the names from the module down to the outermost function, or the
    name of a constant of the module.
    """

    number: int
    path: str
    scope: tuple
    is_constant: bool
    lines: range
    module: cst.Module = field(repr=False)
    old: cst.CSTNode = field(repr=False)
    new: cst.CSTNode = field(repr=False)

    @property
    def key(self):
        """What it is called from one run to the next, while its file is the same."""
        return f"{self.path}#{self.number}"

    def source(self):
        """Return the file's text with the fault in it."""
        return self.module.deep_replace(self.old, self.new).code

    def diff(self):
        """Return the fault as a unified diff."""
        texts = [self.module.code, self.source()]
        one, other = (text.splitlines(keepends=True) for text in texts)
        return "".join(difflib.unified_diff(one, other, self.path, self.key, n=2))


def mutants_of(path, text):
    """Return every mutant of a file, in a stable order."""
    wrapper = MetadataWrapper(cst.parse_module(text))
    collector = _Collector(path, wrapper)
    wrapper.module.visit(collector)
    return collector.found


class _Collector(cst.CSTVisitor):
    def __init__(self, path, wrapper):
        super().__init__()
        self.path, self.module = path, wrapper.module
        self.positions = wrapper.resolve(PositionProvider)
        self.parents = wrapper.resolve(ParentNodeProvider)
        self.found = []
        self.scope = []
        self.depth = 0  # of functions
        self.constant = None

    def on_visit(self, node):
        if isinstance(node, SKIPPED) or m.matches(node, WORDS):
            return False
        if isinstance(node, cst.Raise) and m.matches(node.exc or node, MESSAGE):
            return False
        if isinstance(node, cst.SimpleStatementLine) and not self.scope:
            self.constant = _constant(node)
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            if not self.depth:
                self.scope.append(node.name.value)
            self.depth += isinstance(node, cst.FunctionDef)
        elif self.depth or self.constant:
            self._collect(node)
        return True

    def on_leave(self, node):
        if isinstance(node, cst.SimpleStatementLine):
            self.constant = None
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            self.depth -= isinstance(node, cst.FunctionDef)
            if not self.depth:
                self.scope.pop()

    def _collect(self, node):
        for new in _changes(node, self.parents.get(node)):
            self.found.append(
                Mutant(
                    len(self.found),
                    self.path,
                    tuple(self.scope) or (self.constant,),
                    not self.scope,
                    self._lines(node),
                    self.module,
                    node,
                    new,
                )
            )

    def _lines(self, node):
        """The lines of the node, from where its statement begins."""
        last = self.positions[node].end.line
        while not isinstance(node, (cst.BaseStatement, cst.BaseSmallStatement)):
            node = self.parents[node]
        return range(self.positions[node].start.line, last + 1)


def _constant(line):
    """Return the name of ``NAME = value``, of a module's plain constants only."""
    if m.matches(line.body[0], m.Assign(targets=[m.AssignTarget(m.Name())])):
        name = line.body[0].targets[0].target.value
        return name if name.isupper() else None
    return None


def _changes(node, parent):
    if isinstance(node, cst.SimpleString) and isinstance(parent, cst.Expr):
        return  # a docstring
    for kind, operator in mutators.mutation_operators:
        if isinstance(node, kind):
            for new in operator(node):
                yield new
                if isinstance(node, cst.BaseString):
                    break  # the same again in capitals
    yield from _own_changes(node, parent)


def _own_changes(node, parent):
    """A call left out, and a plain condition turned round."""
    is_call = m.matches(node, m.Expr(value=m.Call()))
    if is_call and not m.matches(node.value, WORDS | CONTRACT):
        yield cst.Pass()
    conditional = isinstance(parent, (cst.If, cst.While)) and parent.test is node
    if conditional and isinstance(node, (cst.Name, cst.Attribute, cst.Call)):
        yield cst.UnaryOperation(cst.Not(), node)
