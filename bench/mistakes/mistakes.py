"""Operators of mistakes that language models make in SQL.

An operator gets a parsed query and gives every place where it can go wrong: a function that changes a copy, and
what should be said about it. `Expect.rules` are the rules of which one must speak; `column` is the output column
that the finding must name, where there is one.
"""
from dataclasses import dataclass, field

from sqlglot import exp

AGGREGATES = (exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Count)


@dataclass
class Expect:
    rules: tuple
    column: str = ""


@dataclass
class Site:
    change: object  # a function that changes the tree in place; may return a new root
    expect: Expect


OPERATORS = {}


def operator(name):
    def register(function):
        OPERATORS[name] = function
        return function
    return register


def rules(*names, column=""):
    return Expect(tuple("lineage_diff." + n if "." not in n else n for n in names), column)


def live_selects(tree):
    """SELECTs whose rows reach the result."""
    ctes = {c.alias: c for c in tree.find_all(exp.CTE)}
    reached, queue = set(), [tree]
    while queue:
        node = queue.pop()
        for table in node.find_all(exp.Table):
            if isinstance(table.find_ancestor(exp.CTE), exp.CTE) and node is tree:
                continue
            name = table.name
            if name in ctes and name not in reached and not table.db:
                reached.add(name)
                queue.append(ctes[name].this)
    for select in tree.find_all(exp.Select):
        cte = select.find_ancestor(exp.CTE)
        if cte is None or cte.alias in reached:
            yield select


def conjuncts(clause):
    return list(clause.this.flatten()) if isinstance(clause.this, exp.And) else [clause.this]


def drop_conjunct(clause, which):
    rest = [c for c in conjuncts(clause) if c is not which]
    if not rest:
        clause.pop()
        return
    clause.set("this", exp.and_(*[r.copy() for r in rest], copy=False))


def final_select(tree):
    node = tree
    while isinstance(node, (exp.Subquery,)):
        node = node.this
    return node if isinstance(node, exp.Select) else None


def outputs(tree):
    """Named projections of the final SELECT (never a star)."""
    select = final_select(tree)
    if select is None:
        return []
    return [p for p in select.expressions if not isinstance(p, exp.Star) and p.alias_or_name and p.alias_or_name != "*"]


def body(projection):
    return projection.this if isinstance(projection, exp.Alias) else projection


# --- filters -------------------------------------------------------------------------------------

def filter_sites(tree, clause_type):
    for select in live_selects(tree):
        clause = select.args.get(clause_type)
        if clause is not None:
            for each in conjuncts(clause):
                if each.find(exp.Column):  # WHERE 1 = 1 filters nothing
                    yield clause, each


@operator("filter dropped")
def _(tree, context):
    for clause, each in filter_sites(tree, "where"):
        yield Site(lambda c=clause, e=each: drop_conjunct(c, e), rules("predicate_removed", "join_condition_changed"))


@operator("having dropped")
def _(tree, context):
    for clause, each in filter_sites(tree, "having"):
        yield Site(lambda c=clause, e=each: drop_conjunct(c, e), rules("predicate_removed"))


@operator("qualify dropped")
def _(tree, context):
    for clause, each in filter_sites(tree, "qualify"):
        yield Site(lambda c=clause, e=each: drop_conjunct(c, e), rules("predicate_removed"))


EDGES = {exp.LT: exp.LTE, exp.LTE: exp.LT, exp.GT: exp.GTE, exp.GTE: exp.GT}


@operator("edge of a filter")
def _(tree, context):
    for kind in ("where", "having", "qualify"):
        for _, each in filter_sites(tree, kind):
            for node in each.find_all(*EDGES):
                if node.find_ancestor(exp.Select) is each.find_ancestor(exp.Select):
                    yield Site(lambda n=node: n.replace(EDGES[type(n)](this=n.this, expression=n.expression)),
                               rules("boundary_changed", "predicate_changed"))


