-- What decides which rows there are.

-- case: WHERE
-- dialect: all
-- table: t(a, b)
select a from t where b > 1
--> select exact
--> 1 a = t.a identity
--> rows = t.b filter

-- case: ON
-- dialect: all
-- table: t(a, k)
-- table: u(b, k)
select t.a, u.b from t left join u on t.k = u.k
--> select exact
--> 1 a = t.a identity
--> 2 b = u.b identity
--> rows = t.k join, u.k join

-- case: USING merges
-- dialect: postgres, snowflake, bigquery, duckdb, databricks, trino, mysql, sqlite
-- table: t(k, a)
-- table: u(k, b)
select * from t join u using (k)
--> select exact
--> 1 k = t.k identity
--> 2 a = t.a identity
--> 3 b = u.b identity
--> rows = t.k join, u.k join

-- case: FULL JOIN USING is a COALESCE
-- dialect: postgres, snowflake, bigquery, duckdb, databricks, trino
-- table: t(k, a)
-- table: u(k, b)
select k, a, b, t.k as tk, u.k as uk from t full join u using (k)
--> select exact
--> 1 k = t.k transformation, u.k transformation | t.k conditional
--> 2 a = t.a identity
--> 3 b = u.b identity
--> 4 tk = t.k identity
--> 5 uk = u.k identity
--> rows = t.k join, u.k join

-- case: RIGHT JOIN USING takes the right
-- dialect: postgres, snowflake, bigquery, duckdb
-- table: t(k, a)
-- table: u(k, b)
select k, a, b from t right join u using (k)
--> select exact
--> 1 k = u.k identity
--> 2 a = t.a identity
--> 3 b = u.b identity
--> rows = t.k join, u.k join

-- case: NATURAL
-- dialect: postgres, duckdb, mysql, sqlite, snowflake, trino
-- table: t(k, a)
-- table: u(k, b)
select * from t natural join u
--> select exact
--> 1 k = t.k identity
--> 2 a = t.a identity
--> 3 b = u.b identity
--> rows = t.k join, u.k join

-- case: USING three times
-- dialect: postgres, duckdb, bigquery
-- table: t(k, a)
-- table: u(k, b)
-- table: v(k, c)
select * from t join u using (k) left join v using (k)
--> select exact
--> 1 k = t.k identity
--> 2 a = t.a identity
--> 3 b = u.b identity
--> 4 c = v.c identity
--> rows = t.k join, u.k join, v.k join

-- case: semi and anti joins show the left side only
-- dialect: databricks, duckdb
-- table: t(k, a)
-- table: u(k, b)
select * from t left semi join u on t.k = u.k
--> select exact
--> 1 k = t.k identity
--> 2 a = t.a identity
--> rows = t.k join, u.k join

-- case: EXISTS in WHERE
-- dialect: all
-- table: t(k, a)
-- table: u(k, b)
select a from t where exists (select 1 from u where u.k = t.k and b > 1)
--> select exact
--> 1 a = t.a identity
--> rows = t.k filter, u.b filter, u.k filter

-- case: NOT IN
-- dialect: all
-- table: t(k, a)
-- table: u(k, b)
select a from t where k not in (select k from u where b = 2)
--> select exact
--> 1 a = t.a identity
--> rows = t.k filter, u.b filter, u.k filter

-- case: GROUP BY, HAVING, positional
-- dialect: all
-- table: t(a, b, c)
select a, sum(b) as s from t group by a having max(c) > 1
--> select exact
--> 1 a = t.a identity
--> 2 s = t.b aggregation
--> rows = t.a group_by, t.c filter

-- case: GROUP BY 1
-- dialect: postgres, snowflake, bigquery, databricks, duckdb, redshift, mysql, trino
-- table: t(a, b)
select lower(a) as x, sum(b) as s from t group by 1
--> select exact
--> 1 x = t.a transformation
--> 2 s = t.b aggregation
--> rows = t.a group_by

-- case: GROUP BY ALL
-- dialect: snowflake, duckdb, databricks, bigquery
-- table: t(a, b, c)
select a, c + 1 as d, sum(b) as s from t group by all
--> select exact
--> 1 a = t.a identity
--> 2 d = t.c transformation
--> 3 s = t.b aggregation
--> rows = t.a group_by, t.c group_by

-- case: ROLLUP and grouping sets
-- dialect: postgres, snowflake, trino
-- table: t(a, b, c)
select a, b, sum(c) as s from t group by rollup (a, b)
--> select exact
--> 1 a = t.a identity
--> 2 b = t.b identity
--> 3 s = t.c aggregation
--> rows = t.a group_by, t.b group_by

