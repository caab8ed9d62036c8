-- PIVOT and UNPIVOT: which columns come out, under which names, and from where.

-- case: columns that are not named in it are the grouping
-- dialect: snowflake
-- table: t(id,kind,amount,qty)
select * from t pivot (sum(amount) for kind in ('a', 'b' )) order by id

-- case: names given from outside
-- dialect: snowflake
-- table: t(id,kind,amount)
select * from t pivot (sum(amount) for kind in ('a' as x, 'b' as y)) as p (i, ax, bx)

-- case: a dynamic list is unknown
-- dialect: snowflake
-- table: t(id,kind,amount)
select * from t pivot (max(amount) for kind in (any order by kind))

-- case: several aggregates
-- dialect: bigquery
-- table: t(id,kind,amount,qty)
select * from t pivot (sum(amount) as s, count(*) as n for kind in ('a', 'b' as bb))

-- case: numbers as values
-- dialect: bigquery
-- table: t(id,kind,amount)
select * from (select kind, amount from t) pivot (sum(amount) for kind in ('a', 'b', 1))

-- case: aggregates without an alias go by their text
-- dialect: databricks,spark
-- table: t(id,kind,amount,qty)
select * from t pivot (sum(amount) as s, avg(qty) for kind in ('a' as x, 'b'))

-- case: two columns at once
-- dialect: databricks,spark
-- table: t(id,kind,sub,amount)
select * from t pivot (sum(amount) for (kind, sub) in (('a', 1) as x, ('b', 2)))

-- case: a simple PIVOT
-- dialect: duckdb
-- table: t(id int,kind varchar,amount int,qty int)
pivot t on kind in ('a', 'b') using sum(amount)

-- case: GROUP BY of a PIVOT
-- dialect: duckdb
-- table: t(id int,kind varchar,amount int,qty int)
pivot t on kind in ('a', 'b') using sum(amount) as s, max(qty) group by id

-- case: the product of two lists
-- dialect: duckdb
-- table: t(id int,kind varchar,amount int,qty int)
select * from t pivot (sum(amount) as s for kind in ('a', 'b') qty in (1, 2) group by id)

-- case: without a list the values decide
-- dialect: duckdb
-- table: t(id int,kind varchar,amount int,qty int)
pivot t on kind using sum(amount)

-- case: without an aggregate it counts
-- dialect: duckdb
-- table: t(id int, kind varchar)
pivot t on kind in ('a')

-- case: UNPIVOT with its own names
-- dialect: duckdb
-- table: t(id int,kind varchar,amount int,qty int)
unpivot t on amount, qty

-- case: UNPIVOT of COLUMNS
-- dialect: duckdb
-- table: t(id int,kind varchar,amount int,qty int)
unpivot t on columns(* exclude (id, kind))

-- case: UNPIVOT of a star
-- dialect: duckdb
-- table: t(id int,kind varchar,amount int,qty int)
unpivot t on * exclude (id, kind)

-- case: UNPIVOT in FROM, with NULLs
-- dialect: duckdb
-- table: t(id int,kind varchar,amount int,qty int)
select * from t unpivot include nulls (v for n in (amount as 'a', qty))

-- case: two values at once
-- dialect: bigquery,databricks
-- table: t(id,a1,a2,b1,b2)
select * from t unpivot ((v1, v2) for n in ((a1, a2) as 'x', (b1, b2) as 'y'))

-- case: name and value in the SELECT list
-- dialect: tsql
-- table: t(id,jan,feb)
select id, m, v from t unpivot (v for m in (jan, feb)) u

-- case: INCLUDE NULLS keeps every row
-- dialect: snowflake
-- table: t(id,jan,feb)
select * from t unpivot include nulls (v for m in (jan as 'j', feb))

-- case: a PIVOT below a join
-- dialect: snowflake
-- table: t(id,kind,amount)
-- table: u(id,name)
with p as (select * from t pivot (sum(amount) for kind in ('a','b')) as p (id, a, b)) select u.name, p.a + p.b as s from p join u on u.id = p.id
