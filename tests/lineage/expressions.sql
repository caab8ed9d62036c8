-- What an expression does to the values that flow through it.

-- case: arithmetic
-- dialect: all
-- table: t(a, b)
select a + b as c from t
--> select exact
--> 1 c = t.a transformation, t.b transformation
--> rows = nothing

-- case: a literal depends on nothing
-- dialect: all
-- table: t(a)
select 1 as one, 'x' as x, null as n from t
--> select exact
--> 1 one = nothing
--> 2 x = nothing
--> 3 n = nothing
--> rows = nothing

-- case: CASE tests decide, results flow
-- dialect: all
-- table: t(a, b, c)
select case when a > 1 then b else c end as x from t
--> select exact
--> 1 x = t.b transformation, t.c transformation | t.a conditional
--> rows = nothing

-- case: the operand of a simple CASE decides
-- dialect: all
-- table: t(a, b)
select case a when 1 then b end as x from t
--> select exact
--> 1 x = t.b transformation | t.a conditional
--> rows = nothing

-- case: IF and IFF
-- dialect: snowflake
-- table: t(a, b, c)
select iff(a, b, c) as x from t
--> select exact
--> 1 x = t.b transformation, t.c transformation | t.a conditional
--> rows = nothing

-- case: IF
-- dialect: bigquery, databricks, mysql, clickhouse, duckdb, trino
-- table: t(a, b, c)
select if(a, b, c) as x from t
--> select exact
--> 1 x = t.b transformation, t.c transformation | t.a conditional
--> rows = nothing

-- case: COALESCE
-- dialect: all
-- table: t(a, b)
select coalesce(a, b) as x from t
--> select exact
--> 1 x = t.a transformation, t.b transformation | t.a conditional
--> rows = nothing

-- case: NULLIF
-- dialect: all
-- table: t(a, b)
select nullif(a, b) as x from t
--> select exact
--> 1 x = t.a transformation | t.a conditional, t.b conditional
--> rows = nothing

-- case: NVL2 and DECODE
-- dialect: snowflake
-- table: t(a, b, c)
select nvl2(a, b, c) as x, decode(a, 1, b, c) as y from t
--> select exact
--> 1 x = t.b transformation, t.c transformation | t.a conditional
--> 2 y = t.b transformation, t.c transformation | t.a conditional
--> rows = nothing

-- case: casts keep the source and lose the identity
-- dialect: all
-- table: t(a)
select cast(a as varchar) as x from t
--> select exact
--> 1 x = t.a transformation
--> rows = nothing

-- case: the short cast
-- dialect: postgres, snowflake, redshift, duckdb, databricks
-- table: t(a)
select a::varchar as x from t
--> select exact
--> 1 x = t.a transformation
--> rows = nothing

-- case: aggregates
-- dialect: all
-- table: t(a, b)
select sum(a) as s, count(*) as n, count(b) as c, max(a + b) as m from t
--> select exact
--> 1 s = t.a aggregation
--> 2 n = nothing
--> 3 c = t.b aggregation masked
--> 4 m = t.a aggregation, t.b aggregation
--> rows = nothing

-- case: FILTER of an aggregate
-- dialect: postgres, duckdb, sqlite, databricks, trino
-- table: t(a, b)
select sum(a) filter (where b > 1) as s from t
--> select exact
--> 1 s = t.a aggregation | t.b filter
--> rows = nothing

-- case: WITHIN GROUP
-- dialect: snowflake, postgres, tsql, redshift
-- table: t(a, b)
select percentile_cont(0.5) within group (order by a) as med, listagg(a, ',') within group (order by b) as l from t
--> select exact
--> 1 med = t.a aggregation | t.a sort
--> 2 l = t.a aggregation | t.b sort
--> rows = nothing

-- case: ORDER BY inside an aggregate
-- dialect: postgres, bigquery, duckdb
-- table: t(a, b)
select array_agg(a order by b) as l from t
--> select exact
--> 1 l = t.a aggregation | t.b sort
--> rows = nothing

-- case: max_by
-- dialect: snowflake, databricks, trino
-- table: t(a, b)
select max_by(a, b) as x from t
--> select exact
--> 1 x = t.a aggregation | t.b sort
--> rows = nothing

-- case: windows
-- dialect: all
-- table: t(a, b, c)
select row_number() over (partition by a order by b) as rn,
  sum(c) over (partition by a order by b rows between unbounded preceding and current row) as s,
  lag(c) over (order by b) as l from t
--> select exact
--> 1 rn = nothing | t.a window, t.b window
--> 2 s = t.c aggregation | t.a window, t.b window
--> 3 l = t.c aggregation | t.b window
--> rows = nothing

-- case: a named window
-- dialect: postgres, bigquery, duckdb, mysql, sqlite
-- table: t(a, b, c)
select sum(c) over w as s from t window w as (partition by a order by b)
--> select exact
--> 1 s = t.c aggregation | t.a window, t.b window
--> rows = nothing

