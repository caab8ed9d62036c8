"""What the engines have beyond the common ground: more values, tests, relations and queries for generate.Generator.

Each answers in one way only, as generate.py demands. A method gives None where the dialect or the scope has nothing for it.
"""


class Constructs:
    whole_rows = True  # relations as values

    # --- values
    def wider_values(self, scope, kind, depth):
        """Strings, dates, comparing and CASE in forms that are rarely met."""
        v = lambda k=kind: self.value(scope, k, depth)
        text = lambda: v("text")
        number = lambda: v("int")
        test = lambda: self.test(scope, max(depth - 1, 0))
        day = self.day(number)
        choices = [lambda: f"CASE WHEN {test()} THEN {v()} WHEN {test()} THEN {v()} END"]
        if kind == "text":
            choices += [
                lambda: f"lower({text()})",
                lambda: f"substr({text()}, {self.random.randint(1, 2)}, {self.random.randint(1, 2)})",
                lambda: f"{self.pick(['trim', 'ltrim', 'rtrim'])}({text()})",
                lambda: f"replace({text()}, {text()}, {self.word()})",
            ]
            if not self.is_("sqlite"):
                choices += [
                    lambda: f"{self.pick(['left', 'right'])}({text()}, {self.random.randint(0, 2)})",
                    lambda: f"{self.pick(['lpad', 'rpad'])}({text()}, {self.random.randint(1, 4)}, 'x')",
                    lambda: f"reverse({text()})",
                    lambda: f"repeat({text()}, {self.random.randint(0, 2)})",
                    lambda: f"concat_ws({self.word()}, {text()}, {text()})",
                ]
            if self.is_("postgres", "mariadb"):
                choices.append(lambda: f"trim({self.pick(['LEADING', 'TRAILING', 'BOTH'])} {self.word()} FROM {text()})")
            if self.is_("postgres"):
                choices += [
                    lambda: f"split_part({text()}, 'b', {self.random.randint(1, 2)})",
                    lambda: f"regexp_replace({text()}, '[ab]', {self.word()}, 'g')",
                    lambda: f"overlay({text()} PLACING 'z' FROM 1 FOR {self.random.randint(0, 1)})",
                    lambda: f"to_char({day}, '{self.pick(['YYYY-MM', 'YYYY-mm-DD', 'Mon'])}')",
                    lambda: f"({text()} COLLATE \"C\")",
                ]
            if self.is_("mariadb"):
                choices += [
                    lambda: f"date_format({day}, '{self.pick(['%Y', '%m', '%M'])}')",
                    lambda: f"ELT({number()}, {text()}, {text()})",
                    lambda: f"substring_index({text()}, 'b', {self.pick(['1', '-1'])})",
                    lambda: f"INSERT({text()}, 1, {self.random.randint(0, 1)}, 'z')",
                ]
            if self.is_("duckdb"):
                choices += [
                    lambda: f"strftime({day}, '{self.pick(['%Y', '%m', '%M'])}')",
                    lambda: f"split_part({text()}, 'b', 1)",
                    lambda: f"({text()})[{self.random.randint(1, 2)}:{self.random.randint(1, 2)}]",
                ]
            if self.is_("sqlite"):
                choices += [
                    lambda: f"strftime('{self.pick(['%Y', '%m', '%M'])}', '2024-01-01', '+' || {number()} || ' {self.pick(['days', 'months'])}')",
                    lambda: f"trim({text()}, {text()})",
                    lambda: f"({text()} COLLATE NOCASE)",
                ]
        else:
            choices += [
                lambda: f"({number()} * {number()})",
                lambda: f"({number()} % {self.random.randint(2, 3)})",
                lambda: f"sign({number()} - {number()})",
                lambda: f"CASE WHEN {test()} THEN {number()} END",
                lambda: f"CASE WHEN {test()} IS NULL THEN {number()} ELSE {number()} END",
            ]
            if self.is_("postgres"):
                choices += [
                    lambda: f"extract({self.pick(['day', 'month', 'dow', 'epoch'])} FROM {day})::int",
                    lambda: f"extract(day FROM date_trunc('{self.pick(['month', 'week'])}', {day}))::int",
                    lambda: f"position({text()} IN {text()})",
                    lambda: f"({test()})::int",
                    lambda: f"num_nulls({number()}, {text()})",
                    lambda: f"(ARRAY[{number()}, {number()}, {number()}])[{self.random.randint(1, 3)}]",
                    lambda: f"cardinality(ARRAY[{number()}, 2] || {number()})",
                ]
            if self.is_("mariadb"):
                choices += [
                    lambda: f"EXTRACT({self.pick(['DAY', 'MONTH', 'YEAR'])} FROM {day})",
                    lambda: f"DATEDIFF({day}, DATE '2024-01-03')",
                    lambda: f"locate({text()}, {text()})",
                    lambda: f"FIELD({number()}, {number()}, {number()})",
                    lambda: f"({number()} DIV 2)",
                    lambda: f"({number()} {self.pick(['&', '|', '^'])} {number()})",
                    lambda: f"(NOT ({number()}))",
                    lambda: f"({number()} XOR {number()})",
                    lambda: f"({text()} {self.pick(['REGEXP', 'NOT REGEXP'])} '[ab]')",
                    lambda: f"({test()})",
                ]
            if self.is_("duckdb"):
                choices += [
                    lambda: f"date_part('{self.pick(['day', 'month', 'dow'])}', {day})",
                    lambda: f"date_diff('{self.pick(['day', 'month'])}', DATE '2024-01-30', {day})",
                    lambda: f"({number()} // 2)",
                    lambda: f"strpos({text()}, {text()})",
                    lambda: f"({test()})::int",
                ]
            if self.is_("sqlite"):
                choices += [
                    lambda: f"instr({text()}, {text()})",
                    lambda: f"({test()})",
                    lambda: f"({text()} GLOB '[ab]*')",
                    lambda: f"({text()} = {text()} COLLATE NOCASE)",
                    lambda: f"({number()} IS NOT {number()})",
                ]
        return choices

    def day(self, number):
        """A date some days or months behind one that is known."""
        unit = self.pick(["day", "month"])
        if self.is_("mariadb"):
            return f"{self.pick(['DATE_ADD', 'DATE_SUB'])}(DATE '2024-01-30', INTERVAL {number()} {unit.upper()})"
        if self.is_("postgres"):
            return self.pick([f"(DATE '2024-01-30' + {number()})", f"(DATE '2024-01-30' + {number()} * INTERVAL '1 {unit}')"])
        return f"(DATE '2024-01-30' + INTERVAL ({number()}) {unit})"

    def more_values(self, scope, kind, depth):
        v = lambda k=kind: self.value(scope, k, depth)
        choices = []
        if self.is_("postgres"):
            choices += [
                lambda: f"greatest({v()}, {v()})",
                lambda: f"(SELECT q.z FROM (VALUES ({v()}, 1), ({v()}, 2)) AS q (z, o) ORDER BY o LIMIT 1)",
                lambda: f"(jsonb_build_object('p', {v()}, 'q', {v()}) ->> 'p'){'::int' if kind == 'int' else ''}",
                lambda: f"(ROW({v('int')}, {v('text')}) IS NULL)::int" if kind == "int" else f"concat({v()}, {v()})",
            ]
        if self.is_("duckdb"):
            choices += [
                lambda: f"least({v()}, {v()})",
                lambda: f"list_extract([{v()}, {v()}], 2)",
                lambda: f"[z for z in [{v()}, {v()}] if z IS NOT NULL][1]",
                lambda: f"map {{'k': {v()}}}['k']",
                lambda: f"(SELECT q.z FROM (VALUES ({v()}, 1), ({v()}, 2)) AS q (z, o) ORDER BY o LIMIT 1)",
                lambda: f"TRY_CAST({v('text')} AS INT)" if kind == "int" else f"concat_ws('-', {v()}, {v('int')})",
            ]
        if self.is_("sqlite"):
            choices += [
                lambda: f"max({v()}, {v()})" if kind == "int" else f"printf('%s.%s', {v()}, {v('int')})",
                lambda: f"({v('int')} IS {v('int')})" if kind == "int" else f"substr({v()}, {v('int')})",
            ]
        if self.is_("mariadb"):
            choices += [
                lambda: f"greatest({v()}, {v()})",
                lambda: f"({v('int')} <=> {v('int')})" if kind == "int" else f"concat({v()}, {v()})",
                lambda: f"nvl2({v('int')}, {v()}, {v()})",
            ]
        choices += self.wider_values(scope, kind, depth)
        row = self.whole_row(scope)
        if row and kind == "text" and self.is_("postgres", "duckdb"):
            choices.append(lambda: f"CAST({row} AS VARCHAR)")
        return choices

    def whole_row(self, scope):
        """A relation whose name no column in sight bears."""
        if not self.whole_rows:
            return None
        columns = set()
        at = scope
        while at is not None:
            columns |= {c for _, c, _ in at.columns()}
            at = at.outer
        names = [r.alias for r in scope.relations if r.qualifiable and r.alias not in columns]
        return self.pick(names) if names else None

    def more_tests(self, scope, depth):
        v = lambda k="int": self.value(scope, k, max(depth - 1, 0))
        choices = [lambda: f"({self.test(scope, 0)}) {self.pick(['IS TRUE', 'IS NOT TRUE', 'IS FALSE', 'IS NOT FALSE'])}"]
        if self.is_("mariadb"):
            choices += [lambda: f"{v()} <=> {v()}", lambda: f"NOT {v('text')} <=> {v('text')}", lambda: f"({v()}, {v()}) = ({v()}, {v()})"]
        if self.is_("postgres", "duckdb"):
            choices += [
                lambda: f"{v('text')} {self.pick(['ILIKE', 'NOT ILIKE', 'SIMILAR TO'])} '{self.pick(['A%', '%b', 'x'])}'",
                lambda: f"{v()} IS NOT DISTINCT FROM {v()}",
            ]
        if self.is_("postgres"):
            choices += [
                lambda: f"{v('text')} {self.pick(['~', '~*', '!~'])} '[AB]'",
                lambda: f"{v()} BETWEEN SYMMETRIC {v()} AND {v()}",
                lambda: f"{v('text')} LIKE ANY (ARRAY['a%', {v('text')}])",
                lambda: f"({v()}, {v()}) IS DISTINCT FROM ({v()}, {v()})",
            ]
        if self.is_("sqlite"):
            choices += [lambda: f"{v()} IS NOT {v()}", lambda: f"{v('text')} GLOB 'a*'", lambda: f"({v()}, {v()}) < ({v()}, {v()})"]
        if depth > 0 and self.is_("postgres", "mariadb", "duckdb"):
            choices += [
                lambda: f"{v()} {self.pick(['=', '<', '>='])} {self.pick(['ANY', 'ALL'])} ({self.inner_select(scope, 'int', depth - 1)})",
                lambda: f"({v()}, {v()}) IN ({self.inner_pair(scope, depth - 1)})",
            ]
        if self.is_("postgres", "duckdb"):
            choices.append(lambda: f"{v()} = ANY ({self.array()}[{v()}, {v()}])")
        if self.is_("postgres"):
            choices.append(lambda: f"({v()}, {v()}) < ({v()}, {v()})")
        return choices

    def inner_pair(self, outer, depth):
        sql, scope = self.source(depth, outer=outer, small=True)
        return f"SELECT {self.value(scope, 'int', depth)}, {self.value(scope, 'int', depth)} FROM {sql} WHERE {self.test(scope, depth)}"

    # --- aggregates and windows
    def more_aggregates(self, own, kind):
        v = lambda k=kind: self.value(own, k, 1)
        choices = []
        if self.is_("postgres", "duckdb") and kind == "int":
            choices += [
                lambda: f"count(*) FILTER (WHERE {self.test(own, 0)})",
                lambda: f"bool_or({self.test(own, 0)})::int",
                lambda: f"(array_agg({v()} ORDER BY {self.total_order(own)}))[1]" if self.total_order(own) else f"max({v()})",
                lambda: f"mode() WITHIN GROUP (ORDER BY {v()})" if self.is_("none") else f"min({v()})",
            ]
        if self.is_("duckdb"):
            choices += [
                lambda: f"arg_max({v()}, struct_pack(o := {v('int')}, {self.all_named(own)}))" if self.all_named(own) else f"max({v()})",
                lambda: f"list({v()} ORDER BY {self.total_order(own)})[1]" if self.total_order(own) else f"max({v()})",
            ]
        if self.is_("postgres"):
            choices += [
                lambda: f"string_agg(DISTINCT {v('text')}, {self.word()})" if kind == "text" else f"count(DISTINCT {v()}) FILTER (WHERE {self.test(own, 0)})",
                lambda: f"max({v()}) FILTER (WHERE {self.test(own, 0)})",
                lambda: f"(array_agg(DISTINCT {v()}))[{self.random.randint(1, 2)}]",
                lambda: f"max({v()}) FILTER (WHERE {self.test(own, 0)} AND {self.test(own, 0)})",
            ]
        if self.is_("postgres", "duckdb") and kind == "int":
            choices += [
                lambda: f"bool_and({self.test(own, 0)})::int",
                lambda: f"percentile_disc(0.{self.random.randint(1, 9)}) WITHIN GROUP (ORDER BY {v()} {self.pick(['DESC', 'ASC'])})",
            ]
        if self.is_("mariadb"):
            choices += [
                lambda: f"group_concat(DISTINCT {v('text')} ORDER BY 1 DESC SEPARATOR {self.word()})" if kind == "text" else f"bit_or({v()})",
                lambda: f"count(DISTINCT {v('int')}, {v('text')})" if kind == "int" else f"max({v()})",
                lambda: f"CAST(sum({self.test(own, 0)}) AS SIGNED)" if kind == "int" else f"min({v()})",
            ]
        if self.is_("sqlite") and kind == "int":
            choices.append(lambda: f"total({v()})")
            choices.append(lambda: f"sum({self.test(own, 0)})")
            choices.append(lambda: f"max({v()}) FILTER (WHERE {self.test(own, 0)})")
        return choices

    def total_order(self, scope):
        if any(not r.qualifiable for r in scope.relations):
            return None
        return ", ".join(self.all_columns(scope))

    def all_named(self, scope):
        if any(not r.qualifiable for r in scope.relations):
            return None
        return ", ".join(f"z{i} := {c}" for i, c in enumerate(self.all_columns(scope)))

    def frame(self):
        return self.pick([
            "",
            " ROWS BETWEEN 1 PRECEDING AND CURRENT ROW",
            " ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
            " RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
            " ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING",
            " ROWS UNBOUNDED PRECEDING",
            " ROWS 1 PRECEDING",
        ] + ([] if self.is_("mariadb") else [
            " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW",
            " GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
            " RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING EXCLUDE TIES",
        ]))

    def framed_window(self, scope, kind):
        order = self.total_order(scope)
        if not order:
            return None
        own = type(scope)(scope.relations)
        v = lambda k=kind: self.value(own, k, 1)
        partition = f"PARTITION BY {v('int')} " if self.chance(0.6) else ""
        if kind == "int" and self.chance(0.3):
            return f"ntile(2) OVER ({partition}ORDER BY {order})"
        function = self.pick([f"max({v()})", f"min({v()})", f"last_value({v()})", f"nth_value({v()}, 2)"])
        return f"{function} OVER ({partition}ORDER BY {order}{self.frame()})"

    # --- relations
    def generated(self, outer, alias):
        """A relation made from values of its left siblings, with the word in front that it needs."""
        v = lambda: self.value(outer, "int", 1)
        if self.is_("postgres"):
            return self.pick([
                (f"CROSS JOIN LATERAL (VALUES ({v()}, {self.value(outer, 'text', 0)}), ({v()}, 'z')) AS {alias} (n, x)", [("n", "int"), ("x", "text")]),
                (f"CROSS JOIN LATERAL generate_series(1, {v()} % 4) AS {alias} (n)", [("n", "int")]),
                (f"CROSS JOIN LATERAL unnest(ARRAY[{v()}, {v()}]) AS {alias} (n)", [("n", "int")]),
                (f"LEFT JOIN LATERAL unnest(ARRAY[{v()}, {v()}]) WITH ORDINALITY AS {alias} (n, k) ON true", [("n", "int"), ("k", "int")]),
            ])
        return self.pick([
            (f"CROSS JOIN LATERAL (SELECT unnest([{v()}, {v()}]) AS n) AS {alias}", [("n", "int")]),
            (f", unnest([{v()}, {v()}]) AS {alias} (n)", [("n", "int")]),
            (f"CROSS JOIN LATERAL (SELECT {v()} AS n, {self.value(outer, 'text', 0)} AS x) AS {alias}", [("n", "int"), ("x", "text")]),
        ])

    def pivoted(self, alias, tables):
        """DuckDB: a pivot or its reverse over one table."""
        table = self.pick([t for t in tables if any(k == "text" for _, k in tables[t])])
        columns = tables[table]
        texts = [c for c, k in columns if k == "text"]
        ints = [c for c, k in columns if k == "int"]
        if self.chance(0.5):
            on, of = self.pick(texts), self.pick(ints)
            keys = [c for c, _ in columns if c not in (on, of)]
            groups = self.random.sample(keys, min(len(keys), self.random.randint(1, 2)))
            kinds = dict(columns)
            named = self.chance(0.5)
            using = f"{self.pick(['sum', 'max', 'count'])}({of})" + (" AS m" if named else "")
            out = [(g, kinds[g]) for g in groups] + [("a_m" if named else "a", "int"), ("b_m" if named else "b", "int")]
            return f"(PIVOT {table} ON {on} IN ('a', 'b') USING {using} GROUP BY {', '.join(groups)}) AS {alias}", out
        listed = self.random.sample(ints, 2)
        kept = [(c, k) for c, k in columns if c not in listed]
        nulls = self.pick(["", "INCLUDE NULLS "])
        return f"(SELECT * FROM {table} UNPIVOT {nulls}(val FOR col IN ({', '.join(listed)}))) AS {alias}", kept + [("col", "text"), ("val", "int")]

    # --- queries
    def set_operators(self):
        if self.is_("postgres", "duckdb", "mariadb"):
            return ["UNION ALL", "UNION", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL"]
        return ["UNION ALL", "UNION", "INTERSECT", "EXCEPT"]

    def by_name(self, depth):
        """DuckDB: branches that pair by name, the second in another order and with a column less or more."""
        first, columns = self.select(depth - 1)
        if len({c for c, _ in columns}) < len(columns):
            return first, columns
        shape = list(columns)
        self.random.shuffle(shape)
        if len(shape) > 1 and self.chance(0.5):
            shape.pop()
        second, _ = self.select(depth - 1, shape=shape)
        return f"{first} {self.pick(['UNION ALL', 'UNION'])} BY NAME {second}", columns

    def distinct_on(self, depth):
        """PostgreSQL and DuckDB: one row of each group, the first of a total order."""
        sql, scope = self.source(depth)
        order = self.total_order(scope)
        if not order:
            return self.select(depth)
        own = type(scope)(scope.relations)
        key = self.value(own, "int", 1)
        if key[0] in "'012345":
            return self.select(depth)
        items = [(self.value(own, kind, 1), name, kind) for kind, name in (("int", "p"), ("text", "q"))]
        listed = ", ".join(f"{e} AS {n}" for e, n, _ in items)
        return f"SELECT * FROM (SELECT DISTINCT ON ({key}) {listed} FROM {sql} ORDER BY {key}, {order}) AS {self.alias()}", [(n, k) for _, n, k in items]

    def multiplied(self, depth):
        """A function of the SELECT list that gives rows."""
        sql, scope = self.source(depth)
        own = type(scope)(scope.relations)
        v = lambda: self.value(own, "int", 1)
        function = f"unnest(ARRAY[{v()}, {v()}])" if self.is_("postgres") else f"unnest([{v()}, {v()}])"
        if self.is_("postgres") and self.chance(0.4):
            function = f"generate_series(1, {v()} % 4)"
        where = f" WHERE {self.test(scope, 1)}" if self.chance(0.4) else ""
        return f"SELECT {self.value(own, 'text', 1)} AS x, {function} AS n FROM {sql}{where}", [("x", "text"), ("n", "int")]

    def bare_columns(self, depth):
        """SQLite: columns outside of the aggregates, from the row of the maximum. A tie is no answer: the rows are made unlike."""
        table, alias = self.pick([("orders", "t"), ("customers", "t")])
        own = f"(SELECT *, row_number() OVER (ORDER BY id, k, {'status' if table == 'orders' else 'name'}, {'amount' if table == 'orders' else 'score'}, {'customer_id' if table == 'orders' else 'region'}) AS place FROM {table}) AS {alias}"
        value = "amount" if table == "orders" else "score"
        group = self.pick(["", " GROUP BY k"])
        return f"SELECT {alias}.id AS id, {self.pick(['max', 'min'])}({value} * 100 + place) AS n FROM {own}{group}", [("id", "int"), ("n", "int")]

    def star_forms(self, relation, columns):
        """DuckDB: a star with one of its modifiers, and what it gives."""
        names = [c for c, _ in columns]
        if len(set(names)) < len(names) or len(columns) < 2:
            return None
        star = f"{relation.alias}.*"
        gone = self.pick(columns)
        rest = [c for c in columns if c != gone]
        first = names[0]
        return self.pick([
            (f"{star} EXCLUDE ({relation.alias}.{gone[0]})", rest),
            (f"{star} RENAME ({gone[0]} AS zz)", [("zz", t) if c == gone[0] else (c, t) for c, t in columns]),
            (f"COLUMNS(lambda c: c <> '{gone[0]}' AND c IN ({', '.join(repr(n) for n in names)}))", rest),
            (f"{relation.alias}.* LIKE '{first[:1]}%'", [(c, t) for c, t in columns if c.startswith(first[:1])]),
        ])
