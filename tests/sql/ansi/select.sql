-- also: snowflake, bigquery, databricks, spark, redshift, postgres, duckdb, tsql, trino, mysql, mariadb, sqlite, clickhouse
-- Aliases with and without AS, words that are names here, comments where nobody expects them.
select a, b as c, t.d e, s.t.f from s.t;
select distinct /* all of them? */ a -- no
from t;
select count(*), count(distinct a), max(t.b) from t where a = 1 and not b < 2 or c <> 3;
select date, year, first, value, name, position, row_count from t as last;
select (((a))) from ((t));
select * from t where a between 1 and 2 and b not in (1, 2) and c like 'x%' and d is not null;
select t.*, u.a from t, u where t.id = u.id;