-- case: hashes mask
-- dialect: snowflake, bigquery, postgres, databricks, duckdb
-- table: t(email)
select md5(email) as h from t
--> select exact
--> 1 h = t.email transformation masked
--> rows = nothing

-- case: a scalar subquery
-- dialect: all
-- table: t(a, k)
-- table: u(b, k, c)
select a, (select max(b) from u where u.k = t.k and c > 1) as m from t
--> select exact
--> 1 a = t.a identity
--> 2 m = u.b aggregation | t.k filter, u.c filter, u.k filter
--> rows = nothing

-- case: EXISTS and IN in the projection decide
-- dialect: postgres, snowflake, bigquery, duckdb
-- table: t(a, k)
-- table: u(b, k)
select exists (select 1 from u where u.k = t.k) as e, a in (select b from u) as i from t
--> select exact
--> 1 e = nothing | t.k filter, u.k filter
--> 2 i = t.a transformation | u.b conditional
--> rows = nothing

-- case: a path into JSON
-- dialect: snowflake
-- table: t(v)
select v:a.b::string as x, v['c'] as y from t
--> select exact
--> 1 x = t.v.a.b transformation
--> 2 y = t.v.c transformation
--> rows = nothing

-- case: a struct field by its type
-- dialect: bigquery, databricks
-- table: t(s struct<x int64, y string>)
select s.x, t.s.y as z from t
--> select exact
--> 1 x = t.s.x identity
--> 2 z = t.s.y identity
--> rows = nothing

-- case: a struct in braces, read by field
-- dialect: duckdb
-- table: t(a, b)
select s.x as x from (select {'x': a, 'y': b} as s from t)
--> select exact
--> 1 x = t.a identity
--> rows = nothing

-- case: a struct built and read in the same text
-- dialect: bigquery, databricks, spark
-- table: t(a, b)
select s.x as x from (select struct(a as x, b as y) as s from t)
--> select exact
--> 1 x = t.a identity
--> rows = nothing

-- case: a lambda's parameter is not a column
-- dialect: databricks, duckdb, trino
-- table: t(xs, y)
select transform(xs, x -> x + y) as z from t
--> select exact
--> 1 z = t.xs transformation, t.y transformation
--> rows = nothing

-- case: BETWEEN, LIKE, IN, IS NULL
-- dialect: all
-- table: t(a, b)
select a between 1 and b as x, a like 'q%' as y, a in (1, b) as z, a is null as n from t
--> select exact
--> 1 x = t.a transformation, t.b transformation
--> 2 y = t.a transformation
--> 3 z = t.a transformation, t.b transformation
--> 4 n = t.a transformation
--> rows = nothing

-- case: EXTRACT and its kin
-- dialect: all
-- table: t(ts)
select extract(year from ts) as y from t
--> select exact
--> 1 y = t.ts transformation
--> rows = nothing

-- case: date parts are not columns
-- dialect: snowflake, redshift, tsql
-- table: t(ts, day)
select datediff(day, ts, current_timestamp) as d, dateadd(month, 1, ts) as m from t
--> select exact
--> 1 d = t.ts transformation
--> 2 m = t.ts transformation
--> rows = nothing

-- case: ClickHouse's aggregates with endings
-- dialect: clickhouse
-- table: t(a,b)
select sumIf(a, b > 0) as x, uniqMerge(a) as y, avgOrNullIf(a, b > 1) as z, argMaxState(a, b) as w from t
--> select exact
--> 1 x = t.a aggregation | t.b filter
--> 2 y = t.a aggregation masked
--> 3 z = t.a aggregation | t.b filter
--> 4 w = t.a aggregation | t.b sort
--> rows = nothing

-- case: BigQuery's functions with a prefix
-- dialect: bigquery
-- table: t(a string, b string)
select safe.md5(a) as x, safe.substr(a, 1) as y, hll_count.init(b) as z from t
--> select exact
--> 1 x = t.a transformation masked
--> 2 y = t.a transformation
--> 3 z = t.b aggregation masked
--> rows = nothing

-- case: IN inside of functions whose arguments are separated by words
-- dialect: postgres,mysql,databricks,redshift,duckdb
-- table: t(a,b)
select substring(case when a in (1, 2) then b end from 2) as x, position(a in b) as y, trim(both from coalesce(a not in (1), b)) as z, position((a in (1)) in b) as w from t
--> select exact
--> 1 x = t.b transformation | t.a conditional
--> 2 y = t.a transformation, t.b transformation
--> 3 z = t.a transformation, t.b transformation | t.a conditional
--> 4 w = t.a transformation, t.b transformation
--> rows = nothing

-- case: WITH as an expression
-- dialect: bigquery
-- table: t(a, x)
select with(y as x + 1, a as y * 2, a + y) as q, with(x as 1, (select x from t)) as own from t
--> select exact
--> 1 q = t.x transformation
--> 2 own = t.x identity
--> rows = nothing
