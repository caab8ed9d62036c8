"""Operators of honest changes: the same columns, the same values, the same rows. None of them may block.

Each gives functions that change the tree in place (or return a new root), or None where they find nothing to do.
"""
import sqlglot
from sqlglot import exp

from mistakes import body, conjuncts, final_select, live_selects, outputs

OPERATORS = {}


def operator(name):
    def register(function):
        OPERATORS[name] = function
        return function
    return register


@operator("formatted")
def _(tree, context):
    yield lambda: None


@operator("comments")
def _(tree, context):
    def change():
        for select in tree.find_all(exp.Select):
            select.add_comments(["what this is for: it's; \"quoted\" -- and so on"])
    yield change


@operator("a CTE renamed")
def _(tree, context):
    for cte in tree.find_all(exp.CTE):
        if not tree.args.get("with_") or tree.args["with_"].args.get("recursive"):
            continue
        def change(old=cte.alias):
            for each in tree.find_all(exp.CTE):
                if each.alias == old:
                    each.args["alias"].set("this", exp.to_identifier(old + "_renamed"))
            for table in tree.find_all(exp.Table):
                if table.name == old and not table.db:
                    if not table.alias:
                        table.set("alias", exp.TableAlias(this=exp.to_identifier(old)))
                    table.set("this", exp.to_identifier(old + "_renamed"))
        yield change


@operator("CTEs in another order")
def _(tree, context):
    with_ = tree.args.get("with_")
    ctes = with_.expressions if with_ else []
    for i in range(len(ctes) - 1):
        if ctes[i].alias not in [t.name for t in ctes[i + 1].find_all(exp.Table)]:
            def change(w=with_, i=i):
                e = list(w.expressions)
                e[i], e[i + 1] = e[i + 1], e[i]
                w.set("expressions", e)
            yield change


@operator("table alias renamed")
def _(tree, context):
    for select in live_selects(tree):
        for table in select.find_all(exp.Table):
            if table.find_ancestor(exp.Select) is not select or not table.alias:
                continue
            old = table.alias
            if any(isinstance(s, exp.Select) and s is not select for s in select.find_all(exp.Select)):
                continue
            def change(s=select, t=table, old=old):
                t.args["alias"].set("this", exp.to_identifier(old + "_x"))
                for column in s.find_all(exp.Column):
                    if column.table == old:
                        column.set("table", exp.to_identifier(old + "_x"))
                for star in s.find_all(exp.Column):
                    if isinstance(star.this, exp.Star) and star.table == old:
                        star.set("table", exp.to_identifier(old + "_x"))
            yield change


@operator("wrapped in a CTE")
def _(tree, context):
    def change():
        inner = tree.copy()
        with_ = inner.args.pop("with_", None)
        outer = exp.select("*").from_("final_rows")
        ctes = (with_.expressions if with_ else []) + [exp.CTE(this=inner, alias=exp.TableAlias(this=exp.to_identifier("final_rows")))]
        outer.set("with_", exp.With(expressions=ctes, recursive=with_.args.get("recursive") if with_ else None))
        return outer
    if final_select(tree) is not None and not tree.args.get("order"):
        yield change


@operator("import CTE")
def _(tree, context):
    for table in tree.find_all(exp.Table):
        if not table.db or table.find_ancestor(exp.CTE) is not None:
            continue
        def change(t=table):
            alias = t.alias_or_name
            source = t.copy()
            source.set("alias", None)
            cte = exp.CTE(this=exp.select("*").from_(source), alias=exp.TableAlias(this=exp.to_identifier("imported")))
            t.replace(exp.to_table("imported", alias=alias))
            with_ = tree.args.get("with_")
            if with_ is None:
                tree.set("with_", exp.With(expressions=[cte]))
            else:
                with_.set("expressions", [cte] + with_.expressions)
        yield change


@operator("an unused CTE")
def _(tree, context):
    def change():
        cte = exp.CTE(this=exp.select("1 as x"), alias=exp.TableAlias(this=exp.to_identifier("not_used")))
        with_ = tree.args.get("with_")
        if with_ is None:
            tree.set("with_", exp.With(expressions=[cte]))
        else:
            with_.append("expressions", cte)
    yield change