@operator("between loses its end")
def _(tree, context):
    for _, each in filter_sites(tree, "where"):
        for node in each.find_all(exp.Between):
            yield Site(lambda n=node: n.replace(exp.and_(
                exp.GTE(this=n.this.copy(), expression=n.args["low"].copy()),
                exp.LT(this=n.this.copy(), expression=n.args["high"].copy()))), rules("boundary_changed"))


@operator("another constant in a filter")
def _(tree, context):
    for kind in ("where", "having", "qualify"):
        for _, each in filter_sites(tree, kind):
            for node in each.find_all(exp.Literal):
                def change(n=node):
                    n.replace(exp.Literal.string(n.this + "x") if n.is_string else
                              exp.Literal.number(str(int(float(n.this)) + 7)))
                yield Site(change, rules("predicate_changed"))


@operator("a value lost from IN")
def _(tree, context):
    for _, each in filter_sites(tree, "where"):
        for node in each.find_all(exp.In):
            if len(node.expressions) > 1:
                yield Site(lambda n=node: n.set("expressions", n.expressions[:-1]), rules("predicate_changed"))


@operator("a filter turned round")
def _(tree, context):
    flip = {exp.EQ: exp.NEQ, exp.NEQ: exp.EQ}
    for _, each in filter_sites(tree, "where"):
        if type(each) in flip:
            yield Site(lambda n=each: n.replace(flip[type(n)](this=n.this, expression=n.expression)),
                       rules("predicate_changed"))


@operator("IS NULL turned round")
def _(tree, context):
    for _, each in filter_sites(tree, "where"):
        if isinstance(each, exp.Not) and isinstance(each.this, exp.Is):
            yield Site(lambda n=each: n.replace(n.this.copy()), rules("predicate_changed"))
        elif isinstance(each, exp.Is):
            yield Site(lambda n=each: n.replace(exp.Not(this=n.copy())), rules("predicate_changed"))


@operator("OR for AND")
def _(tree, context):
    for select in live_selects(tree):
        clause = select.args.get("where")
        if clause is not None and isinstance(clause.this, exp.And) and len(conjuncts(clause)) == 2:
            yield Site(lambda c=clause: c.set("this", exp.Or(this=c.this.left.copy(), expression=c.this.right.copy())),
                       rules("predicate_changed", "predicate_removed"))


@operator("an invented filter")
def _(tree, context):
    for select in live_selects(tree):
        columns = [c for p in select.expressions for c in [body(p)] if isinstance(c, exp.Column)]
        if columns and not select.args.get("group") and select.args.get("from_"):
            yield Site(lambda s=select, c=columns[0]: s.where(exp.Not(this=exp.Is(this=c.copy(), expression=exp.Null())),
                                                              copy=False), rules("predicate_added"))


# --- joins ---------------------------------------------------------------------------------------

def join_sites(tree):
    for select in live_selects(tree):
        for join in select.args.get("joins") or []:
            yield select, join


@operator("inner for left join")
def _(tree, context):
    for _, join in join_sites(tree):
        if join.side == "LEFT" and join.kind not in ("SEMI", "ANTI") and join.args.get("on"):
            def change(j=join):
                j.set("side", None)
                j.set("kind", "INNER")
            yield Site(change, rules("join_kind_changed"))


@operator("left for inner join")
def _(tree, context):
    for _, join in join_sites(tree):
        if join.side == "" and join.kind in ("", "INNER") and join.args.get("on"):
            def change(j=join):
                j.set("side", "LEFT")
                j.set("kind", None)
            yield Site(change, rules("join_kind_changed"))


@operator("full for left join")
def _(tree, context):
    for _, join in join_sites(tree):
        if join.side == "LEFT" and join.args.get("on"):
            yield Site(lambda j=join: j.set("side", "FULL"), rules("join_kind_changed"))


@operator("cross join")
def _(tree, context):
    for _, join in join_sites(tree):
        if join.args.get("on") is not None and join.side in ("", "LEFT"):
            def change(j=join):
                j.set("on", None)
                j.set("side", None)
                j.set("kind", "CROSS")
            yield Site(change, rules("join_kind_changed", "join_condition_changed"))


