-- also: snowflake, bigquery, databricks, postgres, duckdb, trino
select row_number() over (partition by a, b order by c desc) as rn, sum(x) over () from t;
select sum(x) over (order by d rows between unbounded preceding and current row) from t;
select sum(x) over (order by d range between 3 preceding and 1 following) from t;
select avg(x) over w, lag(x, 1) over (partition by a order by d) from t window w as (partition by a order by d);
select first_value(x) over (order by d rows 2 preceding) from t;
