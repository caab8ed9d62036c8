-- Stars and what modifies them.

-- case: a star over a known table
-- dialect: all
-- table: t(a, b)
select * from t
--> select exact
--> 1 a = t.a identity
--> 2 b = t.b identity
--> rows = nothing

-- case: a star over an unknown table
-- dialect: all
select * from t
--> select unknown
--> 1 * = t.* identity [unknown]
--> rows = nothing
--> ! star_unknown_relation: *

-- case: stars of two tables keep the order of FROM
-- dialect: all
-- table: t(a)
-- table: u(b)
select * from t cross join u
--> select exact
--> 1 a = t.a identity
--> 2 b = u.b identity
--> rows = nothing

-- case: a qualified star
-- dialect: all
-- table: t(a, b)
-- table: u(c)
select u.*, t.a from t cross join u
--> select exact
--> 1 c = u.c identity
--> 2 a = t.a identity
--> rows = nothing

-- case: EXCEPT
-- dialect: bigquery, databricks, clickhouse
-- table: t(a, b, c)
select * except (b) from t
--> select exact
--> 1 a = t.a identity
--> 2 c = t.c identity
--> rows = nothing

-- case: EXCLUDE
-- dialect: snowflake, duckdb, redshift
-- table: t(a, b, c)
select * exclude (b) from t
--> select exact
--> 1 a = t.a identity
--> 2 c = t.c identity
--> rows = nothing

-- case: EXCLUDE without parentheses
-- dialect: snowflake, duckdb
-- table: t(a, b, c)
select * exclude b from t
--> select exact
--> 1 a = t.a identity
--> 2 c = t.c identity
--> rows = nothing

-- case: REPLACE keeps the position
-- dialect: bigquery, duckdb, snowflake
-- table: t(a, b, c)
select * replace (b + 1 as b) from t
--> select exact
--> 1 a = t.a identity
--> 2 b = t.b transformation
--> 3 c = t.c identity
--> rows = nothing

-- case: RENAME
-- dialect: snowflake
-- table: t(a, b, c)
select * rename (b as bb) from t
--> select exact
--> 1 a = t.a identity
--> 2 bb = t.b identity
--> 3 c = t.c identity
--> rows = nothing

-- case: EXCLUDE and RENAME together
-- dialect: snowflake
-- table: t(a, b, c)
select * exclude (a) rename (b as bb) from t
--> select exact
--> 1 bb = t.b identity
--> 2 c = t.c identity
--> rows = nothing

-- case: ILIKE
-- dialect: snowflake
-- table: t(order_id, amount, user_id)
select * ilike '%id' from t
--> select exact
--> 1 order_id = t.order_id identity
--> 2 user_id = t.user_id identity
--> rows = nothing

-- case: the dbt deduplication shape
-- dialect: snowflake, postgres, bigquery, databricks, duckdb
-- table: t(id, v, loaded_at)
with numbered as (
  select *, row_number() over (partition by id order by loaded_at desc) as rn from t
)
select * from numbered where rn = 1
--> select exact
--> 1 id = t.id identity
--> 2 v = t.v identity
--> 3 loaded_at = t.loaded_at identity
--> 4 rn = nothing | t.id window, t.loaded_at window
--> rows = t.id filter, t.loaded_at filter

-- case: a star through a chain of CTEs
-- dialect: all
-- table: t(a, b)
with s as (select * from t), u as (select * from s), v as (select *, a as c from u) select * from v
--> select exact
--> 1 a = t.a identity
--> 2 b = t.b identity
--> 3 c = t.a identity
--> rows = nothing

-- case: COLUMNS with a pattern
-- dialect: duckdb
-- table: t(amount_a, amount_b, id)
select max(COLUMNS('amount_.*')) from t
--> select exact
--> 1 amount_a = t.amount_a aggregation
--> 2 amount_b = t.amount_b aggregation
--> rows = nothing

-- case: COLUMNS with a star
-- dialect: duckdb
-- table: t(a, b)
select COLUMNS(*) + 1 from t
--> select exact
--> 1 a = t.a transformation
--> 2 b = t.b transformation
--> rows = nothing

-- case: a struct's star
-- dialect: bigquery
-- table: t(id, s struct<x int64, y string>)
select id, s.* from t
--> select exact
--> 1 id = t.id identity
--> 2 x = t.s.x identity
--> 3 y = t.s.y identity
--> rows = nothing

-- case: the first of an aggregated row, as dbt_utils.deduplicate has it
-- dialect: bigquery
-- table: t(id, v, ts)
select unique_row.* from (
  select array_agg(original order by ts desc limit 1)[offset(0)] as unique_row
  from t original group by id)
--> select exact
--> 1 id = t.id identity | t.ts sort
--> 2 v = t.v identity | t.ts sort
--> 3 ts = t.ts identity | t.ts sort
--> rows = t.id group_by

-- case: count of a star is no star
-- dialect: all
-- table: t(a)
select count(*) as n from t
--> select exact
--> 1 n = nothing
--> rows = nothing

-- case: EXCLUDE of one relation's column among two
-- dialect: duckdb
-- table: t(k, a)
-- table: u(k, b)
select * exclude (t.k) from t join u on t.k = u.k
--> select exact
--> 1 a = t.a identity
--> 2 k = u.k identity
--> 3 b = u.b identity
--> rows = t.k join, u.k join

