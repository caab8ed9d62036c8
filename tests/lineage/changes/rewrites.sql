-- Rewrites that give the same: comparing must find nothing in them. Tables as in edits.sql.

-- postgres
select a from t full join u using (a)
--->
select coalesce(t.a, u.a) as a from t full join u using (a)

-- redshift
select a from t where f = true
--->
select a from t where f

-- snowflake
select dateadd(Month, 1, d) as m from t
--->
select dateadd('month', 1, d) as m from t

-- snowflake
select date_trunc('MONTH', d) as m from t
--->
select date_trunc(month, d) as m from t

-- postgres
select q.a from (select a, b + 1 as b from u) q right join t on t.a = q.b
--->
select q.a from (select a, b from u) q right join t on t.a = q.b + 1

-- postgres
select a, s from (select a, sum(b) as s from t group by a) q where s > 1
--->
select a, sum(b) as s from t group by a having sum(b) > 1

-- tsql
select iif(a > 1, 'x', 'y') as m from t
--->
select case when a > 1 then 'x' else 'y' end as m from t

-- postgres
with q as (select a, x from u) select t.a, q.x from t left join q on q.a = t.a
--->
select t.a, q.x from t left join (select a, x from u) as q on q.a = t.a

-- postgres
select t.a, lower(q.x) as x from t left join u as q on q.a = t.a
--->
select t.a, q.x from t left join (select a, lower(x) as x from u) as q on q.a = t.a

-- postgres
select 'web' as k, a from t union all select 'shop', a from u
--->
select 'shop' as k, a from u union all select 'web', a from t

-- postgres
select a, b from t group by a, b order by a nulls last limit 3
--->
select a, b from t group by b, a order by a asc limit 3

-- snowflake
select object_construct(*) as m from t as x
--->
select object_construct(*) as m from t as y

-- postgres
select a as Id from t
--->
select a as ID from t

-- bigquery
select a as Id from t
--->
select a as ID from t