@operator("a CTE written in place")
def _(tree, context):
    with_ = tree.args.get("with_")
    if with_ is None or with_.args.get("recursive"):
        return
    for cte in with_.expressions:
        uses = [t for t in tree.find_all(exp.Table) if t.name == cte.alias and not t.db]
        if len(uses) != 1 or cte.args["alias"].args.get("columns"):
            continue
        def change(c=cte, use=uses[0]):
            alias = use.alias_or_name
            use.replace(exp.Subquery(this=c.this.copy(), alias=exp.TableAlias(this=exp.to_identifier(alias))))
            rest = [e for e in with_.expressions if e is not c]
            if rest:
                with_.set("expressions", rest)
            else:
                tree.set("with_", None)
        yield change


@operator("a subquery becomes a CTE")
def _(tree, context):
    for subquery in tree.find_all(exp.Subquery):
        if not isinstance(subquery.parent, (exp.From, exp.Join)) or subquery.find_ancestor(exp.CTE) or not subquery.alias:
            continue
        if subquery.parent.args.get("laterals") or subquery.find_ancestor(exp.Lateral):
            continue
        def change(s=subquery):
            cte = exp.CTE(this=s.this.copy(), alias=exp.TableAlias(this=exp.to_identifier("was_subquery")))
            s.replace(exp.to_table("was_subquery", alias=s.alias))
            with_ = tree.args.get("with_")
            if with_ is None:
                tree.set("with_", exp.With(expressions=[cte]))
            else:
                with_.append("expressions", cte)
        yield change


FLIPPED = {exp.EQ: exp.EQ, exp.NEQ: exp.NEQ, exp.LT: exp.GT, exp.GT: exp.LT, exp.LTE: exp.GTE, exp.GTE: exp.LTE}


@operator("operands exchanged")
def _(tree, context):
    for node in tree.find_all(*FLIPPED):
        yield lambda n=node: n.replace(FLIPPED[type(n)](this=n.expression.copy(), expression=n.this.copy()))


@operator("conjuncts in another order")
def _(tree, context):
    for node in tree.find_all(exp.And):
        if not isinstance(node.parent, exp.And):
            yield lambda n=node: n.replace(exp.and_(*[c.copy() for c in reversed(list(n.flatten()))]))


@operator("brackets")
def _(tree, context):
    for node in tree.find_all(exp.Where, exp.Having):
        yield lambda n=node: n.set("this", exp.Paren(this=exp.Paren(this=n.this.copy())))


@operator("BETWEEN written out")
def _(tree, context):
    for node in tree.find_all(exp.Between):
        yield lambda n=node: n.replace(exp.Paren(this=exp.and_(
            exp.GTE(this=n.this.copy(), expression=n.args["low"].copy()),
            exp.LTE(this=n.this.copy(), expression=n.args["high"].copy()))))


@operator("IN with one value")
def _(tree, context):
    for node in tree.find_all(exp.EQ):
        if isinstance(node.expression, exp.Literal):
            yield lambda n=node: n.replace(exp.In(this=n.this.copy(), expressions=[n.expression.copy()]))


@operator("IN written as OR")
def _(tree, context):
    for node in tree.find_all(exp.In):
        if node.expressions and all(isinstance(e, exp.Literal) for e in node.expressions) and not isinstance(node.parent, exp.Not):
            yield lambda n=node: n.replace(exp.Paren(this=exp.or_(
                *[exp.EQ(this=n.this.copy(), expression=e.copy()) for e in n.expressions])))


@operator("NOT before a comparison")
def _(tree, context):
    for node in tree.find_all(exp.NEQ):
        yield lambda n=node: n.replace(exp.Not(this=exp.Paren(this=exp.EQ(this=n.this.copy(), expression=n.expression.copy()))))


@operator("columns qualified")
def _(tree, context):
    for select in live_selects(tree):
        from_ = select.args.get("from_")
        if from_ is None or select.args.get("joins") or select.args.get("laterals") or not isinstance(from_.this, exp.Table):
            continue
        if any(s is not select for s in select.find_all(exp.Select)):
            continue
        aliases = {p.alias.lower() for p in select.expressions if isinstance(p, exp.Alias)}
        def change(s=select, name=from_.this.alias_or_name, aliases=aliases):
            for column in s.find_all(exp.Column):
                if not column.table and not isinstance(column.this, exp.Star) and column.name.lower() not in aliases:
                    column.set("table", exp.to_identifier(name))
        if not from_.this.db or from_.this.alias:
            yield change


