-- UNION and its kin: by position, names from the first branch.

-- case: UNION ALL goes by position
-- dialect: all
-- table: t(a, b)
-- table: u(b, a)
select a, b from t union all select b, a from u
--> select exact
--> 1 a = t.a identity, u.b identity
--> 2 b = t.b identity, u.a identity
--> rows = nothing

-- case: UNION ALL of stars goes by position
-- dialect: all
-- table: t(a, b)
-- table: u(b, a)
select * from t union all select * from u
--> select exact
--> 1 a = t.a identity, u.b identity
--> 2 b = t.b identity, u.a identity
--> rows = nothing

-- case: UNION removes duplicates, so every compared column decides
-- dialect: postgres, snowflake, tsql, duckdb, sqlite, mysql
-- table: t(a, b)
-- table: u(c, d)
select a, b from t union select c, d from u
--> select exact
--> 1 a = t.a identity, u.c identity
--> 2 b = t.b identity, u.d identity
--> rows = t.a filter, t.b filter, u.c filter, u.d filter

-- case: EXCEPT takes values from the left only
-- dialect: postgres, snowflake, duckdb, sqlite
-- table: t(a)
-- table: u(b)
select a from t except select b from u
--> select exact
--> 1 a = t.a identity
--> rows = t.a filter, u.b filter

-- case: UNION ALL BY NAME
-- dialect: duckdb, snowflake
-- table: t(a, b)
-- table: u(b, c)
select a, b from t union all by name select b, c from u
--> select exact
--> 1 a = t.a identity
--> 2 b = t.b identity, u.b identity
--> 3 c = u.c identity
--> rows = nothing

-- case: a recursive CTE
-- dialect: postgres, snowflake, duckdb, sqlite, mysql, trino, bigquery
-- table: emp(id, boss, name)
with recursive r as (
  select id, boss, name, 1 as depth from emp where boss is null
  union all
  select e.id, e.boss, r.name, r.depth + 1 from emp e join r on e.boss = r.id
)
select id, name, depth from r
--> select exact
--> 1 id = emp.id identity
--> 2 name = emp.name identity
--> 3 depth = nothing
--> rows = emp.boss filter, emp.boss join, emp.id join

-- case: T-SQL recurses without the word
-- dialect: tsql
-- table: emp(id, boss)
with r as (
  select id, boss from emp where boss is null
  union all
  select e.id, e.boss from emp e join r on e.boss = r.id
)
select id from r
--> select exact
--> 1 id = emp.id identity
--> rows = emp.boss filter, emp.boss join, emp.id join

-- case: without RECURSIVE the own name is the table
-- dialect: postgres, snowflake, bigquery, duckdb
-- table: orders(id, v)
with orders as (select id, v + 1 as v from orders) select id, v from orders
--> select exact
--> 1 id = orders.id identity
--> 2 v = orders.v transformation
--> rows = nothing

-- case: a CTE's column list
-- dialect: all
-- table: t(a, b)
with c (x, y) as (select a, b from t) select y, x from c
--> select exact
--> 1 y = t.b identity
--> 2 x = t.a identity
--> rows = nothing

-- case: the nearest CTE of a name wins
-- dialect: postgres, snowflake, bigquery, duckdb
-- table: t(a)
-- table: u(a)
with c as (select a from t) select * from (with c as (select a from u) select a from c) q cross join c
--> select exact
--> 1 a = u.a identity
--> 2 a = t.a identity
--> rows = nothing

-- case: parenthesised branches with a common ORDER BY
-- dialect: postgres, snowflake, duckdb, bigquery
-- table: t(a)
-- table: u(b)
(select a from t) union all (select b from u) order by a
--> select exact
--> 1 a = t.a identity, u.b identity
--> rows = t.a sort, u.b sort

-- case: VALUES
-- dialect: postgres, duckdb, snowflake
select v.x from (values (1, 'a'), (2, 'b')) as v(x, y)
--> select exact
--> 1 x = nothing
--> rows = nothing
