-- Which of a column and an alias of the SELECT list a name means; found out by asking the engines where they could be had.

-- case: GROUP BY takes the alias first, as ORDER BY and HAVING do
-- dialect: bigquery
-- table: t(k int, a int)
select a + 1 as k, count(*) as n from t group by k having n > 1 order by n
--> select exact
--> 1 k = t.a transformation
--> 2 n = nothing
--> rows = t.a group_by

-- case: ORDER BY takes the alias, GROUP BY the column
-- dialect: postgres
-- table: t(k int, a int)
select a + 1 as k, count(*) as n from t group by k order by k
--> select exact
--> 1 k = t.a transformation
--> 2 n = nothing
--> rows = t.a sort, t.k group_by

-- case: HAVING means the alias when the column is not grouped by
-- dialect: duckdb,mysql,mariadb,snowflake,databricks
-- table: t(a int, b int)
select sum(a) as b from t having b < 50
--> select exact
--> 1 b = t.a aggregation
--> rows = t.a filter

-- case: HAVING means the column that is grouped by
-- dialect: duckdb,postgres,sqlite
-- table: t(a int, b int)
select a as b, count(*) as n from t group by a, t.b having b < 50
--> select exact
--> 1 b = t.a identity
--> 2 n = nothing
--> rows = t.a group_by, t.b filter, t.b group_by

-- case: inside an aggregate HAVING means the column
-- dialect: duckdb,postgres,sqlite,mysql,snowflake
-- table: t(a int, b int)
select a as b, count(*) as n from t group by a having max(b) < 50
--> select exact
--> 1 b = t.a identity
--> 2 n = nothing
--> rows = t.a group_by, t.b filter

-- case: in BigQuery it means the alias there too
-- dialect: bigquery
-- table: t(a int64, b int64)
select a + 1 as b, count(*) as n from t group by 1 having max(b) < 50
--> select exact
--> 1 b = t.a transformation
--> 2 n = nothing
--> rows = t.a filter, t.a group_by

-- case: ORDER BY an expression means the column
-- dialect: postgres,duckdb,sqlite,mysql
-- table: t(a int, b int)
select -a as b from t order by b * 1 limit 1
--> select exact
--> 1 b = t.a transformation
--> rows = t.b filter

-- case: DISTINCT ON a bare name means the output
-- dialect: postgres,duckdb
-- table: t(a int, b int)
select distinct on (b) a * 0 as b from t
--> select exact
--> 1 b = t.a transformation
--> rows = t.a filter

-- case: a correlated name may be an alias of the outer block
-- dialect: duckdb,sqlite
-- table: t(a int)
select a + 10 as z from t where exists (select 1 from t as u where u.a + 10 = z)
--> select exact
--> 1 z = t.a transformation
--> rows = t.a filter

-- case: aliases in WHERE, GROUP BY, HAVING and QUALIFY
-- dialect: snowflake
-- table: t(k int, a int)
select a as x, x + 1 as y, y * 2 as z from t where y > 2 group by all having z > 1 qualify row_number() over (partition by x order by z) = 1
--> select exact
--> 1 x = t.a identity
--> 2 y = t.a transformation
--> 3 z = t.a transformation
--> rows = t.a filter, t.a group_by

-- case: aliases of aliases
-- dialect: redshift
-- table: t(k int, a int)
select a as x, x + 1 as y, y + 1 as z from t
--> select exact
--> 1 x = t.a identity
--> 2 y = t.a transformation
--> 3 z = t.a transformation
--> rows = nothing

-- case: ClickHouse: WITH names stand for expressions
-- dialect: clickhouse
-- table: t(id Int, a Int, b Int)
with a + 1 as x, (select max(b) from t) as m select id, x + m as y, y * 2 as z from t where z > 3
--> select exact
--> 1 id = t.id identity
--> 2 y = t.a transformation, t.b aggregation
--> 3 z = t.a transformation, t.b aggregation
--> rows = t.a filter, t.b filter

-- case: ClickHouse: an alias hides the column everywhere
-- dialect: clickhouse
-- table: t(id Int, a Int, b Int)
select id as a, a + 1 as c, sumIf(b, a > 1) as s, quantile(0.9)(b) as q, argMax(b, a) as am from t group by id, a
--> select exact
--> 1 a = t.id identity
--> 2 c = t.id transformation
--> 3 s = t.b aggregation | t.id filter
--> 4 q = t.b aggregation
--> 5 am = t.b aggregation | t.id sort
--> rows = t.id group_by

-- case: two output columns of one name are numbered where they become a relation
-- dialect: duckdb
-- table: t(k int, a int)
-- table: u(k int, b int)
create table v as select * from t join u on t.k = u.k
--> create_table_as exact into v
--> 1 k = t.k identity
--> 2 a = t.a identity
--> 3 k_1 = u.k identity
--> 4 b = u.b identity
--> rows = t.k join, u.k join

-- case: and keep their names where they do not
-- dialect: duckdb
-- table: t(k int, a int)
-- table: u(k int, b int)
select * from t join u on t.k = u.k
--> select exact
--> 1 k = t.k identity
--> 2 a = t.a identity
--> 3 k = u.k identity
--> 4 b = u.b identity
--> rows = t.k join, u.k join

-- case: a numbered name can be read
-- dialect: duckdb
-- table: t(k int, a int)
select k_1 from (select k, a as k from t)
--> select exact
--> 1 k_1 = t.a identity
--> rows = nothing

-- case: HAVING means the column of the SELECT list where several tables have it
-- dialect: mysql,mariadb
-- table: t(id,k)
-- table: u(id,k)
select u.k, count(*) as n from t join u on t.id = u.id group by u.k having k > 1
--> select exact
--> 1 k = u.k identity
--> 2 n = nothing
--> rows = t.id join, u.id join, u.k filter, u.k group_by

-- case: GROUP BY means the alias where several tables have the name
-- dialect: mysql,mariadb
-- table: t(id,k)
-- table: u(id,c)
select t.k + u.c as id, count(*) as n from t join u on t.id = u.id group by id
--> select exact
--> 1 id = t.k transformation, u.c transformation
--> 2 n = nothing
--> rows = t.id join, t.k group_by, u.c group_by, u.id join
