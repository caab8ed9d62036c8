-- Recursive CTEs and set operations by name.

-- case: the fixpoint over anchor and step
-- dialect: postgres
-- table: t(id,a)
with recursive r as (select id, a, 1 as d from t where a = 0 union all select t.id, r.a, r.d + 1 from t join r on t.a = r.id) select * from r
--> select exact
--> 1 id = t.id identity
--> 2 a = t.a identity
--> 3 d = nothing
--> rows = t.a filter, t.a join, t.id join

-- case: without the word RECURSIVE
-- dialect: tsql,snowflake
-- table: t(id,a)
with r as (select id, a, 1 as d from t where a = 0 union all select t.id, r.a, r.d + 1 from t join r on t.a = r.id) select * from r
--> select exact
--> 1 id = t.id identity
--> 2 a = t.a identity
--> 3 d = nothing
--> rows = t.a filter, t.a join, t.id join

-- case: a counter that joins
-- dialect: postgres
-- table: t(id,a)
with recursive r(n) as (select 1 union all select n + 1 from r where n < 10) select n, t.a from r left join t on t.id = r.n
--> select exact
--> 1 n = nothing
--> 2 a = t.a identity
--> rows = t.id join

-- case: a CTE of the name of a table reads the table
-- dialect: postgres
-- table: t(id,a)
with t as (select id + 1 as id from t) select id from t
--> select exact
--> 1 id = t.id transformation
--> rows = nothing

-- case: UNION BY NAME
-- dialect: duckdb,snowflake
-- table: t(id,a)
-- table: u(b,id,c)
select id, a from t union all by name select * from u
--> select exact
--> 1 id = t.id identity, u.id identity
--> 2 a = t.a identity
--> 3 b = u.b identity
--> 4 c = u.c identity
--> rows = nothing

-- case: UNION BY NAME that makes rows distinct
-- dialect: databricks
-- table: t(id,a)
-- table: u(b,id,c)
select id, a from t union by name select * from u
--> select exact
--> 1 id = t.id identity, u.id identity
--> 2 a = t.a identity
--> 3 b = u.b identity
--> 4 c = u.c identity
--> rows = t.a filter, t.id filter, u.b filter, u.c filter, u.id filter

-- case: FULL OUTER UNION BY NAME
-- dialect: bigquery
-- table: t(id int64,a int64)
-- table: u(b int64,id int64)
select * from t full outer union all by name select * from u
--> select exact
--> 1 id = t.id identity, u.id identity
--> 2 a = t.a identity
--> 3 b = u.b identity
--> rows = nothing

-- case: INNER UNION BY NAME
-- dialect: bigquery
-- table: t(id int64,a int64)
-- table: u(b int64,id int64)
select * from t inner union all by name select id from u
--> select exact
--> 1 id = t.id identity, u.id identity
--> rows = nothing

-- case: LEFT UNION BY NAME ON
-- dialect: bigquery
-- table: t(id int64,a int64)
-- table: u(b int64,id int64)
select * from t left union all by name on (id) select * from u
--> select exact
--> 1 id = t.id identity, u.id identity
--> rows = nothing

-- case: CORRESPONDING
-- dialect: trino
-- table: t(id,a)
-- table: u(b,id)
select * from t union corresponding select * from u
--> select exact
--> 1 id = t.id identity, u.id identity
--> rows = t.id filter, u.id filter

-- case: EXCEPT takes values of the left alone
-- dialect: postgres,duckdb,snowflake
-- table: t(id,a)
-- table: u(id,b)
select id, a from t except select id, b from u
--> select exact
--> 1 id = t.id identity
--> 2 a = t.a identity
--> rows = t.a filter, t.id filter, u.b filter, u.id filter

-- case: INTERSECT
-- dialect: postgres,duckdb,tsql
-- table: t(id,a)
-- table: u(id,b)
select id, a from t intersect select id, b from u
--> select exact
--> 1 id = t.id identity
--> 2 a = t.a identity
--> rows = t.a filter, t.id filter, u.b filter, u.id filter

-- case: a mutual reference through two columns
-- dialect: postgres,duckdb,sqlite
-- table: t(id int, a int, b int)
with recursive r(x, y) as (select a, b from t union select r.y, t.a from r join t on t.id = r.x) select x, y from r
--> select exact
--> 1 x = t.a identity, t.b identity
--> 2 y = t.a identity, t.b identity
--> rows = t.a filter, t.a join, t.b filter, t.b join, t.id join
