-- Which CTE, or which table of the same name, a name in FROM means. The engines that could be had were asked.

-- case: under RECURSIVE the CTEs of a WITH see those behind them
-- dialect: postgres,mariadb,bigquery,sqlite
-- table: t(a int64)
-- table: u(b int64)
with recursive x as (select a from t), t as (select b as a from u) select a from x
--> select exact
--> 1 a = u.b identity
--> rows = nothing

-- case: without the word they see tables
-- dialect: postgres,mariadb,bigquery,duckdb,mysql,snowflake,tsql,trino,databricks,redshift
-- table: t(a int64)
-- table: u(b int64)
with x as (select a from t), t as (select b as a from u) select a from x
--> select exact
--> 1 a = t.a identity
--> rows = nothing

-- case: in DuckDB with the word, too
-- dialect: duckdb,trino,databricks
-- table: t(a int64)
-- table: u(b int64)
with recursive x as (select a from t), t as (select b as a from u) select a from x
--> select exact
--> 1 a = t.a identity
--> rows = nothing

-- case: SQLite needs no word for it
-- dialect: sqlite
-- table: t(a int64)
-- table: u(b int64)
with x as (select a from y), y as (select a from t), t as (select b as a from u) select x.a, y.a from x, y
--> select exact
--> 1 a = u.b identity
--> 2 a = u.b identity
--> rows = nothing

-- case: a recursion that is read before it is made
-- dialect: postgres,bigquery,mariadb
-- table: t(id int64, a int64)
with recursive x as (select max(n) as m from r), r as (select id as n from t union all select n + 1 from r where n < 9) select m from x
--> select exact
--> 1 m = t.id aggregation
--> rows = t.id filter

-- case: under RECURSIVE the own name is no table
-- dialect: postgres,mariadb,mysql,bigquery,trino,redshift,snowflake
-- table: t(a int64)
with recursive t as (select a + 1 as a from t) select a from t
--> select unknown
--> 1 a = nothing [unknown]
--> rows = nothing [unknown]
--> ! unclear_cte: t

-- case: nor is it in SQLite and T-SQL
-- dialect: sqlite,tsql
-- table: t(a int64)
with t as (select a + 1 as a from t) select a from t
--> select unknown
--> 1 a = nothing [unknown]
--> rows = nothing [unknown]
--> ! unclear_cte: t

-- case: in DuckDB it is
-- dialect: duckdb
-- table: t(a int64)
with recursive t as (select a + 1 as a from t) select a from t
--> select exact
--> 1 a = t.a transformation
--> rows = nothing

-- case: an anchor that reads itself
-- dialect: postgres,mariadb,sqlite,trino
-- table: t(a int64)
with recursive t as (select a from t union all select a + 1 from t where a < 3) select a from t
--> select unknown
--> 1 a = nothing [unknown]
--> rows = nothing [unknown]
--> ! unclear_cte: t
--> ! unclear_cte: t

-- case: two that read each other
-- dialect: postgres,sqlite,bigquery,mariadb
-- table: t(a int64)
with recursive x as (select a from t union all select a + 1 from y), y as (select a from x) select a from y
--> select unknown
--> 1 a = nothing [unknown]
--> rows = nothing [unknown]
--> ! unclear_cte: x

-- case: the own name inside of a CTE that an inner WITH gives
-- dialect: postgres,bigquery,trino
-- table: t(a int64)
-- table: u(b int64)
with recursive t as (with t as (select b as a from u) select a from t) select a from t
--> select exact
--> 1 a = u.b identity
--> rows = nothing

-- case: a qualified name is never a CTE
-- dialect: postgres,duckdb,snowflake,tsql,mysql,bigquery,sqlite
-- table: s.t(a int64)
-- table: u(b int64)
with t as (select b as a from u) select a from s.t
--> select exact
--> 1 a = s.t.a identity
--> rows = nothing

-- case: the inner WITH hides the outer, and ends with its query
-- dialect: postgres,duckdb,snowflake,mysql,bigquery,sqlite,trino,databricks
-- table: u(b int64)
-- table: w(c int64)
with t as (select b as a from u) select x.a, t.a from (with t as (select c as a from w) select a from t) as x cross join t
--> select exact
--> 1 a = w.c identity
--> 2 a = u.b identity
--> rows = nothing

-- case: a subquery in the projection sees the CTEs of its query
-- dialect: postgres,duckdb,snowflake,mysql,bigquery,sqlite,trino,tsql,databricks
-- table: t(a int64)
-- table: u(b int64)
with t as (select b as a from u) select (select max(a) from t) as m
--> select exact
--> 1 m = u.b aggregation
--> rows = nothing

-- case: names of CTEs fold like others, to lower case
-- dialect: postgres
-- table: t(a int64)
-- table: u(b int64)
with "T" as (select b as a from u) select a from t
--> select exact
--> 1 a = t.a identity
--> rows = nothing

-- case: names of CTEs fold like others, to upper case
-- dialect: snowflake
-- table: t(a int64)
-- table: u(b int64)
with "T" as (select b as a from u) select a from t
--> select exact
--> 1 a = u.b identity
--> rows = nothing

-- case: ClickHouse: a value of WITH is seen in the CTEs behind it
-- dialect: clickhouse
-- table: t(a,b)
-- table: u(c)
with (select max(c) from u) as m, x as (select a from t where b < m) select a, m from x
--> select exact
--> 1 a = t.a identity
--> 2 m = u.c aggregation
--> rows = t.b filter, u.c filter
