-- also: snowflake, bigquery, databricks, redshift, postgres, duckdb, trino, sqlite
-- WITH, set operations and what stands around them.
with a as (select 1 as x), b as (select x from a) select * from b order by x desc limit 10 offset 5;
with recursive r (n) as (select 1 union all select n + 1 from r where n < 5) select n from r;
select a from t union all select b from u union all select c from v;
select a from t union all select b from u union select c from v;
(select a from t order by a limit 1) union all (select b from u);
select a from t union all select b from u order by 1 limit 2;
select * from (select a from t union all (select b from u)) as q;
select (select max(a) from t) as m, x from (with c as (select 1 as x) select x from c) as d;