@operator("GROUP BY by number")
def _(tree, context):
    for select in live_selects(tree):
        group = select.args.get("group")
        if not group or not group.expressions:
            continue
        places = []
        for key in group.expressions:
            at = [i for i, p in enumerate(select.expressions, 1) if body(p) == key]
            if not at or any(isinstance(p, exp.Star) for p in select.expressions):
                places = []
                break
            places.append(at[0])
        if places:
            yield lambda g=group, p=places: g.set("expressions", [exp.Literal.number(i) for i in p])


@operator("star written out")
def _(tree, context):
    for select in live_selects(tree):
        stars = [p for p in select.expressions if isinstance(p, exp.Star) and not p.args.get("except_") and not p.args.get("replace")]
        from_ = select.args.get("from_")
        if len(stars) != 1 or select.args.get("joins") or from_ is None or not isinstance(from_.this, exp.Table):
            continue
        columns = context.columns_of(from_.this)
        if columns and len(select.expressions) == 1:
            yield lambda s=select, c=columns: s.set("expressions", [exp.column(n, quoted=not n.islower()) for n in c])


@operator("a new null column")
def _(tree, context):
    select = final_select(tree)
    if select is not None and not select.args.get("distinct") and not select.args.get("group"):
        yield lambda: select.append("expressions", exp.alias_(exp.Cast(this=exp.Null(), to=exp.DataType.build("int")), "added_later"))


@operator("a new column")
def _(tree, context):
    select = final_select(tree)
    columns = [body(p) for p in outputs(tree) if isinstance(body(p), exp.Column)]
    if columns and not select.args.get("distinct"):
        yield lambda c=columns[0]: select.append("expressions", exp.alias_(c.copy(), "added_later"))


@operator("columns in another order")
def _(tree, context):
    select = final_select(tree)
    from mistakes import by_number
    if select is not None and len(select.expressions) > 1 and not by_number(select) and not any(p.find(exp.Star) for p in select.expressions):
        yield lambda: select.set("expressions", list(reversed(select.expressions)))


@operator("filter moved into an import CTE")
def _(tree, context):
    select = final_select(tree)
    if select is None or tree.args.get("with_") or select.args.get("joins") or select.args.get("laterals"):
        return
    where, from_ = select.args.get("where"), select.args.get("from_")
    if where is None or from_ is None or not isinstance(from_.this, exp.Table) or where.find(exp.Select):
        return
    if from_.this.alias:
        return
    def change():
        inner = exp.select("*").from_(from_.this.copy())
        inner.set("where", where.copy())
        where.pop()
        from_.set("this", exp.to_table("kept", alias=from_.this.alias_or_name))
        tree.set("with_", exp.With(expressions=[exp.CTE(this=inner, alias=exp.TableAlias(this=exp.to_identifier("kept")))]))
    yield change


@operator("HAVING as WHERE around")
def _(tree, context):
    select = final_select(tree)
    if select is None or not select.args.get("having") or select.args.get("order"):
        return
    named = {p.this: p.alias for p in select.expressions if isinstance(p, exp.Alias)}
    having = select.args["having"]
    if not all(any(a == k for k in named) for a in having.find_all(*(exp.Sum, exp.Count, exp.Max, exp.Min, exp.Avg))):
        return
    if [c for c in having.find_all(exp.Column) if not c.find_ancestor(exp.AggFunc)]:
        return
    def change():
        condition = having.this.copy()
        for call in list(condition.find_all(exp.AggFunc)):
            call.replace(exp.column(named[call]))
        having.pop()
        with_ = tree.args.pop("with_", None)
        outer = exp.select("*").from_(exp.Subquery(this=tree.copy(), alias=exp.TableAlias(this=exp.to_identifier("grouped"))))
        outer.set("where", exp.Where(this=condition))
        if with_ is not None:
            outer.set("with_", with_)
        return outer
    yield change


@operator("ON written in WHERE")
def _(tree, context):
    for select in live_selects(tree):
        for join in select.args.get("joins") or []:
            sides = [j.side for j in select.args["joins"]]
            if join.side == "" and join.kind in ("", "INNER") and join.args.get("on") and not any(s in ("FULL", "RIGHT") for s in sides):
                def change(s=select, j=join):
                    condition = j.args["on"].copy()
                    j.set("on", None)
                    j.set("kind", "CROSS")
                    s.where(condition, copy=False)
                yield change


