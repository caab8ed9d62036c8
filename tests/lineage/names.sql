-- Which column a name means.

-- case: a rename through a CTE
-- dialect: all
-- table: orders(id, amount)
with o as (select id as order_id, amount from orders)
select order_id, amount as total from o

-- case: one relation without a schema can own every name
-- dialect: postgres, bigquery, trino, tsql
select a, t.b from t

-- case: two relations without schemas leave an unqualified name open
-- dialect: postgres, snowflake
select a, x.b from x join y on x.id = y.id

-- case: a known relation that has the name wins over one that is unknown
-- dialect: postgres
-- table: x(id, a)
select a from x join y on x.id = y.id

-- case: a complete schema without the name leaves the other relation
-- dialect: postgres
-- table: x(id, b)
select a from x join y on x.id = y.id

-- case: a name that two known relations have is ambiguous
-- dialect: postgres
-- table: x(id, a)
-- table: y(id, a)
select a from x join y on x.id = y.id

-- case: a name that no known relation has
-- dialect: postgres
-- table: x(id, a)
select nope from x

-- case: quoted names are exact where the dialect says so
-- dialect: postgres
-- table: t(Id, id)
select "Id", id, ID from t

-- case: quoted names are insensitive in DuckDB and Trino
-- dialect: duckdb, trino
-- table: t(id)
select "ID" as a, Id as b from T

-- case: snowflake folds to upper case
-- dialect: snowflake
-- table: T(ID, AMOUNT)
select Id, "ID" as quoted, amount from t

-- case: a later alias sees an earlier one from left to right
-- dialect: snowflake, databricks, duckdb, redshift
-- table: t(a)
select a + 1 as b, b * 2 as c from t

-- case: the FROM column wins over the alias
-- dialect: snowflake, databricks, duckdb, redshift
-- table: t(a, b)
select a + 1 as b, b * 2 as c from t

-- case: the alias wins in ClickHouse
-- dialect: clickhouse
-- table: t(a, b)
select a + 1 as b, b * 2 as c from t

-- case: aliases are not seen inside the list
-- dialect: postgres, trino, tsql, mysql, bigquery
-- table: t(a, b)
select a + 1 as b, b * 2 as c from t

-- case: an alias in WHERE
-- dialect: snowflake, duckdb, sqlite
-- table: t(a)
select a + 1 as b from t where b > 3

-- case: an alias or a column of an unknown relation
-- dialect: snowflake
select x + 1 as b, b * 2 as c from t

-- case: GROUP BY takes the input column first
-- dialect: postgres, snowflake, databricks, redshift
-- table: t(created_at, month, v)
select date_trunc('month', created_at) as month, sum(v) as v from t group by month

-- case: GROUP BY by alias when there is no such column
-- dialect: postgres, snowflake, databricks, redshift, bigquery, duckdb, mysql
-- table: t(created_at, v)
select date_trunc('month', created_at) as month, sum(v) as total from t group by month

-- case: ORDER BY takes the output column first
-- dialect: postgres, snowflake, duckdb, bigquery
-- table: t(a, b)
select a as b from t order by b

-- case: a correlated name goes outwards when the inner block has none
-- dialect: all
-- table: t(a, k)
-- table: u(b, k2)
select a, (select max(b) from u where k2 = k) as m from t

-- case: the inner block wins over the outer
-- dialect: all
-- table: t(a, k)
-- table: u(b, k)
select a, (select max(b) from u where k = t.k) as m from t

-- case: a table name qualifies without an alias, and the alias hides it
-- dialect: postgres, snowflake
-- table: raw.orders(id)
select orders.id from raw.orders

-- case: a schema-qualified column
-- dialect: postgres, tsql
-- table: raw.orders(id)
select raw.orders.id from raw.orders

-- case: SQLite takes an unresolvable quoted name as a string
-- dialect: sqlite
-- table: t(a)
select "a" as x, "b" as y from t

-- case: T-SQL names a column with =
-- dialect: tsql
-- table: t(a)
select x = a + 1 from t

-- case: duplicate output names are kept apart by ordinal
-- dialect: all
-- table: t(a, b)
select a as x, b as x from t

-- case: the whole row
-- dialect: postgres, bigquery
-- table: t(a, b)
select t as whole_row from t

-- case: positional columns
-- dialect: snowflake
-- table: t(a, b)
select $1 as first_column, t.$2 as second_column from t
