-- What the engines call columns without an alias. Asked of DuckDB 1.5, PostgreSQL 15, MariaDB and SQLite.

-- case: DuckDB writes the expression again
-- dialect: duckdb
-- table: t(a int,s varchar,b boolean)
select a+1, not a < 2, Sum(distinct a) over (order by s desc), case when b then 1 end, s not like 'x', ifnull(a, 0), a::decimal(10,2) from t
--> select candidates
--> 1 (a + 1) = t.a transformation
--> 2 (a >= 2) = t.a transformation [candidates]
--> 3 sum(DISTINCT a) OVER (ORDER BY s DESC) = t.a aggregation | t.s window
--> 4 CASE  WHEN (b) THEN (1) ELSE NULL END = nothing | t.b conditional
--> 5 (s !~~ 'x') = t.s transformation
--> 6 COALESCE(a, 0) = t.a transformation | t.a conditional
--> 7 CAST(a AS DECIMAL(10, 2)) = t.a transformation
--> rows = nothing

-- case: SQLite and MariaDB keep the text
-- dialect: sqlite, mariadb
-- table: t(a int)
select ((a + 1)), a  +  2 from t
--> select exact
--> 1 ((a + 1)) = t.a transformation
--> 2 a  +  2 = t.a transformation
--> rows = nothing

-- case: ClickHouse fills what INTERPOLATE says
-- dialect: clickhouse
-- table: t(a Int,b Int,c Int)
select a, b, c from t order by a with fill to 9 interpolate (b as c + 1, c)
--> select unknown
--> 1 a = t.a identity
--> 2 b = t.b identity [unknown]
--> 3 c = t.c identity
--> rows = t.a sort