@operator("ON for USING")
def _(tree, context):
    for select in live_selects(tree):
        joins = select.args.get("joins") or []
        from_ = select.args.get("from_")
        if len(joins) != 1 or not joins[0].args.get("using") or any(p.find(exp.Star) for p in select.expressions):
            continue
        keys = [u.name for u in joins[0].args["using"]]
        if joins[0].side in ("FULL", "RIGHT") or from_ is None:
            continue
        def change(s=select, j=joins[0], keys=keys, left=from_.this.alias_or_name):
            right = j.this.alias_or_name
            for column in s.find_all(exp.Column):
                if not column.table and column.name in keys:
                    column.set("table", exp.to_identifier(left))
            j.set("using", None)
            j.set("on", exp.and_(*[exp.EQ(this=exp.column(k, left), expression=exp.column(k, right)) for k in keys]))
        yield change


@operator("COUNT(1)")
def _(tree, context):
    for node in tree.find_all(exp.Count):
        if isinstance(node.this, exp.Star):
            yield lambda n=node: n.set("this", exp.Literal.number(1))


@operator("ELSE NULL")
def _(tree, context):
    for node in tree.find_all(exp.Case):
        if node.args.get("default") is None:
            yield lambda n=node: n.set("default", exp.Null())


@operator("cast to the same type")
def _(tree, context):
    for node in tree.find_all(exp.Cast):
        yield lambda n=node: n.set("this", exp.Cast(this=n.this.copy(), to=n.to.copy()))


@operator("union branches exchanged")
def _(tree, context):
    for union in tree.find_all(exp.Union):
        if union.args.get("distinct") is False and not isinstance(union.left, exp.Union) and not isinstance(union.parent, exp.Union):
            if union.args.get("by_name") or union.args.get("limit"):
                continue
            left, right = union.left, union.right
            if [p.alias_or_name for p in left.selects] == [p.alias_or_name for p in right.selects]:
                def change(u=union, a=left, b=right):
                    a, b = a.copy(), b.copy()
                    u.set("this", b)
                    u.set("expression", a)
                yield change


@operator("a step more")
def _(tree, context):
    """A CTE that passes on what another one gives."""
    with_ = tree.args.get("with_")
    if with_ is None or with_.args.get("recursive"):
        return
    for cte in with_.expressions:
        def change(c=cte):
            middle = exp.CTE(this=exp.select("*").from_(c.alias), alias=exp.TableAlias(this=exp.to_identifier(c.alias + "_passed")))
            at = with_.expressions.index(c)
            for table in tree.find_all(exp.Table):
                if table.name == c.alias and not table.db:
                    if not table.alias:
                        table.set("alias", exp.TableAlias(this=exp.to_identifier(c.alias)))
                    table.set("this", exp.to_identifier(c.alias + "_passed"))
            with_.set("expressions", with_.expressions[:at + 1] + [middle] + with_.expressions[at + 1:])
        yield change


@operator("NOT over OR")
def _(tree, context):
    for node in tree.find_all(exp.Where):
        if isinstance(node.this, exp.And):
            def change(n=node):
                parts = [exp.Paren(this=exp.Not(this=exp.Paren(this=c.copy()))) for c in n.this.flatten()]
                n.set("this", exp.Not(this=exp.Paren(this=exp.or_(*parts, copy=False))))
            yield change


@operator("IN list in another order")
def _(tree, context):
    for node in tree.find_all(exp.In):
        if len(node.expressions) > 1:
            yield lambda n=node: n.set("expressions", list(reversed(n.expressions)))


@operator("COALESCE as CASE")
def _(tree, context):
    for node in tree.find_all(exp.Coalesce):
        if len(node.expressions) == 1:
            yield lambda n=node: n.replace(exp.Case(
                ifs=[exp.If(this=exp.Not(this=exp.Is(this=n.this.copy(), expression=exp.Null())), true=n.this.copy())],
                default=n.expressions[0].copy()))


