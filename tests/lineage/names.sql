-- Which column a name means.

-- case: a rename through a CTE
-- dialect: all
-- table: orders(id, amount)
with o as (select id as order_id, amount from orders)
select order_id, amount as total from o
--> select exact
--> 1 order_id = orders.id identity
--> 2 total = orders.amount identity
--> rows = nothing

-- case: one relation without a schema can own every name
-- dialect: postgres, bigquery, trino, tsql
select a, t.b from t
--> select exact
--> 1 a = t.a identity
--> 2 b = t.b identity
--> rows = nothing

-- case: two relations without schemas leave an unqualified name open
-- dialect: postgres, snowflake
select a, x.b from x join y on x.id = y.id
--> select candidates
--> 1 a = x.a identity, y.a identity [candidates]
--> 2 b = x.b identity
--> rows = x.id join, y.id join
--> ! ambiguous_column: a

-- case: a known relation that has the name wins over one that is unknown
-- dialect: postgres
-- table: x(id, a)
select a from x join y on x.id = y.id
--> select exact
--> 1 a = x.a identity
--> rows = x.id join, y.id join

-- case: a complete schema without the name leaves the other relation
-- dialect: postgres
-- table: x(id, b)
select a from x join y on x.id = y.id
--> select exact
--> 1 a = y.a identity
--> rows = x.id join, y.id join

-- case: a name that two known relations have is ambiguous
-- dialect: postgres
-- table: x(id, a)
-- table: y(id, a)
select a from x join y on x.id = y.id
--> select candidates
--> 1 a = x.a identity, y.a identity [candidates]
--> rows = x.id join, y.id join
--> ! ambiguous_column: a

-- case: a name that no known relation has
-- dialect: postgres
-- table: x(id, a)
select nope from x
--> select unknown
--> 1 nope = nothing [unknown]
--> rows = nothing
--> ! unresolved_column: nope

-- case: quoted names are exact where the dialect says so
-- dialect: postgres
-- table: t(Id, id)
select "Id", id, ID from t
--> select exact
--> 1 Id = t.Id identity
--> 2 id = t.id identity
--> 3 id = t.id identity
--> rows = nothing

-- case: quoted names are insensitive in DuckDB and Trino
-- dialect: duckdb, trino
-- table: t(id)
select "ID" as a, Id as b from T
--> select exact
--> 1 a = t.id identity
--> 2 b = t.id identity
--> rows = nothing

-- case: snowflake folds to upper case
-- dialect: snowflake
-- table: T(ID, AMOUNT)
select Id, "ID" as quoted, amount from t
--> select exact
--> 1 id = t.id identity
--> 2 quoted = t.id identity
--> 3 amount = t.amount identity
--> rows = nothing

-- case: a later alias sees an earlier one from left to right
-- dialect: snowflake, databricks, duckdb, redshift
-- table: t(a)
select a + 1 as b, b * 2 as c from t
--> select exact
--> 1 b = t.a transformation
--> 2 c = t.a transformation
--> rows = nothing

-- case: the FROM column wins over the alias
-- dialect: snowflake, databricks, duckdb, redshift
-- table: t(a, b)
select a + 1 as b, b * 2 as c from t
--> select exact
--> 1 b = t.a transformation
--> 2 c = t.b transformation
--> rows = nothing

-- case: the alias wins in ClickHouse
-- dialect: clickhouse
-- table: t(a, b)
select a + 1 as b, b * 2 as c from t
--> select exact
--> 1 b = t.a transformation
--> 2 c = t.a transformation
--> rows = nothing

-- case: aliases are not seen inside the list
-- dialect: postgres, trino, tsql, mysql, bigquery
-- table: t(a, b)
select a + 1 as b, b * 2 as c from t
--> select exact
--> 1 b = t.a transformation
--> 2 c = t.b transformation
--> rows = nothing

-- case: an alias in WHERE
-- dialect: snowflake, duckdb, sqlite
-- table: t(a)
select a + 1 as b from t where b > 3
--> select exact
--> 1 b = t.a transformation
--> rows = t.a filter

-- case: an alias or a column of an unknown relation
-- dialect: snowflake
select x + 1 as b, b * 2 as c from t
--> select candidates
--> 1 b = t.x transformation
--> 2 c = t.b transformation, t.x transformation [candidates]
--> rows = nothing
--> ! ambiguous_column: b

-- case: GROUP BY takes the input column first
-- dialect: postgres, snowflake, databricks, redshift
-- table: t(created_at, month, v)
select date_trunc('month', created_at) as month, sum(v) as v from t group by month
--> select exact
--> 1 month = t.created_at transformation
--> 2 v = t.v aggregation
--> rows = t.month group_by

-- case: GROUP BY by alias, and a date part that looks like it
-- dialect: bigquery
-- table: t(created_at, v)
select date_trunc(created_at, month) as month, sum(v) as total from t group by month
--> select exact
--> 1 month = t.created_at transformation
--> 2 total = t.v aggregation
--> rows = t.created_at group_by

-- case: a word where a date part should be is a column when it is none
-- dialect: bigquery
-- table: t(created_at)
select date_trunc('month', created_at) as x from t
--> select exact
--> 1 x = t.created_at transformation
--> rows = nothing

-- case: GROUP BY by alias when there is no such column
-- dialect: postgres, snowflake, databricks, redshift, duckdb
-- table: t(created_at, v)
select date_trunc('month', created_at) as month, sum(v) as total from t group by month
--> select exact
--> 1 month = t.created_at transformation
--> 2 total = t.v aggregation
--> rows = t.created_at group_by

