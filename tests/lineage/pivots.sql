-- PIVOT and UNPIVOT: which columns come out, under which names, and from where.

-- case: columns that are not named in it are the grouping
-- dialect: snowflake
-- table: t(id,kind,amount,qty)
select * from t pivot (sum(amount) for kind in ('a', 'b' )) order by id
--> select exact
--> 1 id = t.id identity
--> 2 qty = t.qty identity
--> 3 'a' = t.amount aggregation | t.kind conditional
--> 4 'b' = t.amount aggregation | t.kind conditional
--> rows = t.id sort, t.id group_by, t.qty group_by

-- case: names given from outside
-- dialect: snowflake
-- table: t(id,kind,amount)
select * from t pivot (sum(amount) for kind in ('a' as x, 'b' as y)) as p (i, ax, bx)
--> select exact
--> 1 i = t.id identity
--> 2 ax = t.amount aggregation | t.kind conditional
--> 3 bx = t.amount aggregation | t.kind conditional
--> rows = t.id group_by

-- case: a dynamic list is unknown
-- dialect: snowflake
-- table: t(id,kind,amount)
select * from t pivot (max(amount) for kind in (any order by kind))
--> select unknown
--> 1 id = t.id identity
--> 2 * = t.amount aggregation | t.kind conditional [unknown]
--> rows = t.id group_by
--> ! star_unknown_relation: *
--> ! dynamic_pivot: t pivot (max(amount) for kind in (any order by kind))

-- case: several aggregates
-- dialect: bigquery
-- table: t(id,kind,amount,qty)
select * from t pivot (sum(amount) as s, count(*) as n for kind in ('a', 'b' as bb))
--> select exact
--> 1 id = t.id identity
--> 2 qty = t.qty identity
--> 3 s_a = t.amount aggregation | t.kind conditional
--> 4 n_a = nothing | t.kind conditional
--> 5 s_bb = t.amount aggregation | t.kind conditional
--> 6 n_bb = nothing | t.kind conditional
--> rows = t.id group_by, t.qty group_by

-- case: numbers as values
-- dialect: bigquery
-- table: t(id,kind,amount)
select * from (select kind, amount from t) pivot (sum(amount) for kind in ('a', 'b', 1))
--> select exact
--> 1 a = t.amount aggregation | t.kind conditional
--> 2 b = t.amount aggregation | t.kind conditional
--> 3 _1 = t.amount aggregation | t.kind conditional
--> rows = nothing

-- case: aggregates without an alias go by their text
-- dialect: databricks,spark
-- table: t(id,kind,amount,qty)
select * from t pivot (sum(amount) as s, avg(qty) for kind in ('a' as x, 'b'))
--> select exact
--> 1 id = t.id identity
--> 2 x_s = t.amount aggregation | t.kind conditional
--> 3 x_avg(qty) = t.qty aggregation | t.kind conditional
--> 4 b_s = t.amount aggregation | t.kind conditional
--> 5 b_avg(qty) = t.qty aggregation | t.kind conditional
--> rows = t.id group_by

-- case: two columns at once
-- dialect: databricks,spark
-- table: t(id,kind,sub,amount)
select * from t pivot (sum(amount) for (kind, sub) in (('a', 1) as x, ('b', 2)))
--> select exact
--> 1 id = t.id identity
--> 2 x = t.amount aggregation | t.kind conditional, t.sub conditional
--> 3 {b, 2} = t.amount aggregation | t.kind conditional, t.sub conditional
--> rows = t.id group_by

-- case: a simple PIVOT
-- dialect: duckdb
-- table: t(id int,kind varchar,amount int,qty int)
pivot t on kind in ('a', 'b') using sum(amount)
--> select exact
--> 1 id = t.id identity
--> 2 qty = t.qty identity
--> 3 a = t.amount aggregation | t.kind conditional
--> 4 b = t.amount aggregation | t.kind conditional
--> rows = t.id group_by, t.qty group_by

-- case: GROUP BY of a PIVOT
-- dialect: duckdb
-- table: t(id int,kind varchar,amount int,qty int)
pivot t on kind in ('a', 'b') using sum(amount) as s, max(qty) group by id
--> select exact
--> 1 id = t.id identity
--> 2 a_s = t.amount aggregation | t.kind conditional
--> 3 a_max(qty) = t.qty aggregation | t.kind conditional
--> 4 b_s = t.amount aggregation | t.kind conditional
--> 5 b_max(qty) = t.qty aggregation | t.kind conditional
--> rows = t.id group_by

-- case: the product of two lists
-- dialect: duckdb
-- table: t(id int,kind varchar,amount int,qty int)
select * from t pivot (sum(amount) as s for kind in ('a', 'b') qty in (1, 2) group by id)
--> select exact
--> 1 id = t.id identity
--> 2 a_1_s = t.amount aggregation | t.kind conditional, t.qty conditional
--> 3 a_2_s = t.amount aggregation | t.kind conditional, t.qty conditional
--> 4 b_1_s = t.amount aggregation | t.kind conditional, t.qty conditional
--> 5 b_2_s = t.amount aggregation | t.kind conditional, t.qty conditional
--> rows = t.id group_by