-- case: DISTINCT
-- dialect: all
-- table: t(a, b)
select distinct a, b + 1 as c from t
--> select exact
--> 1 a = t.a identity
--> 2 c = t.b transformation
--> rows = t.a filter, t.b filter

-- case: DISTINCT ON
-- dialect: postgres, duckdb
-- table: t(a, b, c)
select distinct on (a) a, b from t order by a, c
--> select exact
--> 1 a = t.a identity
--> 2 b = t.b identity
--> rows = t.a filter, t.c filter

-- case: QUALIFY
-- dialect: snowflake, bigquery, databricks, duckdb, redshift
-- table: t(a, b, c)
select a from t qualify row_number() over (partition by b order by c) = 1
--> select exact
--> 1 a = t.a identity
--> rows = t.b filter, t.c filter

-- case: ORDER BY with LIMIT filters, without sorts
-- dialect: postgres, snowflake, duckdb, bigquery
-- table: t(a, b)
select a from (select a, b from t order by b limit 10) as q order by a
--> select exact
--> 1 a = t.a identity
--> rows = t.a sort, t.b filter

-- case: TOP
-- dialect: tsql
-- table: t(a, b)
select top 10 a from t order by b
--> select exact
--> 1 a = t.a identity
--> rows = t.b filter

-- case: an inner relation's row set is the consumer's
-- dialect: all
-- table: t(a, b)
-- table: u(k, c)
with f as (select a from t where b = 1), g as (select f.a, u.c from f join u on u.k = f.a)
select c from g
--> select exact
--> 1 c = u.c identity
--> rows = t.a join, t.b filter, u.k join

-- case: an unused CTE decides nothing
-- dialect: all
-- table: t(a, b)
-- table: u(k)
with unused as (select k from u where k > 1) select a from t
--> select exact
--> 1 a = t.a identity
--> rows = nothing

-- case: functions of the SELECT list that give rows decide how many there are
-- dialect: postgres
-- table: t(id,a,j)
select id, generate_series(1, a) as g, (jsonb_each(j)).key from t
--> select exact
--> 1 id = t.id identity
--> 2 g = t.a transformation
--> 3 key = t.j transformation
--> rows = t.a join, t.j join

-- case: also in an expression of it
-- dialect: clickhouse
-- table: t(id Int32, xs Array(Int32))
select id, arrayJoin(xs) + 1 as x from t
--> select exact
--> 1 id = t.id identity
--> 2 x = t.xs transformation
--> rows = t.xs join

-- case: SQLite reads the other columns from the row of the maximum
-- dialect: sqlite
-- table: t(a,b,k)
select a, max(b) as m from t;
select k, a + 1 as x, min(b) as m from t group by k;
select * from t group by k having max(b) > 1
--> select exact
--> 1 a = t.a identity | t.b sort
--> 2 m = t.b aggregation
--> rows = nothing
--> select exact
--> 1 k = t.k identity
--> 2 x = t.a transformation | t.b sort
--> 3 m = t.b aggregation
--> rows = t.k group_by
--> select exact
--> 1 a = t.a identity | t.b sort
--> 2 b = t.b identity | t.b sort
--> 3 k = t.k identity
--> rows = t.b filter, t.k group_by

-- case: without a maximum any row will do
-- dialect: sqlite,mysql
-- table: t(a,b,k)
select a, sum(b) as m from t group by k
--> select exact
--> 1 a = t.a identity
--> 2 m = t.b aggregation
--> rows = t.k group_by

-- case: an alias in the condition of a join
-- dialect: snowflake,sqlite
-- table: t(a,b)
-- table: u(id,c)
select t.a + 1 as x, c from t join u on x = u.id
--> select exact
--> 1 x = t.a transformation
--> 2 c = u.c identity
--> rows = t.a join, u.id join

-- case: a column of that name wins
-- dialect: snowflake
-- table: t(a,b)
-- table: u(id,c)
select t.a as b, c from t join u on b = u.id
--> select exact
--> 1 b = t.a identity
--> 2 c = u.c identity
--> rows = t.b join, u.id join

-- case: the alias wins in ClickHouse
-- dialect: clickhouse
-- table: t(a,b)
-- table: u(id,c)
select t.a as b, c from t join u on b = u.id
--> select exact
--> 1 b = t.a identity
--> 2 c = u.c identity
--> rows = t.a join, u.id join