-- case: ORDER BY takes the output column first
-- dialect: postgres, snowflake, duckdb, bigquery
-- table: t(a, b)
select a as b from t order by b
--> select exact
--> 1 b = t.a identity
--> rows = t.a sort

-- case: a correlated name goes outwards when the inner block has none
-- dialect: all
-- table: t(a, k)
-- table: u(b, k2)
select a, (select max(b) from u where k2 = k) as m from t
--> select exact
--> 1 a = t.a identity
--> 2 m = u.b aggregation | t.k filter, u.k2 filter
--> rows = nothing

-- case: the inner block wins over the outer
-- dialect: all
-- table: t(a, k)
-- table: u(b, k)
select a, (select max(b) from u where k = t.k) as m from t
--> select exact
--> 1 a = t.a identity
--> 2 m = u.b aggregation | t.k filter, u.k filter
--> rows = nothing

-- case: a table name qualifies without an alias, and the alias hides it
-- dialect: postgres, snowflake
-- table: raw.orders(id)
select orders.id from raw.orders
--> select exact
--> 1 id = raw.orders.id identity
--> rows = nothing

-- case: a schema-qualified column
-- dialect: postgres, tsql
-- table: raw.orders(id)
select raw.orders.id from raw.orders
--> select exact
--> 1 id = raw.orders.id identity
--> rows = nothing

-- case: SQLite takes an unresolvable quoted name as a string
-- dialect: sqlite
-- table: t(a)
select "a" as x, "b" as y from t
--> select exact
--> 1 x = t.a identity
--> 2 y = nothing
--> rows = nothing

-- case: T-SQL names a column with =
-- dialect: tsql
-- table: t(a)
select x = a + 1 from t
--> select exact
--> 1 x = t.a transformation
--> rows = nothing

-- case: duplicate output names are kept apart by ordinal
-- dialect: all
-- table: t(a, b)
select a as x, b as x from t
--> select exact
--> 1 x = t.a identity
--> 2 x = t.b identity
--> rows = nothing

-- case: the whole row
-- dialect: postgres, bigquery
-- table: t(a, b)
select t as whole_row from t
--> select exact
--> 1 whole_row = t.a identity, t.b identity
--> rows = nothing

-- case: positional columns
-- dialect: snowflake
-- table: t(a, b)
select $1 as first_column, t.$2 as second_column from t
--> select exact
--> 1 first_column = t.a identity
--> 2 second_column = t.b identity
--> rows = nothing

-- case: PostgreSQL looks for a column in the outer blocks before it thinks of a row
-- dialect: postgres
-- table: t(u,a)
-- table: u(x,y)
select (select max(u) from u) as m from t
--> select exact
--> 1 m = t.u aggregation
--> rows = nothing

-- case: DuckDB thinks of the row first
-- dialect: duckdb
-- table: t(u,a)
-- table: u(x,y)
select (select max(u) from u) as m from t
--> select exact
--> 1 m = u.x aggregation, u.y aggregation
--> rows = nothing

-- case: no rows as values in these
-- dialect: snowflake,tsql,trino,mysql,sqlite,databricks,clickhouse
-- table: t(a,b)
select t from t
--> select unknown
--> 1 t = nothing [unknown]
--> rows = nothing
--> ! unresolved_column: t

-- case: a row, or a column of a table that is not known
-- dialect: postgres,duckdb
select row_to_json(t) as j from t
--> select unknown
--> 1 j = t.* transformation, t.t transformation [unknown]
--> rows = nothing
--> ! ambiguous_column: t

-- case: BigQuery: a relation and a column of one name
-- dialect: bigquery
-- table: d(d int64, e int64)
select d from d
--> select candidates
--> 1 d = d.d identity, d.e identity [candidates]
--> rows = nothing
--> ! ambiguous_column: d

-- case: a field of JSON is not the value itself
-- dialect: bigquery
-- table: t(j json, s struct<a int64>)
select j.a.b, s.a from t
--> select exact
--> 1 b = t.j.a.b transformation
--> 2 a = t.s.a identity
--> rows = nothing

-- case: words that are no columns unless they are quoted
-- dialect: postgres
-- table: t(user,current_date,system_user)
select user, "user" as u, current_date as d, system_user as s from t
--> select exact
--> 1 user = nothing
--> 2 u = t.user identity
--> 3 d = nothing
--> 4 s = t.system_user identity
--> rows = nothing

-- case: MySQL's are fewer
-- dialect: mysql,mariadb
-- table: t(user,current_date)
select user, current_date as d from t
--> select exact
--> 1 user = t.user identity
--> 2 d = nothing
--> rows = nothing

-- case: in DuckDB and Spark columns of these names win
-- dialect: duckdb,databricks,spark
-- table: t(user,current_date)
select user, current_date from t
--> select exact
--> 1 user = t.user identity
--> 2 current_date = t.current_date identity
--> rows = nothing

-- case: names that DuckDB makes of an expression and that are not known here are not exact
-- dialect: duckdb
-- table: t(a varchar, d date)
select trim(a), a || 'x', extract(year from d) as y, c.* from t, (select exists (select 1) from t) as c
--> select candidates
--> 1 trim(a) = t.a transformation [candidates]
--> 2 (a || 'x') = t.a transformation
--> 3 y = t.d transformation
--> 4 exists (select 1) = nothing [candidates]
--> rows = nothing