-- case: without a list the values decide
-- dialect: duckdb
-- table: t(id int,kind varchar,amount int,qty int)
pivot t on kind using sum(amount)
--> select unknown
--> 1 id = t.id identity
--> 2 qty = t.qty identity
--> 3 * = t.amount aggregation | t.kind conditional [unknown]
--> rows = t.id group_by, t.qty group_by
--> ! star_unknown_relation: 
--> ! dynamic_pivot: pivot t on kind using sum(amount)

-- case: without an aggregate it counts
-- dialect: duckdb
-- table: t(id int, kind varchar)
pivot t on kind in ('a')
--> select exact
--> 1 id = t.id identity
--> 2 a = nothing | t.kind conditional
--> rows = t.id group_by

-- case: UNPIVOT with its own names
-- dialect: duckdb
-- table: t(id int,kind varchar,amount int,qty int)
unpivot t on amount, qty
--> select exact
--> 1 id = t.id identity
--> 2 kind = t.kind identity
--> 3 name = nothing | t.amount conditional, t.qty conditional
--> 4 value = t.amount identity, t.qty identity
--> rows = t.amount filter, t.qty filter

-- case: UNPIVOT of COLUMNS
-- dialect: duckdb
-- table: t(id int,kind varchar,amount int,qty int)
unpivot t on columns(* exclude (id, kind))
--> select exact
--> 1 id = t.id identity
--> 2 kind = t.kind identity
--> 3 name = nothing | t.amount conditional, t.qty conditional
--> 4 value = t.amount identity, t.qty identity
--> rows = t.amount filter, t.qty filter

-- case: UNPIVOT of a star
-- dialect: duckdb
-- table: t(id int,kind varchar,amount int,qty int)
unpivot t on * exclude (id, kind)
--> select exact
--> 1 id = t.id identity
--> 2 kind = t.kind identity
--> 3 name = nothing | t.amount conditional, t.qty conditional
--> 4 value = t.amount identity, t.qty identity
--> rows = t.amount filter, t.qty filter

-- case: UNPIVOT in FROM, with NULLs
-- dialect: duckdb
-- table: t(id int,kind varchar,amount int,qty int)
select * from t unpivot include nulls (v for n in (amount as 'a', qty))
--> select exact
--> 1 id = t.id identity
--> 2 kind = t.kind identity
--> 3 n = nothing | t.amount conditional, t.qty conditional
--> 4 v = t.amount identity, t.qty identity
--> rows = nothing

-- case: two values at once
-- dialect: bigquery
-- table: t(id,a1,a2,b1,b2)
select * from t unpivot ((v1, v2) for n in ((a1, a2) as 'x', (b1, b2) as 'y'))
--> select exact
--> 1 id = t.id identity
--> 2 v1 = t.a1 identity, t.b1 identity
--> 3 v2 = t.a2 identity, t.b2 identity
--> 4 n = nothing | t.a1 conditional, t.a2 conditional, t.b1 conditional, t.b2 conditional
--> rows = t.a1 filter, t.a2 filter, t.b1 filter, t.b2 filter

-- case: two values at once, behind the name
-- dialect: databricks
-- table: t(id,a1,a2,b1,b2)
select * from t unpivot ((v1, v2) for n in ((a1, a2) as 'x', (b1, b2) as 'y'))
--> select exact
--> 1 id = t.id identity
--> 2 n = nothing | t.a1 conditional, t.a2 conditional, t.b1 conditional, t.b2 conditional
--> 3 v1 = t.a1 identity, t.b1 identity
--> 4 v2 = t.a2 identity, t.b2 identity
--> rows = t.a1 filter, t.a2 filter, t.b1 filter, t.b2 filter

-- case: name and value in the SELECT list
-- dialect: tsql
-- table: t(id,jan,feb)
select id, m, v from t unpivot (v for m in (jan, feb)) u
--> select exact
--> 1 id = t.id identity
--> 2 m = nothing | t.feb conditional, t.jan conditional
--> 3 v = t.feb identity, t.jan identity
--> rows = t.feb filter, t.jan filter

-- case: INCLUDE NULLS keeps every row
-- dialect: snowflake
-- table: t(id,jan,feb)
select * from t unpivot include nulls (v for m in (jan as 'j', feb))
--> select exact
--> 1 id = t.id identity
--> 2 m = nothing | t.feb conditional, t.jan conditional
--> 3 v = t.feb identity, t.jan identity
--> rows = nothing

-- case: a PIVOT below a join
-- dialect: snowflake
-- table: t(id,kind,amount)
-- table: u(id,name)
with p as (select * from t pivot (sum(amount) for kind in ('a','b')) as p (id, a, b)) select u.name, p.a + p.b as s from p join u on u.id = p.id
--> select exact
--> 1 name = u.name identity
--> 2 s = t.amount aggregation | t.kind conditional
--> rows = t.id group_by, t.id join, u.id join

-- case: columns that only come from the same place as what is pivoted stay
-- dialect: duckdb,bigquery,tsql
-- table: t(id int64, cat string, amt int64)
select * from (select id, cat, cat as c2, amt, amt * 2 as amt2 from t) as s pivot (sum(s.amt) for cat in ('a')) as p
--> select exact
--> 1 id = t.id identity
--> 2 c2 = t.cat identity
--> 3 amt2 = t.amt transformation
--> 4 a = t.amt aggregation | t.cat conditional
--> rows = t.amt group_by, t.cat group_by, t.id group_by
