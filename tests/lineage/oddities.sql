-- What only one engine does.

-- case: SQLite: quoted words that are no column are strings
-- dialect: sqlite
-- table: t(a int, b int)
select "a", "nope" as n, 'a' as l, [b], `b` from t where "zip" = 'x'

-- case: MySQL: double quotes are strings, backticks are names
-- dialect: mysql,mariadb
-- table: t(a int, b int)
select "a" as s, `a` as c, @v := a as d, if(a > 1, b, 0) i, group_concat(distinct b order by a separator ',') g from t group by a with rollup

-- case: T-SQL: TOP WITH TIES, alias with =, quoted aliases
-- dialect: tsql
-- table: t(k int, a int)
-- table: u(k int, b int)
select top (5) with ties t.*, x = a + 1, u.b as 'quoted name', [b] "bb" from t join u on t.k = u.k order by a

-- case: Trino: max_by, listagg, lambdas
-- dialect: trino
-- table: t(k bigint, a bigint)
select max_by(a, k), approx_distinct(a), listagg(a, ',') within group (order by k), count_if(a > 1), try(a / k), transform(array[a], x -> x + k) from t

-- case: ClickHouse: EXCEPT, REPLACE, COLUMNS and APPLY
-- dialect: clickhouse
-- table: t(id Int, a Int, b Int)
select * except (a) replace (b + 1 as b), columns('a|b') apply(toString), t.* apply(sum) from t final prewhere a > 1

-- case: ClickHouse: ANY JOIN, GLOBAL, LIMIT BY
-- dialect: clickhouse
-- table: t(id Int, a Int)
-- table: u(id Int, c Int)
select id, c from t global any left join u using id order by c limit 2 by id limit 10

-- case: ClickHouse: a semi join shows both sides
-- dialect: clickhouse
-- table: t(id Int,v Int)
-- table: u(id Int,w Int)
select * from t left semi join u on t.id = u.id

-- case: Snowflake: columns by their place
-- dialect: snowflake
-- table: t(id,v)
select $1, t.$2 + 1 as x from t

-- case: Snowflake: a staged file
-- dialect: snowflake
select $1 as a, $2:x::string as b, metadata$filename as f from @stage/path (file_format => 'x')

-- case: Snowflake: hashes hide what they read
-- dialect: snowflake
-- table: t(id,d)
select id, object_construct(*) as o, hash(*) as h, count(*) as c, count(t.*) as ct, md5(id) m, sha2(d::string, 256) s from t group by all

-- case: Snowflake: CONNECT BY
-- dialect: snowflake
-- table: t(id,parent_id,n)
select id, level, sys_connect_by_path(n, '/') p, connect_by_root n as r from t start with parent_id is null connect by prior id = parent_id

-- case: Snowflake: ASOF JOIN
-- dialect: snowflake
-- table: t(id,ts,v)
-- table: q(id,ts,p)
select t.*, q.p from t asof join q match_condition (t.ts >= q.ts) on t.id = q.id

-- case: DuckDB: ASOF JOIN with USING
-- dialect: duckdb
-- table: t(id,ts,v)
-- table: q(id,ts,p)
select t.*, q.p from t asof left join q using (id, ts)

-- case: DuckDB: COLUMNS in expressions
-- dialect: duckdb
-- table: u(k int, b int, id int)
select min(columns(*)), columns('k|b') + 1, columns(['k', 'b']), columns('(k)') as 'x_\1', coalesce(*columns('k|b')) as c from u group by all

-- case: DuckDB: columns by their place bear their names
-- dialect: duckdb
-- table: u(k int, b int)
select #2, #1 from u

-- case: DuckDB: FROM first
-- dialect: duckdb
-- table: u(k int, b int)
from u select k where b > 1

-- case: Databricks: anti and semi joins with USING
-- dialect: databricks
-- table: t(id,v)
-- table: u(id,w)
select * from t left anti join u using (id)

-- case: Databricks: a right semi join shows the right side
-- dialect: databricks
-- table: t(id,v)
-- table: u(id,w)
select * from t right semi join u on t.id = u.id

-- case: several stars, each with its own modifiers
-- dialect: snowflake,databricks
-- table: t(id,v)
select *, v + 1 as v2, * exclude (v), t.* rename (v as w) from t

-- case: ILIKE, REPLACE and RENAME in one star
-- dialect: snowflake
-- table: t(id,v,vx)
select * ilike 'v%' replace (v + id as v) rename (v as nv) from t

-- case: a schema written in another case than the warehouse folds to
-- dialect: snowflake
-- table: t(id, geometry)
select id, "geometry" as area from t

-- case: catalog names in mixed case are exact
-- dialect: snowflake,postgres
-- table: t(id, Shape__Area)
select id, "Shape__Area" as area from t
