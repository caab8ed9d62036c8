-- What only one engine does.

-- case: SQLite: quoted words that are no column are strings
-- dialect: sqlite
-- table: t(a int, b int)
select "a", "nope" as n, 'a' as l, [b], `b` from t where "zip" = 'x'
--> select exact
--> 1 a = t.a identity
--> 2 n = nothing
--> 3 l = nothing
--> 4 b = t.b identity
--> 5 b = t.b identity
--> rows = nothing

-- case: MySQL: double quotes are strings, backticks are names
-- dialect: mysql,mariadb
-- table: t(a int, b int)
select "a" as s, `a` as c, @v := a as d, if(a > 1, b, 0) i, group_concat(distinct b order by a separator ',') g from t group by a with rollup
--> select exact
--> 1 s = nothing
--> 2 c = t.a identity
--> 3 d = t.a transformation
--> 4 i = t.b transformation | t.a conditional
--> 5 g = t.b aggregation | t.a sort
--> rows = t.a group_by

-- case: T-SQL: TOP WITH TIES, alias with =, quoted aliases
-- dialect: tsql
-- table: t(k int, a int)
-- table: u(k int, b int)
select top (5) with ties t.*, x = a + 1, u.b as 'quoted name', [b] "bb" from t join u on t.k = u.k order by a
--> select exact
--> 1 k = t.k identity
--> 2 a = t.a identity
--> 3 x = t.a transformation
--> 4 quoted name = u.b identity
--> 5 bb = u.b identity
--> rows = t.a filter, t.k join, u.k join

-- case: Trino: max_by, listagg, lambdas
-- dialect: trino
-- table: t(k bigint, a bigint)
select max_by(a, k), approx_distinct(a), listagg(a, ',') within group (order by k), count_if(a > 1), try(a / k), transform(array[a], x -> x + k) from t
--> select exact
--> 1 _col0 = t.a aggregation | t.k sort
--> 2 _col1 = t.a aggregation masked
--> 3 _col2 = t.a aggregation | t.k sort
--> 4 _col3 = t.a aggregation masked
--> 5 _col4 = t.a transformation, t.k transformation
--> 6 _col5 = t.a transformation, t.k transformation
--> rows = nothing

-- case: ClickHouse: EXCEPT, REPLACE, COLUMNS and APPLY
-- dialect: clickhouse
-- table: t(id Int, a Int, b Int)
select * except (a) replace (b + 1 as b), columns('a|b') apply(toString), t.* apply(sum) from t final prewhere a > 1
--> select exact
--> 1 id = t.id identity
--> 2 b = t.b transformation
--> 3 toString(a) = t.a transformation
--> 4 toString(b) = t.b transformation
--> 5 sum(id) = t.id aggregation
--> 6 sum(a) = t.a aggregation
--> 7 sum(b) = t.b aggregation
--> rows = t.a filter

-- case: ClickHouse: ANY JOIN, GLOBAL, LIMIT BY
-- dialect: clickhouse
-- table: t(id Int, a Int)
-- table: u(id Int, c Int)
select id, c from t global any left join u using id order by c limit 2 by id limit 10
--> select exact
--> 1 id = t.id identity
--> 2 c = u.c identity
--> rows = t.id filter, t.id join, u.c filter, u.id join

-- case: ClickHouse: a semi join shows both sides
-- dialect: clickhouse
-- table: t(id Int,v Int)
-- table: u(id Int,w Int)
select * from t left semi join u on t.id = u.id
--> select exact
--> 1 id = t.id identity
--> 2 v = t.v identity
--> 3 id = u.id identity
--> 4 w = u.w identity
--> rows = t.id join, u.id join

-- case: Snowflake: columns by their place
-- dialect: snowflake
-- table: t(id,v)
select $1, t.$2 + 1 as x from t
--> select exact
--> 1 $1 = t.id identity
--> 2 x = t.v transformation
--> rows = nothing

-- case: Snowflake: a staged file
-- dialect: snowflake
select $1 as a, $2:x::string as b, metadata$filename as f from @stage/path (file_format => 'x')
--> select exact
--> 1 a = @stage/path.$1 identity
--> 2 b = @stage/path.$2.x transformation
--> 3 f = @stage/path.metadata$filename identity
--> rows = nothing

-- case: Snowflake: hashes hide what they read
-- dialect: snowflake
-- table: t(id,d)
select id, object_construct(*) as o, hash(*) as h, count(*) as c, count(t.*) as ct, md5(id) m, sha2(d::string, 256) s from t group by all
--> select exact
--> 1 id = t.id identity
--> 2 o = t.d transformation, t.id transformation
--> 3 h = t.d transformation masked, t.id transformation masked
--> 4 c = nothing
--> 5 ct = t.d aggregation masked, t.id aggregation masked
--> 6 m = t.id transformation masked
--> 7 s = t.d transformation masked
--> rows = t.d group_by, t.id group_by

-- case: Snowflake: CONNECT BY
-- dialect: snowflake
-- table: t(id,parent_id,n)
select id, level, sys_connect_by_path(n, '/') p, connect_by_root n as r from t start with parent_id is null connect by prior id = parent_id
--> select exact
--> 1 id = t.id identity
--> 2 level = nothing
--> 3 p = t.n transformation
--> 4 r = t.n transformation
--> rows = t.id filter, t.parent_id filter