@operator("a part of ON lost")
def _(tree, context):
    for _, join in join_sites(tree):
        on = join.args.get("on")
        if isinstance(on, exp.And):
            yield Site(lambda j=join, o=on: j.set("on", o.left.copy()), rules("join_condition_changed"))


@operator("join on another key")
def _(tree, context):
    for select, join in join_sites(tree):
        on = join.args.get("on")
        if not isinstance(on, exp.EQ) or not isinstance(on.left, exp.Column) or not isinstance(on.right, exp.Column):
            continue
        others = [c for c in select.find_all(exp.Column)
                  if c.table and c.table == on.left.table and c.name != on.left.name and c.find_ancestor(exp.Select) is select]
        if others:
            yield Site(lambda o=on, c=others[0]: o.set("this", c.copy()), rules("join_condition_changed"))


@operator("joined a second time")
def _(tree, context):
    for select, join in join_sites(tree):
        if isinstance(join.this, exp.Table) and join.args.get("on") and join.side == "LEFT":
            def change(s=select, j=join):
                again = j.copy()
                old = again.this.alias_or_name
                again.this.set("alias", exp.TableAlias(this=exp.to_identifier("again")))
                for column in again.args["on"].find_all(exp.Column):
                    if column.table == old:
                        column.set("table", exp.to_identifier("again"))
                s.append("joins", again)
            yield Site(change, rules("join_added"))


# --- grain ---------------------------------------------------------------------------------------

@operator("a grouping column lost")
def _(tree, context):
    for select in live_selects(tree):
        group = select.args.get("group")
        keys = group.expressions if group else []
        if len(keys) < 2 or any(isinstance(k, exp.Literal) for k in keys):
            continue
        for key in keys:
            def change(s=select, g=group, k=key):
                for projection in s.expressions:
                    if body(projection) == k:
                        wrapped = exp.alias_(exp.Max(this=body(projection).copy()), projection.alias_or_name, quoted=False)
                        projection.replace(wrapped)
                g.set("expressions", [e for e in g.expressions if e != k])
            if isinstance(key, exp.Column) and not any(key in p.find_all(exp.Column) and body(p) != key for p in select.expressions):
                yield Site(change, rules("grain_changed"))


@operator("a grouping column more")
def _(tree, context):
    for select in live_selects(tree):
        group = select.args.get("group")
        if not group or not group.expressions:
            continue
        inside = [c for a in select.find_all(*AGGREGATES) for c in a.find_all(exp.Column)
                  if a.find_ancestor(exp.Select) is select and c.find_ancestor(exp.Select) is select]
        if inside:
            yield Site(lambda g=group, c=inside[0]: g.append("expressions", c.copy()), rules("grain_changed"))


@operator("DISTINCT put in")
def _(tree, context):
    for select in live_selects(tree):
        if not select.args.get("distinct") and not select.args.get("group"):
            yield Site(lambda s=select: s.set("distinct", exp.Distinct()), rules("distinct_changed"))


@operator("DISTINCT taken out")
def _(tree, context):
    for select in live_selects(tree):
        if select.args.get("distinct"):
            yield Site(lambda s=select: s.set("distinct", None), rules("distinct_changed"))


def live_unions(tree):
    live = {id(s) for s in live_selects(tree)}
    for union in tree.find_all(exp.Union):
        if any(id(s) in live for s in union.find_all(exp.Select)):
            yield union


@operator("UNION for UNION ALL")
def _(tree, context):
    for union in live_unions(tree):
        if union.args.get("distinct") is False:
            yield Site(lambda u=union: u.set("distinct", True), rules("set_operation_changed"))


@operator("UNION ALL for UNION")
def _(tree, context):
    for union in live_unions(tree):
        if union.args.get("distinct"):
            yield Site(lambda u=union: u.set("distinct", False), rules("set_operation_changed"))


@operator("a branch of a union lost")
def _(tree, context):
    for union in live_unions(tree):
        yield Site(lambda u=union: keep_left(u), rules("set_operation_changed"))


