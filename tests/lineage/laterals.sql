-- Relations made from values of their left siblings.

-- case: FLATTEN
-- dialect: snowflake
-- table: t(id, items)
select t.id, f.value:sku::string as sku, f.index as i from t, lateral flatten(input => t.items) f
--> select exact
--> 1 id = t.id identity
--> 2 sku = t.items transformation
--> 3 i = t.items transformation
--> rows = t.items join

-- case: UNNEST of BigQuery
-- dialect: bigquery
-- table: t(id, items array<struct<sku string, qty int64>>)
select id, item.sku, item.qty from t, unnest(items) as item
--> select exact
--> 1 id = t.id identity
--> 2 sku = t.items.sku transformation
--> 3 qty = t.items.qty transformation
--> rows = t.items join

-- case: UNNEST with offset
-- dialect: bigquery
-- table: t(id, xs array<int64>)
select id, x, pos from t cross join unnest(xs) as x with offset as pos
--> select exact
--> 1 id = t.id identity
--> 2 x = t.xs transformation
--> 3 pos = t.xs transformation
--> rows = t.xs join

-- case: UNNEST of Postgres, DuckDB and Trino
-- dialect: postgres, duckdb, trino
-- table: t(id, xs)
select t.id, u.x from t cross join unnest(t.xs) as u(x)
--> select exact
--> 1 id = t.id identity
--> 2 x = t.xs transformation
--> rows = t.xs join

-- case: LATERAL VIEW
-- dialect: databricks, spark
-- table: t(id, xs)
select id, x from t lateral view explode(xs) v as x
--> select exact
--> 1 id = t.id identity
--> 2 x = t.xs transformation
--> rows = t.xs join

-- case: LATERAL VIEW posexplode
-- dialect: databricks
-- table: t(id, xs)
select id, p, x from t lateral view posexplode(xs) v as p, x
--> select exact
--> 1 id = t.id identity
--> 2 p = t.xs transformation
--> 3 x = t.xs transformation
--> rows = t.xs join

-- case: explode in the SELECT list
-- dialect: databricks, spark
-- table: t(id, xs)
select id, explode(xs) as x from t
--> select exact
--> 1 id = t.id identity
--> 2 x = t.xs transformation
--> rows = t.xs join

-- case: LATERAL subquery
-- dialect: postgres, snowflake, duckdb, databricks
-- table: t(id, k)
-- table: u(k, v)
select t.id, l.m from t, lateral (select max(v) as m from u where u.k = t.k) l
--> select exact
--> 1 id = t.id identity
--> 2 m = u.v aggregation
--> rows = t.k filter, u.k filter

-- case: CROSS APPLY
-- dialect: tsql
-- table: t(id, k)
-- table: u(k, v)
select t.id, l.v from t cross apply (select top 1 v from u where u.k = t.k order by v) l
--> select exact
--> 1 id = t.id identity
--> 2 v = u.v identity
--> rows = t.k filter, u.k filter, u.v filter

-- case: ARRAY JOIN rebinds the name
-- dialect: clickhouse
-- table: t(id, xs)
select id, xs from t array join xs
--> select exact
--> 1 id = t.id identity
--> 2 xs = t.xs transformation
--> rows = t.xs join

-- case: ARRAY JOIN with an alias
-- dialect: clickhouse
-- table: t(id, xs)
select id, x, xs from t array join xs as x
--> select exact
--> 1 id = t.id identity
--> 2 x = t.xs transformation
--> 3 xs = t.xs identity
--> rows = t.xs join

-- case: generate_series
-- dialect: postgres, duckdb
select g.n from generate_series(1, 10) as g(n)
--> select exact
--> 1 n = nothing
--> rows = nothing

-- case: JSON_TABLE
-- dialect: mysql
-- table: t(id, doc)
select t.id, j.x from t, json_table(t.doc, '$[*]' columns (x int path '$.x')) as j
--> select exact
--> 1 id = t.id identity
--> 2 x = t.doc transformation
--> rows = t.doc join

-- case: OPENJSON
-- dialect: tsql
-- table: t(id, doc)
select t.id, j.name from t cross apply openjson(t.doc) with (name nvarchar(50) '$.name') as j
--> select exact
--> 1 id = t.id identity
--> 2 name = t.doc transformation
--> rows = t.doc join

-- case: PIVOT
-- dialect: snowflake
-- table: t(id, kind, amount)
select * from t pivot (sum(amount) for kind in ('a', 'b')) as p
--> select exact
--> 1 id = t.id identity
--> 2 'a' = t.amount aggregation | t.kind conditional
--> 3 'b' = t.amount aggregation | t.kind conditional
--> rows = t.id group_by

