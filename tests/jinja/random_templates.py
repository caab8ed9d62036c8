"""Holds `layergate render` against dbt's own Jinja on random templates.

usage: python random_templates.py [--count 400] [--seed 1] [--show 5]

What this program renders, dbt's environment must render to the very same text; what it does not render is counted, with the
most frequent reasons. Needs LAYERGATE_BINARY, and the Python of a dbt in LAYERGATE_PEERS (or build/peers) to run under: it
starts itself again there, and is skipped (exit 77) when there is none.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEERS = pathlib.Path(os.environ.get("LAYERGATE_PEERS", ROOT / "build" / "peers"))
PRELUDE = """{% set n = 3 %}{% set z = 0 %}{% set s = 'Hello wörld, it is' %}{% set l = [3, 1, 2] %}{% set w = ['b', 'A', 'c', 'a'] %}\
{% set d = {'x': 1, 'y': [1, 2], 'Z': none} %}{% set q = none %}{% set f = 2.5 %}{% set t = (1, 'a') %}{% set b = true %}\
{% set g = [{'k': 'b', 'v': 2}, {'k': 'A', 'v': 1}, {'k': 'a', 'v': 2}] %}{% set ns = namespace(i=0, m='') %}"""
NAMES = ["n", "z", "s", "l", "w", "d", "q", "f", "t", "b", "g", "nothing", "ns.i", "loop"]
LITERALS = ["0", "1", "-2", "7", "10", "1.5", "0.1", "2.675", "1e3", "'a'", "'A b'", "''", "' x '", "'a,b,c'", "'%s-%d'", "'{} {}'", "'é'",
            "true", "false", "none", "[]", "[1, 2]", "('a', 2)", "{}", "{'k': 1}", "\"it's\"", "'a\\nb'", "'1_000'", "'3.7'", "[[1], [2]]"]
BINARY = ["+", "-", "*", "/", "//", "%", "**", "~"]
COMPARE = ["==", "!=", "<", ">", "<=", ">=", "in", "not in"]
FILTERS = ["abs", "batch(2)", "batch(2, 0)", "capitalize", "center(9)", "count", "default('d')", "default('d', true)", "dictsort",
           "dictsort(false, 'value')", "dictsort(reverse=true)", "e", "escape", "first", "float", "float(1.5)", "format(1, 2)", "format('x', 3)",
           "groupby('k')", "groupby('v')", "indent", "indent(2, true)", "indent(width=1, blank=true)", "int", "int(5)", "items", "join", "join(', ')",
           "join('-', 'k')", "join(attribute='k')", "last", "length", "list", "lower", "map('upper')", "map(attribute='k')",
           "map(attribute='no', default='-')", "map('int')", "max", "min", "max(attribute='v')", "min(true)", "reject('odd')", "reject('none')",
           "rejectattr('v', 'eq', 2)", "replace('a', 'b')", "replace('l', 'LL', 1)", "reverse", "round", "round(1)", "round(2, 'floor')",
           "round(0, 'ceil')", "safe", "select", "select('number')", "select('in', [1, 2])", "selectattr('v', 'gt', 1)", "selectattr('k')",
           "slice(2)", "slice(2, 'f')", "sort", "sort(true)", "sort(attribute='k')", "sort(case_sensitive=true)", "sort(attribute='v,k')", "string",
           "sum", "sum('v')", "sum(start=3)", "title", "tojson", "trim", "trim('a')", "truncate(5)", "truncate(5, true, '.', 0)", "unique",
           "unique(true)", "unique(attribute='v')", "upper", "urlencode", "wordcount", "wordwrap(7)", "pprint", "filesizeformat", "striptags", "xmlattr", "attr('x')", "as_number", "as_bool"]
TESTS = ["boolean", "callable", "defined", "divisibleby 2", "divisibleby(3)", "eq 1", "even", "odd", "false", "true", "float", "ge 1", "gt(1)", "in [1, 2]",
         "integer", "iterable", "lower", "upper", "mapping", "ne 'a'", "none", "number", "sameas none", "sequence", "string", "undefined",
         "equalto('a')", "lt 3", "escaped"]
METHODS = ["upper()", "lower()", "title()", "capitalize()", "strip()", "strip('a')", "lstrip()", "rstrip()", "split()", "split(',')", "split(' ', 1)",
           "rsplit(' ', 1)", "splitlines()", "partition(' ')", "rpartition('l')", "replace('l', 'L')", "startswith('H')", "endswith(('a', 's'))",
           "find('l')", "rfind('l')", "index('l')", "count('l')", "join(w)", "join(['x', 'y'])", "format(1, 'b')", "isdigit()", "isalpha()",
           "isupper()", "zfill(5)", "ljust(6)", "rjust(6, '*')", "center(8)", "swapcase()", "casefold()", "append(4)", "extend([1])", "insert(0, 9)", "pop()",
           "pop(0)", "remove(1)", "reverse()", "sort()", "copy()", "clear()", "index(1)", "count(1)", "get('x')", "get('no', 1)", "items()",
           "keys()", "values()", "items() | list", "keys() | list", "values() | list", "update({'u': 1})", "setdefault('v', 2)", "removeprefix('He')",
           "nosuch()"]


# What goes with which name: most random expressions would be errors on both sides otherwise.
TEXT_FILTERS = [f for f in FILTERS if f.split("(")[0] in ("capitalize", "center", "count", "default", "e", "escape", "first", "float", "indent", "int", "join",
                "last", "length", "list", "lower", "map", "replace", "reverse", "safe", "sort", "string", "title", "tojson", "trim", "truncate", "unique",
                "upper", "urlencode", "wordcount", "batch", "slice", "max", "min", "format") and "attribute" not in f and "'k'" not in f]
NUMBER_FILTERS = ["abs", "default('d')", "float", "int", "round", "round(1)", "round(2, 'floor')", "round(0, 'ceil')", "string", "tojson", "trim", "center(9)"]
LIST_FILTERS = [f for f in FILTERS if f.split("(")[0] in ("batch", "count", "default", "first", "join", "last", "length", "list", "map", "max", "min", "reject",
                "reverse", "select", "slice", "sort", "string", "sum", "tojson", "unique") and "attribute" not in f and "'k'" not in f and "'v'" not in f]
ROWS_FILTERS = ["batch(2)", "count", "first", "groupby('k')", "groupby('v')", "join('-', 'k')", "join(attribute='k')", "map(attribute='k') | list", "max(attribute='v')",
                "min(attribute='k')", "rejectattr('v', 'eq', 2) | list", "selectattr('v', 'gt', 1) | list", "selectattr('k') | map(attribute='v') | list", "sort(attribute='k')",
                "sort(attribute='v,k')", "sort(attribute='v', reverse=true)", "sum('v')", "unique(attribute='v') | list", "unique(attribute='k') | list", "tojson"]
DICT_FILTERS = ["count", "dictsort", "dictsort(false, 'value')", "dictsort(reverse=true)", "first", "items | list", "join(', ')", "length", "list", "map('upper') | list",
                "sort", "string", "tojson", "max", "reverse | list", "attr('x')"]
TEXT_METHODS = METHODS[:39]
LIST_METHODS = ["append(4)", "extend([1])", "insert(0, 9)", "insert(-1, 9)", "pop()", "pop(0)", "remove(1)", "reverse()", "sort()", "copy()", "clear()", "index(1)", "count(1)"]
DICT_METHODS = ["get('x')", "get('no', 1)", "items()", "keys()", "values()", "items() | list", "keys() | list", "values() | list", "update({'u': 1})", "pop('x')",
                "setdefault('v', 2)", "copy()"]
TYPED = [("s", TEXT_FILTERS, TEXT_METHODS), ("'a,b,c'", TEXT_FILTERS, TEXT_METHODS), ("' x y '", TEXT_FILTERS, TEXT_METHODS), ("n", NUMBER_FILTERS, []),
         ("f", NUMBER_FILTERS, []), ("2.675", NUMBER_FILTERS, []), ("l", LIST_FILTERS, LIST_METHODS), ("w", LIST_FILTERS, ["index('a')", "count('b')", "sort()"]),
         ("g", ROWS_FILTERS, []), ("d", DICT_FILTERS, DICT_METHODS), ("t", LIST_FILTERS, ["index('a')", "count(1)"])]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.macros = 0

    def one_of(self, choices):
        return self.random.choice(choices)

    def chance(self, share):
        return self.random.random() < share

    def typed(self):
        name, filters, methods = self.one_of(TYPED)
        if methods and self.chance(0.4):
            return f"{name}.{self.one_of(methods)}"
        chain = f"{name} | {self.one_of(filters)}"
        return chain + (f" | {self.one_of(['list', 'join', 'length', 'string', 'first', 'sort', 'upper'])}" if self.chance(0.4) else "")

    def expression(self, depth):
        if self.chance(0.45):
            return f"({self.typed()})" if depth < 3 else self.typed()
        if depth <= 0 or self.chance(0.15):
            return self.one_of(NAMES + LITERALS)
        inner = lambda: self.expression(depth - 1)
        kind = self.random.randrange(12)
        if kind == 0:
            return f"({inner()} {self.one_of(BINARY)} {inner()})"
        if kind == 1:
            return f"{self.one_of(NAMES)} {self.one_of(BINARY)} {self.one_of(LITERALS)} {self.one_of(BINARY)} {self.one_of(LITERALS)}"
        if kind == 2:
            return f"({inner()} {self.one_of(COMPARE)} {inner()})"
        if kind == 3:
            return f"({inner()} {self.one_of(['and', 'or'])} {self.one_of(['', 'not '])}{inner()})"
        if kind == 4:
            return f"({inner()} if {inner()} else {inner()})" if self.chance(0.7) else f"({inner()} if {inner()})"
        if kind in (5, 6, 7):
            return f"({inner()} | {self.one_of(FILTERS)})"
        if kind == 8:
            return f"({inner()} is {self.one_of(['', 'not '])}{self.one_of(TESTS)})"
        if kind == 9:
            return f"{self.one_of(NAMES + ['s', 'l', 'd', 'w'])}.{self.one_of(METHODS)}"
        if kind == 10:
            at = self.one_of(["0", "-1", "5", "'x'", "'y'", "1:", ":2", "::-1", "1:3", "-2:", "::2", "n"])
            return f"{self.one_of(NAMES + ['s', 'l', 'd', 'w', 't', 'g'])}[{at}]"
        calls = [f"range({self.one_of(['3', '1, 4', '5, 0, -2', 'n'])})", f"dict(a={inner()})", f"zip(l, w)", f"[{inner()}, {inner()}]",
                 f"({inner()}, {inner()})", f"{{'p': {inner()}, 'q': {inner()}}}", f"tojson({inner()})", f"fromjson('[1, {{\"a\": null}}]')",
                 f"set({inner()})", f"local_md5({inner()})", f"-{inner()}", "modules.re.sub('[^a-z]+', '_', s)", "modules.re.findall('[a-z]o', s)",
                 "modules.datetime.date(2020, 2, 28) + modules.datetime.timedelta(days=n)",
                 "modules.datetime.datetime(2020, 1, 31, 13, 5).strftime('%Y-%m-%d %H:%M %A %j %I%p')",
                 "diff_of_two_dicts({'A': ['x', 'y']}, {'a': ['X']})"]
        return self.one_of(calls)

    def tag(self, inside):
        return f"{{%{self.one_of(['', '-', '', '+', ''])} {inside} {self.one_of(['', '-', ''])}%}}"

    def text(self):
        return self.one_of(["x", " ", "\n", " a\n ", "select ", "", "é", "{ ", "%} "])

    def body(self, depth):
        return "".join(self.statement(depth - 1) for _ in range(self.random.randrange(1, 4)))

    def statement(self, depth):
        kind = self.random.randrange(14)
        if depth <= 0 or kind < 5:
            return f"{self.text()}{{{{{self.one_of(['', '-'])} {self.expression(3)} {self.one_of(['', '-'])}}}}}"
        if kind == 5:
            middle = self.tag("elif " + self.expression(2)) + self.body(depth) if self.chance(0.3) else ""
            other = self.tag("else") + self.body(depth) if self.chance(0.5) else ""
            return self.tag("if " + self.expression(2)) + self.body(depth) + middle + other + self.tag("endif")
        if kind in (6, 7):
            over = self.one_of(["l", "w", "g", "d", "d.items()", "range(3)", "s", "[]", self.expression(2)])
            target = "k, v" if over == "d.items()" else "i"
            condition = " if i" if target == "i" and self.chance(0.2) else ""
            loop = self.one_of(["loop.index", "loop.last", "loop.first", "loop.revindex0", "loop.length", "loop.cycle('a', 'b')", "loop.previtem",
                                "loop.nextitem is defined", "loop.changed(i)", "loop.depth", "i", target.split(",")[0]])
            stop = self.tag("if loop.index > 1") + self.tag(self.one_of(["break", "continue"])) + self.tag("endif") if self.chance(0.2) else ""
            other = self.tag("else") + self.body(depth) if self.chance(0.2) else ""
            return self.tag(f"for {target} in {over}{condition}") + f"{{{{ {loop} }}}}" + stop + self.body(depth) + other + self.tag("endfor")
        if kind == 8:
            return self.tag(f"set {self.one_of(['n', 's', 'l', 'u', 'ns.i', 'ns.m'])} = {self.expression(3)}")
        if kind == 9:
            return self.tag("set u") + self.body(depth) + self.tag("endset") + "{{ u }}"
        if kind == 10:
            self.macros += 1
            name = f"m{self.macros}"
            arguments = self.one_of(["", "1", "1, 2", "a=2", "1, c=3", "*l", "**{'a': 5}", "1, 2, 3"])
            extra = self.one_of(["", "{{ varargs }}", "{{ kwargs }}", "{{ a }}{{ c }}", "{{ caller is defined }}"])
            call = f"{{{{ dbt_macro__{name}({arguments}) }}}}"
            if self.chance(0.3):
                call = self.tag(f"call{self.one_of(['', '(p)', '(p=4)'])} dbt_macro__{name}({arguments})") + self.body(depth) + self.tag("endcall")
                extra += self.one_of(["{{ caller() }}", "{{ caller(7) }}"])
            return self.tag(f"macro {name}(a, c='d')") + extra + self.body(depth) + self.tag("endmacro") + call
        if kind == 11:
            return self.tag("filter " + self.one_of(["upper", "trim", "replace('a', 'b')", "title", "indent(1)"])) + self.body(depth) + self.tag("endfilter")
        if kind == 12:
            return self.tag("with u = " + self.expression(2)) + "{{ u }}" + self.body(depth) + self.tag("endwith")
        return self.one_of(["{# note #}", "{#- note -#}", "{% raw %}{{ x }}{% endraw %}", "{%- raw -%} {% y %} {%- endraw -%}",
                            self.tag("do l.append(" + self.expression(1) + ")"), self.tag("do d.update({'u': " + self.expression(1) + "})"),
                            "{% for i in [[1, [2]], 3] recursive %}{{ loop(i) if i is iterable else i }}{% endfor %}"])

    def template(self):
        if self.chance(0.5):
            return PRELUDE + "{{ " + self.expression(self.one_of([1, 2, 2, 3])) + " }}"
        return PRELUDE + "".join(self.statement(self.one_of([1, 2, 3])) for _ in range(self.random.randrange(1, 3)))


def ours(templates, binary):
    nodes = {}
    for i, text in enumerate(templates):
        uid = f"model.r.m{i:05}"
        nodes[uid] = {"unique_id": uid, "resource_type": "model", "package_name": "r", "name": f"m{i:05}", "alias": f"m{i:05}", "path": "m.sql",
                      "original_file_path": "models/m.sql", "fqn": ["r", f"m{i:05}"], "database": "d", "schema": "s", "raw_code": text,
                      "language": "sql", "config": {"materialized": "view"}, "depends_on": {"macros": [], "nodes": []}, "checksum": {"name": "none", "checksum": ""}}
    manifest = {"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json", "dbt_version": "1.11.0", "project_name": "r",
                             "adapter_type": "duckdb"}, "nodes": nodes, "sources": {}, "macros": {}, "parent_map": {}, "child_map": {}}
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "manifest.json")
        path.write_text(json.dumps(manifest))
        out = subprocess.run([binary, "render", "--manifest", path, "--format", "json"], capture_output=True, check=True).stdout
    return {m["unique_id"]: m for m in json.loads(out)["models"]}


def main():
    python = next(iter(sorted(PEERS.glob("dbt*/bin/python"))), None)
    if "LAYERGATE_RANDOM_CHILD" not in os.environ:
        if python is None:
            print(f"SKIPPED: there is no dbt in {PEERS} (scripts/install_peers dbt)")
            return 77
        return subprocess.run([python, __file__, *sys.argv[1:]], env={**os.environ, "LAYERGATE_RANDOM_CHILD": "1"}, check=False).returncode
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=5)
    arguments = parser.parse_args()
    from dbt.context.base import get_context_modules, BaseContext
    from dbt_common.clients.jinja import get_environment
    context = {"modules": get_context_modules()}
    for name in ("tojson", "fromjson", "local_md5", "diff_of_two_dicts"):
        context[name] = getattr(BaseContext, name)
    context["set"], context["zip"] = BaseContext._set, BaseContext._zip
    templates = [Maker(f"{arguments.seed}/{i}").template() for i in range(arguments.count)]
    rendered = ours(templates, os.environ["LAYERGATE_BINARY"])
    environment = get_environment()
    counts, reasons, wrong = collections.Counter(), collections.Counter(), []
    for i, source in enumerate(templates):
        mine = rendered[f"model.r.m{i:05}"]
        try:
            theirs = environment.from_string(source, globals=context).render({})
        except Exception as error:  # whatever it is, dbt would not compile this
            theirs = error
        if mine["status"] != "rendered":
            counts["refused by both" if isinstance(theirs, Exception) else "not rendered"] += 1
            if not isinstance(theirs, Exception):
                reasons[re.sub(r"'[^']*'", "'..'", mine["why"])] += 1
        elif isinstance(theirs, str) and theirs == mine["sql"]:
            counts["equal"] += 1
        elif isinstance(theirs, Exception):
            counts["rendered what dbt refuses"] += 1
            wrong.append((i, source, repr(theirs), mine["sql"]))
        else:
            counts["DIFFERENT"] += 1
            wrong.append((i, source, theirs, mine["sql"]))
    for i, source, theirs, sql in wrong[:arguments.show]:
        print(f"{arguments.seed}/{i}: {source.removeprefix(PRELUDE)!r}\n  dbt:  {theirs!r}\n  ours: {sql!r}")
    print(dict(counts))
    for reason, count in reasons.most_common(arguments.show):
        print(f"{count:5}  not rendered: {reason}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