def keep_left(union):
    left = union.left.copy()
    with_ = union.args.get("with_")
    if with_ is not None:
        left.set("with_", with_.copy())
    if union.parent is None:
        return left
    union.replace(left)
    return None


@operator("LIMIT left in")
def _(tree, context):
    if not tree.args.get("limit"):
        yield Site(lambda: tree.set("limit", exp.Limit(expression=exp.Literal.number(1000))), rules("limit_added"))


# --- windows -------------------------------------------------------------------------------------

def windows(tree):
    live = {id(s) for s in live_selects(tree)}
    for window in tree.find_all(exp.Window):
        if id(window.find_ancestor(exp.Select)) in live:
            yield window


@operator("window in the other order")
def _(tree, context):
    for window in windows(tree):
        order = window.args.get("order")
        if order is not None and order.expressions:
            def change(o=order):
                first = o.expressions[0]
                first.set("desc", not first.args.get("desc"))
                first.set("nulls_first", not first.args.get("desc"))
            yield Site(change, rules("window_changed"))


@operator("a partition column lost")
def _(tree, context):
    for window in windows(tree):
        if window.args.get("partition_by"):
            yield Site(lambda w=window: w.set("partition_by", w.args["partition_by"][:-1]), rules("window_changed"))


@operator("RANK for ROW_NUMBER")
def _(tree, context):
    for window in windows(tree):
        if isinstance(window.this, exp.RowNumber):
            yield Site(lambda w=window: w.set("this", exp.Rank()),
                       rules("aggregate_changed", "predicate_changed", "expression_changed"))


# --- columns -------------------------------------------------------------------------------------

@operator("value from another column")
def _(tree, context):
    for projection in outputs(tree):
        column = body(projection)
        if not isinstance(column, exp.Column):
            continue
        others = [body(p) for p in outputs(tree)
                  if isinstance(body(p), exp.Column) and body(p).table == column.table and body(p).name != column.name]
        if others:
            def change(p=projection, c=others[0]):
                p.replace(exp.alias_(c.copy(), p.alias_or_name))
            yield Site(change, rules("column_resourced", "sources_changed", "source_lost", "aggregate_changed",
                                     "expression_changed", column=projection.alias_or_name))


@operator("two columns exchanged")
def _(tree, context):
    plain = [p for p in outputs(tree) if isinstance(body(p), exp.Column)]
    for a, b in zip(plain, plain[1:]):
        if body(a).table == body(b).table and body(a).name != body(b).name:
            def change(a=a, b=b):
                one, two = body(a).copy(), body(b).copy()
                name_a, name_b = a.alias_or_name, b.alias_or_name
                a.replace(exp.alias_(two, name_a))
                b.replace(exp.alias_(one, name_b))
            yield Site(change, rules("column_resourced", "sources_changed", "source_lost", "aggregate_changed",
                                     "expression_changed", column=a.alias_or_name))


@operator("NULL for a value")
def _(tree, context):
    for projection in outputs(tree):
        if isinstance(body(projection), exp.Column):
            yield Site(lambda p=projection: p.replace(exp.alias_(exp.Null(), p.alias_or_name)),
                       rules("column_resourced", "expression_changed", column=projection.alias_or_name))


def aggregate_sites(tree, kind):
    live = {id(s) for s in live_selects(tree)}
    for node in tree.find_all(kind):
        if id(node.find_ancestor(exp.Select)) in live:
            yield node


def swapped(name, old, new, expected=("aggregate_changed", "predicate_changed")):
    @operator(name)
    def _(tree, context):
        for node in aggregate_sites(tree, old):
            if node.this is not None and not isinstance(node.this, (exp.Distinct, exp.Star)):
                yield Site(lambda n=node: n.replace(new(this=n.this.copy())), rules(*expected))