-- case: PIVOT of Databricks names its columns by the values
-- dialect: databricks, spark
-- table: t(id, kind, amount)
select * from t pivot (sum(amount) for kind in ('a', 'b')) as p
--> select exact
--> 1 id = t.id identity
--> 2 a = t.amount aggregation | t.kind conditional
--> 3 b = t.amount aggregation | t.kind conditional
--> rows = t.id group_by

-- case: PIVOT of T-SQL lists names
-- dialect: tsql
-- table: t(id, kind, amount)
select * from t pivot (sum(amount) for kind in ([a], [b])) as p
--> select exact
--> 1 id = t.id identity
--> 2 a = t.amount aggregation | t.kind conditional
--> 3 b = t.amount aggregation | t.kind conditional
--> rows = t.id group_by

-- case: PIVOT of BigQuery names its columns
-- dialect: bigquery
-- table: t(id, kind, amount)
select * from t pivot (sum(amount) as s for kind in ('a' as x, 'b' as y))
--> select exact
--> 1 id = t.id identity
--> 2 s_x = t.amount aggregation | t.kind conditional
--> 3 s_y = t.amount aggregation | t.kind conditional
--> rows = t.id group_by

-- case: UNPIVOT with the value first
-- dialect: bigquery, tsql
-- table: t(id, jan, feb)
select * from t unpivot (v for month in (jan, feb)) as u
--> select exact
--> 1 id = t.id identity
--> 2 v = t.feb identity, t.jan identity
--> 3 month = nothing | t.feb conditional, t.jan conditional
--> rows = t.feb filter, t.jan filter

-- case: UNPIVOT with the name first
-- dialect: snowflake, databricks
-- table: t(id, jan, feb)
select * from t unpivot (v for month in (jan, feb)) as u
--> select exact
--> 1 id = t.id identity
--> 2 month = nothing | t.feb conditional, t.jan conditional
--> 3 v = t.feb identity, t.jan identity
--> rows = t.feb filter, t.jan filter

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
--> select exact
--> 1 id = t.id identity
--> 2 last_price = t.price transformation
--> rows = t.id window, t.price filter, t.ts window

-- case: MATCH_RECOGNIZE with all rows puts the ordering in front in Trino
-- dialect: trino
-- table: t(id,cat,y,amt)
select * from t match_recognize (partition by id order by y measures last(amt) as l all rows per match pattern (a b*) define b as amt > 1)
--> select exact
--> 1 id = t.id identity
--> 2 y = t.y identity
--> 3 l = t.amt transformation
--> 4 cat = t.cat identity
--> 5 amt = t.amt identity
--> rows = t.amt filter, t.id window, t.y window

-- case: and keeps the columns in their places in Snowflake
-- dialect: snowflake
-- table: t(id,cat,y,amt)
select * from t match_recognize (partition by id order by y measures last(amt) as l all rows per match pattern (a b*) define b as amt > 1)
--> select exact
--> 1 id = t.id identity
--> 2 cat = t.cat identity
--> 3 y = t.y identity
--> 4 amt = t.amt identity
--> 5 l = t.amt transformation
--> rows = t.amt filter, t.id window, t.y window

-- case: LATERAL VIEW of a map without names
-- dialect: databricks
-- table: t(id int, m map<string, int>)
select id, key, value from t lateral view explode(m)
--> select exact
--> 1 id = t.id identity
--> 2 key = t.m transformation
--> 3 value = t.m transformation
--> rows = t.m join

-- case: PIVOT behind a join is over what was joined
-- dialect: tsql
-- table: sales(region_id, amount, kind)
-- table: regions(id, region)
select region, [a], [b] from sales join regions on sales.region_id = regions.id pivot (sum(amount) for kind in ([a], [b])) as p
--> select exact
--> 1 region = regions.region identity
--> 2 a = sales.amount aggregation | sales.kind conditional
--> 3 b = sales.amount aggregation | sales.kind conditional
--> rows = regions.id group_by, regions.id join, regions.region group_by, sales.region_id group_by, sales.region_id join

-- case: a path with a subscript in FROM
-- dialect: redshift
-- table: t(id int, items super)
select t.id, i.sku from t, t.items[0].lines as i
--> select exact
--> 1 id = t.id identity
--> 2 sku = t.items transformation
--> rows = t.items join
