-- What an expression does to the values that flow through it.

-- case: arithmetic
-- dialect: all
-- table: t(a, b)
select a + b as c from t

-- case: a literal depends on nothing
-- dialect: all
-- table: t(a)
select 1 as one, 'x' as x, null as n from t

-- case: CASE tests decide, results flow
-- dialect: all
-- table: t(a, b, c)
select case when a > 1 then b else c end as x from t

-- case: the operand of a simple CASE decides
-- dialect: all
-- table: t(a, b)
select case a when 1 then b end as x from t

-- case: IF and IFF
-- dialect: snowflake
-- table: t(a, b, c)
select iff(a, b, c) as x from t

-- case: IF
-- dialect: bigquery, databricks, mysql, clickhouse, duckdb, trino
-- table: t(a, b, c)
select if(a, b, c) as x from t

-- case: COALESCE
-- dialect: all
-- table: t(a, b)
select coalesce(a, b) as x from t

-- case: NULLIF
-- dialect: all
-- table: t(a, b)
select nullif(a, b) as x from t

-- case: NVL2 and DECODE
-- dialect: snowflake
-- table: t(a, b, c)
select nvl2(a, b, c) as x, decode(a, 1, b, c) as y from t

-- case: casts keep the source and lose the identity
-- dialect: all
-- table: t(a)
select cast(a as varchar) as x from t

-- case: the short cast
-- dialect: postgres, snowflake, redshift, duckdb, databricks
-- table: t(a)
select a::varchar as x from t

-- case: aggregates
-- dialect: all
-- table: t(a, b)
select sum(a) as s, count(*) as n, count(b) as c, max(a + b) as m from t

-- case: FILTER of an aggregate
-- dialect: postgres, duckdb, sqlite, databricks, trino
-- table: t(a, b)
select sum(a) filter (where b > 1) as s from t

-- case: WITHIN GROUP
-- dialect: snowflake, postgres, tsql, redshift
-- table: t(a, b)
select percentile_cont(0.5) within group (order by a) as med, listagg(a, ',') within group (order by b) as l from t

-- case: ORDER BY inside an aggregate
-- dialect: postgres, bigquery, duckdb
-- table: t(a, b)
select array_agg(a order by b) as l from t

-- case: max_by
-- dialect: snowflake, databricks, trino
-- table: t(a, b)
select max_by(a, b) as x from t

-- case: windows
-- dialect: all
-- table: t(a, b, c)
select row_number() over (partition by a order by b) as rn,
  sum(c) over (partition by a order by b rows between unbounded preceding and current row) as s,
  lag(c) over (order by b) as l from t

-- case: a named window
-- dialect: postgres, bigquery, duckdb, mysql, sqlite
-- table: t(a, b, c)
select sum(c) over w as s from t window w as (partition by a order by b)

-- case: hashes mask
-- dialect: snowflake, bigquery, postgres, databricks, duckdb
-- table: t(email)
select md5(email) as h from t

-- case: a scalar subquery
-- dialect: all
-- table: t(a, k)
-- table: u(b, k, c)
select a, (select max(b) from u where u.k = t.k and c > 1) as m from t

-- case: EXISTS and IN in the projection decide
-- dialect: postgres, snowflake, bigquery, duckdb
-- table: t(a, k)
-- table: u(b, k)
select exists (select 1 from u where u.k = t.k) as e, a in (select b from u) as i from t

-- case: a path into JSON
-- dialect: snowflake
-- table: t(v)
select v:a.b::string as x, v['c'] as y from t

-- case: a struct field by its type
-- dialect: bigquery, databricks
-- table: t(s struct<x int64, y string>)
select s.x, t.s.y as z from t

-- case: a struct built and read in the same text
-- dialect: bigquery, duckdb
-- table: t(a, b)
select s.x as x from (select struct(a as x, b as y) as s from t)

-- case: a lambda's parameter is not a column
-- dialect: databricks, duckdb, trino
-- table: t(xs, y)
select transform(xs, x -> x + y) as z from t

-- case: BETWEEN, LIKE, IN, IS NULL
-- dialect: all
-- table: t(a, b)
select a between 1 and b as x, a like 'q%' as y, a in (1, b) as z, a is null as n from t

-- case: EXTRACT and its kin
-- dialect: all
-- table: t(ts)
select extract(year from ts) as y from t

-- case: date parts are not columns
-- dialect: snowflake, redshift, tsql
-- table: t(ts, day)
select datediff(day, ts, current_timestamp) as d, dateadd(month, 1, ts) as m from t