swapped("AVG for SUM", exp.Sum, exp.Avg)
swapped("MAX for SUM", exp.Sum, exp.Max)
swapped("MIN for MAX", exp.Max, exp.Min)
swapped("MAX for MIN", exp.Min, exp.Max)
swapped("SUM for COUNT", exp.Count, exp.Sum)


@operator("DISTINCT lost from COUNT")
def _(tree, context):
    for node in aggregate_sites(tree, exp.Count):
        if isinstance(node.this, exp.Distinct):
            yield Site(lambda n=node: n.set("this", n.this.expressions[0].copy()), rules("aggregate_changed"))


@operator("COUNT(*) for COUNT(x)")
def _(tree, context):
    for node in aggregate_sites(tree, exp.Count):
        if not isinstance(node.this, (exp.Distinct, exp.Star)) and not isinstance(node.this, exp.Literal):
            yield Site(lambda n=node: n.set("this", exp.Star()),
                       rules("column_resourced", "source_lost", "aggregate_changed", "expression_changed", "fallback_lost"))


def live_nodes(tree, kind):
    """Nodes of a kind in SELECT lists of the final query."""
    for projection in outputs(tree):
        for node in body(projection).find_all(kind):
            if node.find_ancestor(exp.Select) is final_select(tree):
                yield projection, node


@operator("COALESCE lost")
def _(tree, context):
    for projection, node in live_nodes(tree, exp.Coalesce):
        yield Site(lambda p=projection, n=node: replace_in(p, n, n.this.copy()),
                   rules("fallback_lost", "source_lost", "aggregate_changed", column=projection.alias_or_name))


def replace_in(projection, node, new):
    """Replaces, keeping the name where the whole projection is replaced."""
    if node is projection:
        node.replace(exp.alias_(new, projection.alias_or_name))
    else:
        node.replace(new)


@operator("another fallback")
def _(tree, context):
    for projection, node in live_nodes(tree, exp.Coalesce):
        last = node.expressions[-1] if node.expressions else None
        if isinstance(last, exp.Literal):
            yield Site(lambda l=last: l.replace(exp.Literal.string("?") if l.is_string else exp.Literal.number(1 if l.this == "0" else 0)),
                       rules("expression_changed", column=projection.alias_or_name))


@operator("a branch of CASE lost")
def _(tree, context):
    for projection, node in live_nodes(tree, exp.Case):
        if len(node.args["ifs"]) > 1:
            yield Site(lambda n=node: n.set("ifs", n.args["ifs"][:-1]),
                       rules("branch_lost", "expression_changed", "source_lost", "aggregate_changed", "fallback_lost",
                             column=projection.alias_or_name))


@operator("ELSE lost")
def _(tree, context):
    for projection, node in live_nodes(tree, exp.Case):
        default = node.args.get("default")
        if default is not None and not isinstance(default, exp.Null):
            yield Site(lambda n=node: n.set("default", None),
                       rules("branch_lost", "expression_changed", "source_lost", "aggregate_changed", "fallback_lost",
                             column=projection.alias_or_name))


@operator("edge in CASE")
def _(tree, context):
    for projection, node in live_nodes(tree, exp.Case):
        for each in node.find_all(*EDGES):
            yield Site(lambda n=each: n.replace(EDGES[type(n)](this=n.this, expression=n.expression)),
                       rules("boundary_changed", column=projection.alias_or_name))


@operator("constant of CASE")
def _(tree, context):
    for projection, node in live_nodes(tree, exp.Case):
        for each in node.args["ifs"]:
            literal = each.this.find(exp.Literal)
            if literal is not None and literal.is_string:
                yield Site(lambda l=literal: l.replace(exp.Literal.string(l.this + "x")),
                           rules("expression_changed", column=projection.alias_or_name))


NUMBERS = ("amount", "price", "revenue", "total", "cents", "value", "cost", "points", "count", "minutes", "quantity", "_pct", "score")


