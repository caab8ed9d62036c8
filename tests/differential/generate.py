"""Random queries over three small tables, that each engine answers in one way only.

Whatever picks among rows (LIMIT, row_number, DISTINCT ON, string_agg) is given a total order, so that a column of the
result moves only when something that it depends on has moved. Names are few on purpose: aliases hide columns, CTEs hide
tables, inner blocks hide outer ones. What only some engines have is in constructs.py.
"""
import constructs

TABLES = {
    "orders": [("id", "int"), ("customer_id", "int"), ("amount", "int"), ("status", "text"), ("k", "int")],
    "customers": [("id", "int"), ("name", "text"), ("region", "text"), ("k", "int"), ("score", "int")],
    "items": [("order_id", "int"), ("sku", "text"), ("qty", "int"), ("amount", "int")],
}
WORDS = ["a", "b", "c", "ab", "x", "y"]
NAMES = ["id", "amount", "k", "name", "x", "y", "total", "status", "n", "region"]


def random_rows(random, columns):
    rows = []
    for _ in range(random.randint(5, 9)):
        rows.append([random_value(random, kind) for _, kind in columns])
    return rows


def random_value(random, kind):
    if random.random() < 0.12:
        return None
    return random.randint(0, 5) if kind == "int" else random.choice(WORDS)


class Relation:
    def __init__(self, alias, columns, qualifiable=True):
        self.alias, self.columns, self.qualifiable = alias, columns, qualifiable


class Scope:
    def __init__(self, relations, outer=None):
        self.relations, self.outer = relations, outer
        self.merged = []  # columns of USING: may be named alone

    def columns(self):
        return [(r, c, t) for r in self.relations for c, t in r.columns]