-- case: Snowflake: ASOF JOIN
-- dialect: snowflake
-- table: t(id,ts,v)
-- table: q(id,ts,p)
select t.*, q.p from t asof join q match_condition (t.ts >= q.ts) on t.id = q.id
--> select exact
--> 1 id = t.id identity
--> 2 ts = t.ts identity
--> 3 v = t.v identity
--> 4 p = q.p identity
--> rows = q.id join, q.ts join, t.id join, t.ts join

-- case: DuckDB: ASOF JOIN with USING
-- dialect: duckdb
-- table: t(id,ts,v)
-- table: q(id,ts,p)
select t.*, q.p from t asof left join q using (id, ts)
--> select exact
--> 1 id = t.id identity
--> 2 ts = t.ts identity
--> 3 v = t.v identity
--> 4 p = q.p identity
--> rows = q.id join, q.ts join, t.id join, t.ts join

-- case: DuckDB: COLUMNS in expressions
-- dialect: duckdb
-- table: u(k int, b int, id int)
select min(columns(*)), columns('k|b') + 1, columns(['k', 'b']), columns('(k)') as 'x_\1', coalesce(*columns('k|b')) as c from u group by all
--> select exact
--> 1 k = u.k aggregation
--> 2 b = u.b aggregation
--> 3 id = u.id aggregation
--> 4 k = u.k transformation
--> 5 b = u.b transformation
--> 6 k = u.k identity
--> 7 b = u.b identity
--> 8 x_k = u.k identity
--> 9 c = u.b transformation, u.k transformation
--> rows = u.b group_by, u.k group_by

-- case: DuckDB: columns by their place bear their names
-- dialect: duckdb
-- table: u(k int, b int)
select #2, #1 from u
--> select exact
--> 1 b = u.b identity
--> 2 k = u.k identity
--> rows = nothing

-- case: DuckDB: FROM first
-- dialect: duckdb
-- table: u(k int, b int)
from u select k where b > 1
--> select exact
--> 1 k = u.k identity
--> rows = u.b filter

-- case: Databricks: anti and semi joins with USING
-- dialect: databricks
-- table: t(id,v)
-- table: u(id,w)
select * from t left anti join u using (id)
--> select exact
--> 1 id = t.id identity
--> 2 v = t.v identity
--> rows = t.id join, u.id join

-- case: Databricks: a right semi join shows the right side
-- dialect: databricks
-- table: t(id,v)
-- table: u(id,w)
select * from t right semi join u on t.id = u.id
--> select exact
--> 1 id = u.id identity
--> 2 w = u.w identity
--> rows = t.id join, u.id join

-- case: several stars, each with its own modifiers
-- dialect: snowflake,databricks
-- table: t(id,v)
select *, v + 1 as v2, * exclude (v), t.* rename (v as w) from t
--> select exact
--> 1 id = t.id identity
--> 2 v = t.v identity
--> 3 v2 = t.v transformation
--> 4 id = t.id identity
--> 5 id = t.id identity
--> 6 w = t.v identity
--> rows = nothing

-- case: ILIKE, REPLACE and RENAME in one star
-- dialect: snowflake
-- table: t(id,v,vx)
select * ilike 'v%' replace (v + id as v) rename (v as nv) from t
--> select exact
--> 1 nv = t.id transformation, t.v transformation
--> 2 vx = t.vx identity
--> rows = nothing

-- case: a schema written in another case than the warehouse folds to
-- dialect: snowflake
-- table: t(id, geometry)
select id, "geometry" as area from t
--> select exact
--> 1 id = t.id identity
--> 2 area = t.geometry identity
--> rows = nothing

-- case: catalog names in mixed case are exact
-- dialect: snowflake,postgres
-- table: t(id, Shape__Area)
select id, "Shape__Area" as area from t
--> select exact
--> 1 id = t.id identity
--> 2 area = t.Shape__Area identity
--> rows = nothing

-- case: PostgreSQL: names of columns that nobody named
-- dialect: postgres
-- table: t(a int, k int)
-- table: u(b int)
select (select max(b) as q from u), case when a = 1 then 2 end, case when a = 1 then a else k end, a::bigint, 1::bigint, a + 1, trim(leading 'x' from 'xy'), (array[a])[1], exists (select 1), date '2024-01-01', interval '1 day' from t
--> select exact
--> 1 q = u.b aggregation
--> 2 case = nothing | t.a conditional
--> 3 k = t.a transformation, t.k transformation | t.a conditional
--> 4 a = t.a transformation
--> 5 int8 = nothing
--> 6 ?column? = t.a transformation
--> 7 ltrim = nothing
--> 8 array = t.a transformation
--> 9 exists = nothing
--> 10 date = nothing
--> 11 interval = nothing
--> rows = nothing

-- case: BigQuery: columns without a name are counted by themselves
-- dialect: bigquery
-- table: t(a int64)
select a + 1, a, a + 2 from t
--> select exact
--> 1 f0_ = t.a transformation
--> 2 a = t.a identity
--> 3 f1_ = t.a transformation
--> rows = nothing

-- case: MySQL: a right join with USING shows the right side first
-- dialect: mysql, mariadb
-- table: t(a int, k int)
-- table: u(b int, k int)
select * from t right join u using (k)
--> select exact
--> 1 k = u.k identity
--> 2 b = u.b identity
--> 3 a = t.a identity
--> rows = t.k join, u.k join
