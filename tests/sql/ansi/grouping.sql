-- also: snowflake, bigquery, databricks, redshift, postgres, duckdb, trino
select a, sum(b) from t group by a having sum(b) > 1 order by 2 desc nulls last, a asc nulls first;
select a, b, sum(c) from t group by rollup (a, b);
select a, b, sum(c) from t group by cube (a, b);
select a, b, sum(c) from t group by grouping sets ((a, b), (a), ());
select 1, 2 from t group by 1, 2;
