-- also: snowflake, databricks, postgres, duckdb, trino
-- INTERSECT binds more strongly than UNION and EXCEPT, which go from left to right.
select a from t union select b from u intersect select c from v;
select a from t except select b from u except all select c from v;
select a from t intersect all select b from u;
(select a from t union select b from u) intersect select c from v;
