-- Stars and what modifies them.

-- case: a star over a known table
-- dialect: all
-- table: t(a, b)
select * from t

-- case: a star over an unknown table
-- dialect: all
select * from t

-- case: stars of two tables keep the order of FROM
-- dialect: all
-- table: t(a)
-- table: u(b)
select * from t cross join u

-- case: a qualified star
-- dialect: all
-- table: t(a, b)
-- table: u(c)
select u.*, t.a from t cross join u

-- case: EXCEPT
-- dialect: bigquery, databricks, clickhouse
-- table: t(a, b, c)
select * except (b) from t

-- case: EXCLUDE
-- dialect: snowflake, duckdb, redshift
-- table: t(a, b, c)
select * exclude (b) from t

-- case: EXCLUDE without parentheses
-- dialect: snowflake, duckdb
-- table: t(a, b, c)
select * exclude b from t

-- case: REPLACE keeps the position
-- dialect: bigquery, duckdb, snowflake
-- table: t(a, b, c)
select * replace (b + 1 as b) from t

-- case: RENAME
-- dialect: snowflake
-- table: t(a, b, c)
select * rename (b as bb) from t

-- case: EXCLUDE and RENAME together
-- dialect: snowflake
-- table: t(a, b, c)
select * exclude (a) rename (b as bb) from t

-- case: ILIKE
-- dialect: snowflake
-- table: t(order_id, amount, user_id)
select * ilike '%id' from t

-- case: the dbt deduplication shape
-- dialect: snowflake, postgres, bigquery, databricks, duckdb
-- table: t(id, v, loaded_at)
with numbered as (
  select *, row_number() over (partition by id order by loaded_at desc) as rn from t
)
select * from numbered where rn = 1

-- case: a star through a chain of CTEs
-- dialect: all
-- table: t(a, b)
with s as (select * from t), u as (select * from s), v as (select *, a as c from u) select * from v

-- case: COLUMNS with a pattern
-- dialect: duckdb
-- table: t(amount_a, amount_b, id)
select max(COLUMNS('amount_.*')) from t

-- case: COLUMNS with a star
-- dialect: duckdb
-- table: t(a, b)
select COLUMNS(*) + 1 from t

-- case: a struct's star
-- dialect: bigquery
-- table: t(id, s struct<x int64, y string>)
select id, s.* from t

-- case: the first of an aggregated row, as dbt_utils.deduplicate has it
-- dialect: bigquery
-- table: t(id, v, ts)
select unique_row.* from (
  select array_agg(original order by ts desc limit 1)[offset(0)] as unique_row
  from t original group by id)

-- case: count of a star is no star
-- dialect: all
-- table: t(a)
select count(*) as n from t
