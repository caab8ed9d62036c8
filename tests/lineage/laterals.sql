-- Relations made from values of their left siblings.

-- case: FLATTEN
-- dialect: snowflake
-- table: t(id, items)
select t.id, f.value:sku::string as sku, f.index as i from t, lateral flatten(input => t.items) f

-- case: UNNEST of BigQuery
-- dialect: bigquery
-- table: t(id, items array<struct<sku string, qty int64>>)
select id, item.sku, item.qty from t, unnest(items) as item

-- case: UNNEST with offset
-- dialect: bigquery
-- table: t(id, xs array<int64>)
select id, x, pos from t cross join unnest(xs) as x with offset as pos

-- case: UNNEST of Postgres, DuckDB and Trino
-- dialect: postgres, duckdb, trino
-- table: t(id, xs)
select t.id, u.x from t cross join unnest(t.xs) as u(x)

-- case: LATERAL VIEW
-- dialect: databricks, spark
-- table: t(id, xs)
select id, x from t lateral view explode(xs) v as x

-- case: LATERAL VIEW posexplode
-- dialect: databricks
-- table: t(id, xs)
select id, p, x from t lateral view posexplode(xs) v as p, x

-- case: explode in the SELECT list
-- dialect: databricks, spark
-- table: t(id, xs)
select id, explode(xs) as x from t

-- case: LATERAL subquery
-- dialect: postgres, snowflake, duckdb, databricks
-- table: t(id, k)
-- table: u(k, v)
select t.id, l.m from t, lateral (select max(v) as m from u where u.k = t.k) l

-- case: CROSS APPLY
-- dialect: tsql
-- table: t(id, k)
-- table: u(k, v)
select t.id, l.v from t cross apply (select top 1 v from u where u.k = t.k order by v) l

-- case: ARRAY JOIN rebinds the name
-- dialect: clickhouse
-- table: t(id, xs)
select id, xs from t array join xs

-- case: ARRAY JOIN with an alias
-- dialect: clickhouse
-- table: t(id, xs)
select id, x, xs from t array join xs as x

-- case: generate_series
-- dialect: postgres, duckdb
select g.n from generate_series(1, 10) as g(n)

-- case: JSON_TABLE
-- dialect: mysql
-- table: t(id, doc)
select t.id, j.x from t, json_table(t.doc, '$[*]' columns (x int path '$.x')) as j

-- case: OPENJSON
-- dialect: tsql
-- table: t(id, doc)
select t.id, j.name from t cross apply openjson(t.doc) with (name nvarchar(50) '$.name') as j

-- case: PIVOT
-- dialect: snowflake, databricks, tsql
-- table: t(id, kind, amount)
select * from t pivot (sum(amount) for kind in ('a', 'b')) as p

-- case: PIVOT of BigQuery names its columns
-- dialect: bigquery
-- table: t(id, kind, amount)
select * from t pivot (sum(amount) as s for kind in ('a' as x, 'b' as y))

-- case: UNPIVOT
-- dialect: snowflake, bigquery, databricks, tsql
-- table: t(id, jan, feb)
select * from t unpivot (v for month in (jan, feb)) as u

-- case: MATCH_RECOGNIZE gives partition columns and measures
-- dialect: snowflake, trino
-- table: t(id, ts, price)
select * from t match_recognize (
  partition by id order by ts
  measures last(price) as last_price
  one row per match
  pattern (a b+)
  define b as b.price > a.price
) m