class Generator(constructs.Constructs):
    def __init__(self, random, dialect):
        self.random, self.dialect = random, dialect
        self.serial = 0
        self.ctes = []  # (name, columns) in sight

    # --- small choices
    def chance(self, p):
        return self.random.random() < p

    def pick(self, items):
        return self.random.choice(items)

    def alias(self):
        self.serial += 1
        return f"{self.pick('tuvw')}{self.serial}"

    def is_(self, *dialects):
        return self.dialect in dialects

    def number(self):
        return str(self.random.randint(0, 5))

    def word(self):
        return "'" + self.pick(WORDS) + "'"

    def name(self, taken):
        for _ in range(20):
            name = self.pick(NAMES)
            if name not in taken:
                break
        else:
            name = f"c{len(taken)}"
        taken.add(name)
        return name

    # --- columns
    def reference(self, scope, kind):
        """A column of the scope (sometimes of an outer one); None when there is none of that kind."""
        at = scope
        while at.outer is not None and self.chance(0.35):
            at = at.outer
        found = [(r, c) for r, c, t in at.columns() if t == kind]
        merged = [c for c, t in at.merged if t == kind]
        if merged and self.chance(0.5) and at is scope:
            return self.pick(merged)
        if not found:
            return None
        relation, column = self.pick(found)
        # Alone when no other relation between here and there has the name.
        alone = sum(c == column for _, c, _ in at.columns()) == 1
        inner = scope
        while inner is not at and alone:
            alone = all(c != column for _, c, _ in inner.columns())
            inner = inner.outer
        if (alone and self.chance(0.5)) or not relation.qualifiable:
            return column if alone else None
        return f"{relation.alias}.{column}"

    def column(self, scope, kind):
        return self.reference(scope, kind) or (self.number() if kind == "int" else self.word())

    # --- expressions
    def value(self, scope, kind, depth=2):
        roll = self.random.random()
        if depth <= 0 or roll < 0.4:
            return self.column(scope, kind)
        if roll < 0.47:
            return self.number() if kind == "int" else self.word()
        inner = depth - 1
        v = lambda k=kind: self.value(scope, k, inner)
        choices = [
            lambda: f"CASE WHEN {self.test(scope, inner)} THEN {v()} ELSE {v()} END",
            lambda: f"CASE {v('int')} WHEN {self.number()} THEN {v()} WHEN {v('int')} THEN {v()} END",
            lambda: f"COALESCE({v()}, {v()})",
            lambda: f"COALESCE({v()}, {v()}, {v()})",
            lambda: f"NULLIF({v()}, {v()})",
        ]
        if kind == "int":
            choices += [
                lambda: f"({v()} + {v()})",
                lambda: f"({v()} - {v()})",
                lambda: f"-({v()})",
                lambda: f"abs({v()})",
                lambda: f"length({v('text')})",
                lambda: f"CASE WHEN {self.test(scope, inner)} THEN 1 ELSE 0 END",
            ]
        else:
            choices += [
                lambda: f"upper({v()})",
                lambda: f"({v()} || {v()})",
                lambda: f"replace({v()}, 'a', {v()})",
                lambda: f"CAST({v('int')} AS {'CHAR(9)' if self.is_('mariadb') else 'VARCHAR(9)'})",
            ]
        if self.chance(0.3):
            choices.append(lambda: self.scalar_subquery(scope, kind, inner))
        if self.chance(0.3):
            choices += self.more_values(scope, kind, inner)
        if self.is_("mariadb", "duckdb"):
            choices.append(lambda: f"IF({self.test(scope, inner)}, {v()}, {v()})")
        if self.is_("mariadb", "sqlite"):
            choices.append(lambda: f"IFNULL({v()}, {v()})")
        if self.is_("sqlite"):
            choices.append(lambda: f"IIF({self.test(scope, inner)}, {v()}, {v()})")
        if self.is_("postgres", "duckdb", "sqlite", "mariadb"):
            pass
        if self.is_("postgres", "duckdb"):
            choices.append(lambda: f"({v()})::{'int' if kind == 'int' else 'text'}")
            choices.append(lambda: f"({self.array()}[{v()}, {v()}])[1]")
        if self.is_("duckdb"):
            choices.append(lambda: f"struct_pack(p := {v()}, q := {v()}).q")
            choices.append(lambda: f"{{'p': {v()}, 'q': {v()}}}.p")
            choices.append(lambda: f"list_sum(list_transform([{v('int')}, 1], lambda z: z + {v('int')}))::int" if kind == "int" else v())
        return self.pick(choices)()

    def array(self):
        return "ARRAY" if self.is_("postgres") else ""

    def test(self, scope, depth=1):
        kind = self.pick(["int", "int", "text"])
        v = lambda: self.value(scope, kind, max(depth - 1, 0))
        choices = [
            lambda: f"{v()} {self.pick(['=', '<', '>', '<=', '<>'])} {v()}",
            lambda: f"{v()} IS NOT NULL",
            lambda: f"{v()} IS NULL",
            lambda: f"{v()} BETWEEN {v()} AND {v()}",
            lambda: f"{v()} IN ({v()}, {self.number() if kind == 'int' else self.word()})",
            lambda: f"{v()} NOT IN ({v()}, {v()})",
        ]
        if kind == "text":
            choices.append(lambda: f"{v()} LIKE '{self.pick(['a%', '%b', '_'])}'")
        if self.is_("postgres", "duckdb"):
            choices.append(lambda: f"{v()} IS DISTINCT FROM {v()}")
        if self.chance(0.3):
            choices += self.more_tests(scope, depth)
        if depth > 0:
            choices += [
                lambda: f"({self.test(scope, depth - 1)} AND {self.test(scope, depth - 1)})",
                lambda: f"({self.test(scope, depth - 1)} OR {self.test(scope, depth - 1)})",
                lambda: f"NOT ({self.test(scope, depth - 1)})",
            ]
            if self.chance(0.4):
                choices += [
                    lambda: f"EXISTS ({self.inner_select(scope, None, depth - 1)})",
                    lambda: f"{v()} IN ({self.inner_select(scope, kind, depth - 1)})",
                    lambda: f"{v()} NOT IN ({self.inner_select(scope, kind, depth - 1)})",
                ]
        return self.pick(choices)()

    def inner_select(self, outer, kind, depth):
        """SELECT one column of `kind` (any, when None) from one or two relations; sees `outer`."""
        sql, scope = self.source(depth, outer=outer, small=True)
        item = self.value(scope, kind or "int", depth)
        if self.chance(0.15):
            item = f"DISTINCT {item}"
        where = f" WHERE {self.test(scope, depth)}" if self.chance(0.7) else ""
        return f"SELECT {item} FROM {sql}{where}"

    def scalar_subquery(self, outer, kind, depth):
        sql, scope = self.source(depth, outer=outer, small=True)
        # MariaDB and PostgreSQL take an aggregate over outer columns alone for one of the outer block.
        own = Scope(scope.relations)
        own.merged = scope.merged
        item = f"{self.pick(['max', 'min'])}({self.value(own, kind, 0)})"
        if item[4:-1][:1] in "'012345":
            item = f"max({self.number() if kind == 'int' else self.word()})"
        where = f" WHERE {self.test(scope, depth)}" if self.chance(0.7) else ""
        return f"(SELECT {item} FROM {sql}{where})"

    def aggregate(self, scope, kind):
        own = Scope(scope.relations)
        own.merged = scope.merged
        v = lambda k=kind: self.value(own, k, 1)
        choices = [lambda: f"max({v()})", lambda: f"min({v()})"]
        if kind == "int":
            choices += [
                lambda: f"sum({v()})",
                lambda: "count(*)",
                lambda: f"count({v(self.pick(['int', 'text']))})",
                lambda: f"count(DISTINCT {v(self.pick(['int', 'text']))})",
                lambda: f"sum(CASE WHEN {self.test(own, 0)} THEN {v()} ELSE 0 END)",
                lambda: f"coalesce(sum({v()}), {self.number()})",
                lambda: f"max({v()}) - min({v()})",
            ]
            if self.is_("sqlite", "postgres", "duckdb"):
                choices.append(lambda: f"sum({v()}) FILTER (WHERE {self.test(own, 0)})")
            if self.is_("postgres", "duckdb"):
                choices.append(lambda: f"percentile_disc(0.5) WITHIN GROUP (ORDER BY {v()})")
            if self.is_("duckdb"):
                choices.append(lambda: f"count_if({self.test(own, 0)})")
        else:
            if self.is_("postgres", "duckdb"):
                choices.append(lambda: (lambda e: f"string_agg({e}, ',' ORDER BY {e})")(v()))
            if self.is_("mariadb"):
                choices.append(lambda: (lambda e: f"group_concat({e} ORDER BY {e})")(v()))
            if self.is_("duckdb"):
                choices.append(lambda: f"list_sort(list({v()}))::text")
        if self.chance(0.4):
            choices += self.more_aggregates(own, kind)
        return self.pick(choices)()

    def all_columns(self, scope):
        return [f"{r.alias}.{c}" for r, c, _ in scope.columns() if r.qualifiable]

    def window(self, scope, kind):
        framed = self.framed_window(scope, kind) if self.chance(0.3) else None
        if framed:
            return framed
        v = lambda k=kind: self.value(Scope(scope.relations), k, 1)
        partition = f"PARTITION BY {v(self.pick(['int', 'text']))} " if self.chance(0.6) else ""
        order = f"ORDER BY {v('int')}"
        total = f"{order}, {', '.join(self.all_columns(scope))}"
        if any(not r.qualifiable for r in scope.relations):
            total = order
            choices = []
        else:
            choices = [
                lambda: f"row_number() OVER ({partition}{total})" if kind == "int" else f"lead({v()}) OVER ({partition}{total})",
                lambda: f"lag({v()}) OVER ({partition}{total})",
                lambda: f"first_value({v()}) OVER ({partition}{total})",
            ]
        if kind == "int":
            choices += [
                lambda: f"rank() OVER ({partition}{order})",
                lambda: f"dense_rank() OVER ({partition}{order})",
                lambda: f"sum({v()}) OVER ({partition}{order})",
                lambda: f"count(*) OVER ({partition.strip()})",
            ]
        choices.append(lambda: f"max({v()}) OVER ({partition.strip()})")
        return self.pick(choices)()

    # --- FROM
    def relation(self, depth, alias=None, outer=None):
        """SQL of one relation and what it gives."""
        alias = alias or self.alias()
        roll = self.random.random()
        if self.ctes and roll < 0.4:
            name, columns = self.pick(self.ctes)
            if self.chance(0.3):
                return name, Relation(name, columns)
            return f"{name} AS {alias}", Relation(alias, columns)
        if depth > 0 and roll < 0.65:
            sql, columns = self.query(depth - 1)
            if self.chance(0.2) and self.is_("postgres", "duckdb") and columns:
                renamed = [(f"r{i}", t) for i, (_, t) in enumerate(columns)]
                return f"({sql}) AS {alias} ({', '.join(c for c, _ in renamed)})", Relation(alias, renamed)
            return f"({sql}) AS {alias}", Relation(alias, columns)
        hidden = {name for name, _ in self.ctes}
        tables = [t for t in TABLES if t not in hidden]
        if not tables:
            return self.relation(0, alias)
        if self.is_("duckdb") and self.chance(0.08) and any(t in tables for t in ("orders", "customers")):
            sql, columns = self.pivoted(alias, {t: TABLES[t] for t in tables})
            return sql, Relation(alias, columns)
        table = self.pick(tables)
        if self.chance(0.2):
            return table, Relation(table, TABLES[table])
        return f"{table} AS {alias}", Relation(alias, TABLES[table])

    def source(self, depth, outer=None, small=False):
        sql, first = self.relation(depth, outer=outer)
        scope = Scope([first], outer)
        joins = 0
        while joins < (1 if small else 2) and self.chance(0.3 if small else 0.5):
            joins += 1
            right_sql, right = self.relation(depth - 1 if depth > 0 else 0)
            if any(r.alias == right.alias for r in scope.relations):
                continue
            left = list(scope.relations)
            shared = sorted({c for r in left for c, _ in r.columns} & {c for c, _ in right.columns})
            shared = [c for c in shared if sum(n == c for _, n, _ in scope.columns()) == 1 and sum(n == c for n, _ in right.columns) == 1]
            shared = [c for c in shared if self.kind_of(left, c) == dict(right.columns)[c]]
            kinds = ["JOIN", "LEFT JOIN", "LEFT JOIN", "INNER JOIN"]
            if self.is_("postgres", "duckdb", "sqlite"):
                kinds += ["RIGHT JOIN", "FULL JOIN"]
            if self.is_("mariadb"):
                kinds += ["RIGHT JOIN"]
            kind = self.pick(kinds)
            roll = self.random.random()
            if shared and roll < 0.3 and not scope.merged:
                use = self.pick(shared)
                sql = f"{sql} {kind} {right_sql} USING ({use})"
                scope.merged.append((use, dict(right.columns)[use]))
                scope.relations.append(right)
            elif roll < 0.36 and not scope.merged and all(len({c for c, _ in r.columns}) == len(r.columns) for r in left + [right]):
                # NATURAL: every shared name; types must agree.
                names = {c for r in left for c, _ in r.columns} & {c for c, _ in right.columns}
                if names and names == set(shared):
                    sql = f"{sql} NATURAL {kind.replace('INNER ', '')} {right_sql}"
                    scope.merged += [(c, dict(right.columns)[c]) for c in sorted(names)]
                    scope.relations.append(right)
            elif roll < 0.42 and self.is_("duckdb"):
                test_scope = Scope(left + [right])
                condition = self.equality(left, right) or self.test(test_scope, 0)
                sql = f"{sql} {self.pick(['SEMI', 'ANTI'])} JOIN {right_sql} ON {condition}"
            elif roll < 0.5 and self.is_("postgres", "duckdb") and not small:
                alias = self.alias()
                inner = self.inner_lateral(Scope(left, None), depth)
                condition = "true" if self.chance(0.6) else "1 = 1"
                sql = f"{sql} LEFT JOIN LATERAL ({inner[0]}) AS {alias} ON {condition}"
                scope.relations.append(Relation(alias, inner[1]))
            elif roll < 0.53 and self.is_("postgres", "duckdb") and not small:
                alias = self.alias()
                made, columns = self.generated(Scope(left, None), alias)
                sql = f"{sql}{'' if made.startswith(',') else ' '}{made}"
                scope.relations.append(Relation(alias, columns))
            elif roll < 0.55:
                sql = f"{sql} CROSS JOIN {right_sql}"
                scope.relations.append(right)
            else:
                condition = self.equality(left, right) or "1 = 1"
                if self.chance(0.3) and kind != "FULL JOIN":
                    condition += " AND " + self.test(Scope(left + [right]), 0)
                sql = f"{sql} {kind} {right_sql} ON {condition}"
                scope.relations.append(right)
        return sql, scope

    def inner_lateral(self, outer, depth):
        sql, scope = self.source(0, outer=outer, small=True)
        own = Scope(scope.relations)
        if self.chance(0.5):
            item = f"max({self.column(own, 'int')})"
            if item[4] in "012345":
                item = "count(*)"
            return f"SELECT {item} AS m FROM {sql} WHERE {self.test(scope, 1)}", [("m", "int")]
        return f"SELECT {self.value(scope, 'int', 1)} AS m, {self.value(scope, 'text', 1)} AS x FROM {sql} WHERE {self.test(scope, 1)}", [("m", "int"), ("x", "text")]

    @staticmethod
    def kind_of(relations, column):
        for relation in relations:
            for name, kind in relation.columns:
                if name == column:
                    return kind
        return None

    def equality(self, left, right):
        kind = self.pick(["int", "int", "text"])
        a = [(r.alias, c) for r in left for c, t in r.columns if t == kind]
        b = [(right.alias, c) for c, t in right.columns if t == kind]
        if not a or not b:
            return None
        return "{}.{} = {}.{}".format(*self.pick(a), *self.pick(b))

    # --- SELECT
    def statement(self):
        """One query of a bearable size: some optimizers need minutes for the others."""
        while True:
            self.serial, self.ctes = 0, []
            sql = self.query(self.pick([1, 2, 2, 3]))[0]
            if len(sql) < 1400:
                return sql

    def query(self, depth):
        """SQL and its columns [(name, kind)] with distinct names."""
        roll = self.random.random()
        if depth > 0 and roll < 0.2:
            return self.set_operation(depth)
        if depth > 0 and roll < 0.4:
            return self.with_query(depth)
        if depth > 0 and roll < 0.5:
            special = []
            if self.is_("postgres", "duckdb"):
                special += [self.distinct_on, self.multiplied]
            if self.is_("duckdb"):
                special.append(self.by_name)
            if self.is_("sqlite"):
                special.append(self.bare_columns)
            if special:
                return self.pick(special)(depth)
        return self.select(depth)

    def with_query(self, depth):
        saved = list(self.ctes)
        parts = []
        recursive = ""
        names = set()
        for _ in range(self.random.randint(1, 3)):
            name = self.pick(["base", "o", "orders", "x", "final", "items"])
            if name in names:
                continue
            if self.chance(0.12):
                recursive = "RECURSIVE "
                sql, columns = self.recursion(name)
                parts.append(sql)
            else:
                # A CTE named like a table reads the table inside, and hides it outside (not under RECURSIVE).
                if recursive and name in TABLES:
                    continue
                sql, columns = self.query(depth - 1)
                if self.chance(0.2):
                    columns = [(f"q{i}", t) for i, (_, t) in enumerate(columns)]
                    parts.append(f"{name} ({', '.join(c for c, _ in columns)}) AS ({sql})")
                else:
                    parts.append(f"{name} AS ({sql})")
            names.add(name)
            self.ctes = [c for c in self.ctes if c[0] != name] + [(name, columns)]
        if recursive and names & set(TABLES):
            recursive_ok = False
        else:
            recursive_ok = True
        sql, columns = self.select(depth - 1)
        self.ctes = saved
        if not recursive_ok:
            # Under RECURSIVE a CTE of a table's name would be its own input.
            return self.select(depth - 1)
        return f"WITH {recursive}{', '.join(parts)} {sql}", columns

    def recursion(self, name):
        hidden = {n for n, _ in self.ctes}
        tables = [t for t in ("orders", "customers") if t not in hidden and t != name]
        if not tables:
            tables = ["customers"]
        table = self.pick(tables)
        scope = Scope([Relation("a", TABLES[table])])
        anchor = f"SELECT {self.column(scope, 'int')}, {self.value(scope, 'int', 1)} FROM {table} AS a WHERE {self.test(scope, 0)}"
        step_scope = Scope([Relation(name, [("n", "int"), ("v", "int")]), Relation("b", TABLES[table])])
        union = "UNION"
        step = f"SELECT {name}.n + 1, {self.value(step_scope, 'int', 1)} FROM {name} JOIN {table} AS b ON {self.equality(step_scope.relations[:1], step_scope.relations[1]) or 'b.k = ' + name + '.n'} WHERE {name}.n < 4"
        limit = f"{step} AND abs({name}.v) < 12"
        return f"{name} (n, v) AS ({anchor} {union} {limit})", [("n", "int"), ("v", "int")]

    def set_operation(self, depth):
        first, columns = self.select(depth - 1)
        parts = [f"{first}"]
        operators = self.set_operators()
        for _ in range(self.random.randint(1, 2)):
            sql, _ = self.select(depth - 1, shape=columns)
            if self.chance(0.25) and not self.is_("sqlite"):
                sql = f"({sql})"
            parts += [self.pick(operators), sql]
        text = " ".join(parts)
        if self.chance(0.25):
            # In an order that says it all, since a limit picks by it.
            keys = [f"{i + 1}{self.pick(['', ' DESC'])}" for i in range(len(columns))]
            self.random.shuffle(keys)
            text = f"SELECT * FROM ({text} ORDER BY {', '.join(keys)} LIMIT {self.random.randint(1, 4)}) AS {self.alias()}"
        return text, columns

    def select(self, depth, shape=None):
        sql, scope = self.source(depth)
        grouped = self.chance(0.3)
        items, columns, taken = [], [], set()
        group = []
        wanted = shape or [(None, self.pick(["int", "int", "text"])) for _ in range(self.random.randint(1, 4))]
        star_ok = shape is None and not grouped
        merged = {c for c, _ in scope.merged}
        names = [c for _, c, _ in scope.columns() if c not in merged] + sorted(merged)
        if star_ok and self.chance(0.25) and len(set(names)) == len(names):
            if self.chance(0.5) and scope.relations[0].qualifiable:
                relation = self.pick(scope.relations)
                star, cols = f"{relation.alias}.*", list(relation.columns)
                form = self.star_forms(relation, cols) if self.is_("duckdb") and self.chance(0.4) and len(scope.relations) == 1 else None
                if form and form[1]:
                    star, cols = form
            else:
                star, cols = "*", [(c, t) for _, c, t in scope.columns() if c not in merged] + list(scope.merged)
            if self.is_("duckdb") and len(cols) > 1 and "." not in star.replace(".*", "") and star.endswith("*") and self.chance(0.5) and not merged:
                gone = self.pick(cols)
                cols = [c for c in cols if c != gone]
                star += f" EXCLUDE ({gone[0]})"
                if self.chance(0.5):
                    index = self.random.randrange(len(cols))
                    star += f" REPLACE ({self.value(scope, cols[index][1], 1)} AS {cols[index][0]})"
            items.append(star)
            columns += cols
            taken |= {c for c, _ in cols}
            wanted = wanted[1:]
        for wanted_name, kind in wanted:
            if grouped:
                if self.chance(0.5) or (group and self.chance(0.1)):
                    expr = self.value(Scope(scope.relations), kind, 1)
                    if expr[0] not in "'012345":
                        group.append((expr, len(items) + 1))
                else:
                    expr = self.aggregate(scope, kind)
            elif self.chance(0.2):
                expr = self.window(scope, kind)
            else:
                expr = self.value(scope, kind, 2)
            bare = expr.split(".")[-1] if expr.replace(".", "").replace("_", "").isalnum() and not expr[0].isdigit() else None
            if bare and bare not in taken and self.chance(0.5) and wanted_name is None and "'" not in expr:
                items.append(expr)
                taken.add(bare)
                columns.append((bare, kind))
            else:
                name = wanted_name if wanted_name and wanted_name not in taken else self.name(taken)
                taken.add(name)
                items.append(f"{expr} AS {name}")
                columns.append((name, kind))
        # Aliases where some engines see them, and others see a column of that name or nothing at all.
        named = [(c, t) for c, t in columns if t == "int" and " AS " in " ".join(items)]
        alias_use = named and self.chance(0.25)
        if alias_use and not grouped and self.is_("duckdb") and shape is None:
            alias, _ = self.pick(named)
            name = self.name(taken)
            items.append(f"{alias} + {self.number()} AS {name}")
            columns.append((name, "int"))
        distinct = ""
        if not grouped and self.chance(0.12):
            distinct = "DISTINCT "
        out = f"SELECT {distinct}{', '.join(items)} FROM {sql}"
        if self.chance(0.45):
            out += f" WHERE {self.test(scope, 1)}"
            if alias_use and not grouped and self.chance(0.3) and self.is_("duckdb", "sqlite"):
                out += f" AND {self.pick(named)[0]} > {self.number()}"
        if grouped:
            if group:
                keys = [str(n) if self.chance(0.3) else e for e, n in group]
                if alias_use and self.chance(0.6):
                    # By alias: another column of that name may be meant.
                    keys = [items[n - 1].rsplit(" AS ", 1)[-1] if " AS " in items[n - 1] and self.chance(0.7) else k for k, (_, n) in zip(keys, group)]
                if self.chance(0.15) and self.is_("postgres", "duckdb"):
                    sets = [f"({', '.join(self.random.sample(keys, self.random.randint(0, len(keys))))})" for _ in range(2)]
                    out += f" GROUP BY GROUPING SETS (({', '.join(keys)}), {', '.join(sets)})"
                elif self.chance(0.1) and self.is_("mariadb"):
                    out += f" GROUP BY {', '.join(keys)} WITH ROLLUP"
                elif self.chance(0.15) and self.is_("postgres", "duckdb"):
                    out += f" GROUP BY {self.pick(['ROLLUP', 'CUBE'])} ({', '.join(keys)})"
                elif self.chance(0.2) and self.is_("duckdb"):
                    out += " GROUP BY ALL"
                else:
                    out += f" GROUP BY {', '.join(keys)}"
            if alias_use and self.chance(0.6):
                out += f" HAVING {self.pick(named)[0]} {self.pick(['>', '<', '<>'])} {self.number()}"
            elif self.chance(0.3):
                out += f" HAVING {self.aggregate(scope, 'int')} {self.pick(['>', '<', '='])} {self.number()}"
        elif self.is_("duckdb") and self.chance(0.12) and not distinct:
            out += f" QUALIFY {self.window(scope, 'int')} {self.pick(['=', '<', '>'])} {self.number()}"
        if shape is None and self.chance(0.15) and columns:
            keys = [str(i + 1) for i in range(len(columns))]
            self.random.shuffle(keys)
            if self.chance(0.4) and not grouped and not distinct:
                keys.insert(0, self.value(Scope(scope.relations), "int", 1))
                if keys[0].isdigit() or keys[0][0] == "'":
                    keys.pop(0)
            if alias_use and self.chance(0.5):
                alias = self.pick(named)[0]
                keys.insert(0, alias if self.chance(0.5) else f"{alias} * -1")
            limit = f" LIMIT {self.random.randint(1, 4)}" + (" OFFSET 1" if self.chance(0.3) else "")
            out = f"SELECT * FROM ({out} ORDER BY {', '.join(keys)}{limit}) AS {self.alias()}"
        return out, columns