@operator("cents for units")
def _(tree, context):
    for projection in outputs(tree):
        column = body(projection)
        name = projection.alias_or_name.lower()
        if isinstance(column, (exp.Column, exp.Sum)) and any(n in name for n in NUMBERS):
            yield Site(lambda p=projection, c=column: p.replace(
                exp.alias_(exp.Div(this=c.copy(), expression=exp.Literal.number(100)), p.alias_or_name)),
                rules("factor_changed", column=projection.alias_or_name))


@operator("a factor lost")
def _(tree, context):
    for projection, node in live_nodes(tree, (exp.Mul, exp.Div)):
        if isinstance(node.expression, exp.Literal):
            yield Site(lambda p=projection, n=node: replace_in(p, n, n.this.copy()),
                       rules("factor_changed", "expression_changed", column=projection.alias_or_name))


@operator("plus for minus")
def _(tree, context):
    for projection, node in live_nodes(tree, exp.Sub):
        yield Site(lambda p=projection, n=node: replace_in(p, n, exp.Add(this=n.this.copy(), expression=n.expression.copy())),
                   rules("operator_changed", "expression_changed", column=projection.alias_or_name))


@operator("an operand lost")
def _(tree, context):
    for projection, node in live_nodes(tree, (exp.Add, exp.Sub, exp.DPipe)):
        if node.expression.find(exp.Column):
            yield Site(lambda p=projection, n=node: replace_in(p, n, n.this.copy()),
                       rules("source_lost", "expression_changed", "aggregate_changed", "fallback_lost", "factor_changed",
                             column=projection.alias_or_name))


@operator("another type")
def _(tree, context):
    for projection, node in live_nodes(tree, exp.Cast):
        if node.to.this not in (exp.DataType.Type.DATE, exp.DataType.Type.TEXT, exp.DataType.Type.VARCHAR):
            yield Site(lambda n=node: n.set("to", exp.DataType.build("date")),
                       rules("type_changed", "expression_changed", column=projection.alias_or_name))


@operator("a cast lost")
def _(tree, context):
    for projection, node in live_nodes(tree, exp.Cast):
        yield Site(lambda p=projection, n=node: replace_in(p, n, n.this.copy()),
                   rules("type_changed", "expression_changed", column=projection.alias_or_name))


@operator("another period of DATE_TRUNC")
def _(tree, context):
    for projection, node in live_nodes(tree, (exp.DateTrunc, exp.TimestampTrunc)):
        yield Site(lambda n=node: n.set("unit", exp.Var(this="YEAR")),
                   rules("expression_changed", "aggregate_changed", column=projection.alias_or_name))


@operator("LOWER, TRIM or ROUND lost")
def _(tree, context):
    for projection, node in live_nodes(tree, (exp.Lower, exp.Upper, exp.Trim, exp.Round, exp.Abs, exp.Nullif)):
        yield Site(lambda p=projection, n=node: replace_in(p, n, n.this.copy()),
                   rules("expression_changed", "source_lost", column=projection.alias_or_name))


@operator("a column dropped")
def _(tree, context):
    for projection in outputs(tree):
        if len(outputs(tree)) < 2 or by_number(final_select(tree)):
            continue
        yield Site(lambda p=projection: p.pop(), rules("column_removed", "column_dropped", column=projection.alias_or_name))


def by_number(select):
    group, order = select.args.get("group"), select.args.get("order")
    items = (group.expressions if group else []) + ([o.this for o in order.expressions] if order else [])
    return any(isinstance(i, exp.Literal) for i in items) or (group is not None and group.args.get("all"))


@operator("a column renamed")
def _(tree, context):
    for projection in outputs(tree):
        name = projection.alias_or_name
        yield Site(lambda p=projection, n=name: p.replace(exp.alias_(body(p).copy(), n + "_new")),
                   rules("column_renamed", "column_removed"))


@operator("a column that does not exist")
def _(tree, context):
    for projection in outputs(tree):
        column = body(projection)
        if isinstance(column, exp.Column) and (column.table or len(list(tree.find_all(exp.Table))) == 1):
            yield Site(lambda c=column: c.set("this", exp.to_identifier(c.name + "_no")),
                       rules("compile.unknown_column"))