@operator("inner joins in another order")
def _(tree, context):
    for select in live_selects(tree):
        joins, from_ = select.args.get("joins") or [], select.args.get("from_")
        if len(joins) != 1 or from_ is None or joins[0].side or joins[0].kind not in ("", "INNER") or not joins[0].args.get("on"):
            continue
        if any(p.find(exp.Star) for p in select.expressions):
            continue
        def change(f=from_, j=joins[0]):
            left, right = f.this.copy(), j.this.copy()
            f.set("this", right)
            j.set("this", left)
        yield change


@operator("positions of GROUP BY named")
def _(tree, context):
    for select in live_selects(tree):
        group = select.args.get("group")
        keys = group.expressions if group else []
        if not keys or not all(isinstance(k, exp.Literal) for k in keys) or any(p.find(exp.Star) for p in select.expressions):
            continue
        def change(s=select, g=group):
            g.set("expressions", [body(s.expressions[int(k.this) - 1]).copy() for k in g.expressions])
        yield change


@operator("DISTINCT as GROUP BY")
def _(tree, context):
    for select in live_selects(tree):
        if not select.args.get("distinct") or select.args.get("group") or any(p.find(exp.Star, exp.Window, exp.AggFunc) for p in select.expressions):
            continue
        if select.args["distinct"].args.get("on") or select.args.get("qualify") or any(isinstance(body(p), exp.Literal) for p in select.expressions):
            continue
        def change(s=select):
            s.set("distinct", None)
            s.set("group", exp.Group(expressions=[body(p).copy() for p in s.expressions]))
        yield change


@operator("a named window")
def _(tree, context):
    if context.dialect not in ("postgres", "duckdb", "sqlite", "bigquery", "snowflake", "databricks"):
        return
    for window in tree.find_all(exp.Window):
        select = window.find_ancestor(exp.Select)
        if window.args.get("spec") or not window.args.get("order") or select.args.get("windows") or not isinstance(window.this, exp.RowNumber):
            continue
        def change(w=window, s=select):
            named = exp.Window(this=exp.to_identifier("w_named"), partition_by=[e.copy() for e in w.args.get("partition_by") or []],
                               order=w.args["order"].copy())
            s.set("windows", [named])
            w.replace(exp.Window(this=w.this.copy(), alias=exp.to_identifier("w_named")))
        yield change


@operator("a column computed a step earlier")
def _(tree, context):
    select = final_select(tree)
    from_ = select.args.get("from_") if select else None
    if from_ is None or tree.args.get("with_") or select.args.get("joins") or select.args.get("group") or select.args.get("qualify"):
        return
    if select.args.get("distinct") or select.args.get("order") or select.args.get("windows") or any(p.find(exp.Star, exp.Window, exp.AggFunc) for p in select.expressions):
        return
    if not all(p.alias_or_name for p in select.expressions):
        return
    def change():
        inner = tree.copy()
        outer = exp.select(*[exp.column(p.alias_or_name, quoted=isinstance(p.args.get("alias"), exp.Identifier) and p.args["alias"].quoted)
                             for p in select.expressions]).from_("computed")
        outer.set("with_", exp.With(expressions=[exp.CTE(this=inner, alias=exp.TableAlias(this=exp.to_identifier("computed")))]))
        return outer
    yield change


@operator("a CTE split in two")
def _(tree, context):
    """Where a CTE filters one table, its filter gets a CTE of its own."""
    with_ = tree.args.get("with_")
    if with_ is None or with_.args.get("recursive"):
        return
    for cte in with_.expressions:
        query = cte.this
        if not isinstance(query, exp.Select) or query.args.get("joins") or query.args.get("laterals") or not query.args.get("where"):
            continue
        from_, where = query.args.get("from_"), query.args["where"]
        if from_ is None or not isinstance(from_.this, exp.Table) or where.find(exp.Select):
            continue
        def change(c=cte, q=query):
            source = q.args["from_"].this
            alias = source.alias_or_name
            inner = exp.select("*").from_(source.copy())
            inner.set("where", q.args["where"].copy())
            q.set("where", None)
            q.args["from_"].set("this", exp.to_table(c.alias + "_kept", alias=alias))
            at = with_.expressions.index(c)
            first = exp.CTE(this=inner, alias=exp.TableAlias(this=exp.to_identifier(c.alias + "_kept")))
            with_.set("expressions", with_.expressions[:at] + [first] + with_.expressions[at:])
        yield change