-- case: EXCLUDE may name the relation whose star it is
-- dialect: duckdb
-- table: t(k, a)
select t.* exclude (t.k) from t
--> select exact
--> 1 a = t.a identity
--> rows = nothing

-- case: REPLACE of a name that two relations have, as DuckDB does it
-- dialect: duckdb
-- table: t(id,a,b)
-- table: u(id,a,c)
select * replace (99 as a) from t, u
--> select exact
--> 1 id = t.id identity
--> 2 a = nothing
--> 3 b = t.b identity
--> 4 id = u.id identity
--> 5 c = u.c identity
--> rows = nothing

-- case: RENAME may say whose column
-- dialect: duckdb
-- table: t(id,a)
-- table: u(id,a)
select * rename (t.a as q) from t, u
--> select exact
--> 1 id = t.id identity
--> 2 q = t.a identity
--> 3 id = u.id identity
--> 4 a = u.a identity
--> rows = nothing

-- case: EXCLUDE of one side of a merged column moves columns about
-- dialect: duckdb
-- table: t(id,a)
-- table: u(id,c)
select * exclude (t.id) from t join u using (id)
--> select unknown
--> 1 a = t.a identity [unknown]
--> 2 c = u.c identity [unknown]
--> rows = t.id join, u.id join
--> ! star_merged_column: * exclude (t.id)

-- case: names that match a pattern, in their case
-- dialect: duckdb
-- table: t(Abc,abd,xab)
select * like 'a%' from t;
select * not like 'a%' from t;
select * ilike 'a%' from t;
select * similar to 'a.*' from t;
select * glob 'a*' from t
--> select exact
--> 1 abd = t.abd identity
--> rows = nothing
--> select exact
--> 1 Abc = t.abc identity
--> 2 xab = t.xab identity
--> rows = nothing
--> select exact
--> 1 Abc = t.abc identity
--> 2 abd = t.abd identity
--> rows = nothing
--> select exact
--> 1 abd = t.abd identity
--> rows = nothing
--> select exact
--> 1 abd = t.abd identity
--> rows = nothing

-- case: COLUMNS with a pattern is particular about case, and may find it anywhere in the name
-- dialect: duckdb
-- table: t(Abc,abd,xab)
select columns('ab') from t
--> select exact
--> 1 abd = t.abd identity
--> 2 xab = t.xab identity
--> rows = nothing

-- case: COLUMNS with tests of the name
-- dialect: duckdb
-- table: t(id,a,b,ab)
select columns(lambda c: c like 'a%') from t;
select columns(c -> starts_with(c, 'a') and not c in ('ab')) from t;
select columns([x for x in (*) if lower(x) <> 'a']) from t
--> select exact
--> 1 a = t.a identity
--> 2 ab = t.ab identity
--> rows = nothing
--> select exact
--> 1 a = t.a identity
--> rows = nothing
--> select exact
--> 1 id = t.id identity
--> 2 b = t.b identity
--> 3 ab = t.ab identity
--> rows = nothing

-- case: COLUMNS with a test that is not understood
-- dialect: duckdb
-- table: t(id,a)
select columns(lambda c: length(c) > 1) from t
--> select unknown
--> 1 id = t.id identity [unknown]
--> 2 a = t.a identity [unknown]
--> rows = nothing
--> ! columns_unknown: columns(lambda c: length(c) > 1)

-- case: a star inside of a call leaves out what it excludes
-- dialect: snowflake,databricks
-- table: t(id,a,b)
select object_construct(* exclude (b)) as o from t
--> select exact
--> 1 o = t.a transformation, t.id transformation
--> rows = nothing

-- case: Trino: a star with names
-- dialect: trino
-- table: t(id,a)
select t.* as (p, q) from t
--> select exact
--> 1 p = t.id identity
--> 2 q = t.a identity
--> rows = nothing

-- case: Trino: stars of one side leave out what USING merged
-- dialect: trino
-- table: t(id,a)
-- table: u(id,c)
select t.*, u.*, id from t join u using (id)
--> select exact
--> 1 a = t.a identity
--> 2 c = u.c identity
--> 3 id = t.id identity
--> rows = t.id join, u.id join

-- case: ClickHouse: what USING merged comes first
-- dialect: clickhouse
-- table: t(a,id)
-- table: u(id,c)
select * from t join u using (id)
--> select exact
--> 1 id = t.id identity
--> 2 a = t.a identity
--> 3 c = u.c identity
--> rows = t.id join, u.id join

-- case: PostgreSQL: a name for what USING merged
-- dialect: postgres
-- table: t(id,a)
-- table: u(id,c)
select j.id, t.a, u.id as uid from t join u using (id) as j
--> select exact
--> 1 id = t.id identity
--> 2 a = t.a identity
--> 3 uid = u.id identity
--> rows = t.id join, u.id join

-- case: count of one relation's star counts rows without NULLs
-- dialect: snowflake,databricks
-- table: t(id,a)
select count(t.*) as n from t
--> select exact
--> 1 n = t.a aggregation masked, t.id aggregation masked
--> rows = nothing
