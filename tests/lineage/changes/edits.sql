-- Small edits that change what a query gives: comparing must never call two of these the same
-- (tests/unit/lineage/changes_test.cpp). Tables: t(a int, b int, c text, d timestamp, v and w documents, j json,
-- f boolean, arr array of int), u(a int, b int, x text).

-- bigquery
select any_value(a having max b) as m from t
--->
select any_value(a having min b) as m from t

-- bigquery
select array_agg(a limit 1) as m from t
--->
select array_agg(a limit 2) as m from t

-- bigquery
select a from t, unnest([1,2]) as x with offset as o
--->
select a from t, unnest([1,2,3]) as x with offset as o

-- bigquery
select cast(d as string format 'YYYY') as m from t
--->
select cast(d as string format 'yyyy-MM') as m from t

-- bigquery
select a from t where d > timestamp '2024-01-01'
--->
select a from t where d > timestamp '2024-01-02'

-- bigquery
select safe.substr(c,1) as m from t
--->
select substr(c,1) as m from t

-- bigquery
select safe_cast(c as int64) as m from t
--->
select cast(c as int64) as m from t

-- bigquery
select struct(a as x, b as y) as s from t
--->
select struct(a as y, b as x) as s from t

-- bigquery
select to_json_string(struct(a as X)) as s from t
--->
select to_json_string(struct(a as x)) as s from t

-- bigquery
select to_json_string(t) as s from (select a as x, b from t) t
--->
select to_json_string(t) as s from (select a as y, b from t) t

-- bigquery
select x from t, unnest(arr) as x with offset as o where o=0
--->
select x from t, unnest(arr) as x with offset as o where o=1

-- bigquery
select x as m from t, unnest(arr) as x with offset as o
--->
select o as m from t, unnest(arr) as x with offset as o

-- bigquery
select x from t left join unnest(arr) as x
--->
select x from t cross join unnest(arr) as x

-- bigquery
select cast(a as numeric) as m from t
--->
select cast(a as bignumeric) as m from t

-- bigquery
select array(select as struct a as x, b as y from u) as m from t
--->
select array(select as struct a as y, b as x from u) as m from t

-- bigquery
select a from unnest([struct(1 as a, 2 as b)])
--->
select b as a from unnest([struct(1 as a, 2 as b)])

-- clickhouse
select any(a) as m from t
--->
select any(a) respect nulls as m from t

-- clickhouse
select a from t left join u on t.a=u.a settings join_use_nulls=1
--->
select a from t left join u on t.a=u.a

-- clickhouse
select a from t final
--->
select a from t

-- clickhouse
select a from t prewhere b > 1
--->
select a from t prewhere b > 2

-- clickhouse
select a from t limit 1 by b
--->
select a from t limit 2 by b

-- clickhouse
select a from t any left join u on t.a=u.a
--->
select a from t left join u on t.a=u.a

-- clickhouse
select quantile(0.5)(a) as m from t
--->
select quantile(0.9)(a) as m from t

-- clickhouse
select a from t order by b with fill step 1 limit 5
--->
select a from t order by b with fill step 2 limit 5

-- clickhouse
select a from t group by a with totals
--->
select a from t group by a

-- clickhouse
select a from t group by a with rollup
--->
select a from t group by a with cube

-- clickhouse
select a from t sample 0.1
--->
select a from t sample 0.2

-- clickhouse
select a from t sample 0.1 offset 0.5
--->
select a from t sample 0.1

-- clickhouse
select a from t left array join arr as x
--->
select a from t array join arr as x

-- clickhouse
select a from t global any left join u using a
--->
select a from t global all left join u using a

-- clickhouse
select a from t asof join u on t.a=u.a and t.b>=u.b
--->
select a from t asof left join u on t.a=u.a and t.b>=u.b

-- clickhouse
select a from t order by a with fill
--->
select a from t order by a

-- clickhouse
select a from t limit 2 with ties
--->
select a from t limit 2

-- clickhouse
select distinct on (a) a, b from t
--->
select distinct a, b from t

-- clickhouse
select sumIf(a, b>1) from t
--->
select sumIf(a, b>2) from t

-- clickhouse
select a from t settings max_threads=1
--->
select a from t settings max_threads=2

-- databricks
select v:Name as m from t
--->
select v:name as m from t

-- databricks
select v['Name'] as m from t
--->
select v['name'] as m from t

-- databricks
select a from t version as of 1
--->
select a from t version as of 2

-- databricks
select a from t@v1
--->
select a from t@v2

-- databricks
select v:a::int as m from t
--->
select v:a::string as m from t

-- databricks
select try_divide(a,b) as m from t
--->
select a/b as m from t

-- databricks
select c like any ('a','b') as m from t
--->
select c like all ('a','b') as m from t

-- databricks
select a from t where c ilike 'x'
--->
select a from t where c rlike 'x'

-- duckdb
select a from t using sample 10
--->
select a from t using sample 20

-- duckdb
select a from t using sample reservoir(10 rows) repeatable (1)
--->
select a from t using sample reservoir(10 rows) repeatable (2)

-- duckdb
select a from t where a = true
--->
select a from t where a

-- duckdb
select {'x': a} as m from t
--->
select {'y': a} as m from t

-- duckdb
select {'X': a} as m from t
--->
select {'x': a} as m from t

-- duckdb
select q from (select a as x from t) q
--->
select q from (select a as y from t) q

-- duckdb
select struct_pack(x := a) as m from t
--->
select struct_pack(y := a) as m from t

-- duckdb
select to_json({'Day': a}) as m from t
--->
select to_json({'day': a}) as m from t

-- duckdb
select unnest(arr, recursive := true) from t
--->
select unnest(arr) from t

-- duckdb
select x from t, unnest(arr) as q(x)
--->
select x from t left join unnest(arr) as q(x) on true

-- duckdb
pivot t on c using sum(b) group by a
--->
pivot t on c using max(b) group by a

-- duckdb
pivot t on c in ('x','y') using sum(b) group by a
--->
pivot t on c in ('x','z') using sum(b) group by a

-- mysql
select a from t where a = true
--->
select a from t where a

-- mysql
select a, sum(b) from t group by a with rollup
--->
select a, sum(b) from t group by a

-- mysql
select group_concat(c order by a separator ',') from t
--->
select group_concat(c order by a separator ';') from t

-- mysql
select group_concat(distinct c) from t
--->
select group_concat(c) from t

-- mysql
select binary c = 'x' as q from t
--->
select c = 'x' as q from t

-- mysql
select a from t where match(c) against ('x' in boolean mode)
--->
select a from t where match(c) against ('x')

-- mysql
select a from t partition (p0)
--->
select a from t

-- mysql
select cast(c as char) as m from t
--->
select cast(c as binary) as m from t

-- mysql
select c collate utf8mb4_bin as m from t
--->
select c collate utf8mb4_general_ci as m from t

-- mysql
select convert(c using latin1) as m from t
--->
select convert(c using utf8) as m from t

-- mysql
select a, b from t group by a, b with rollup
--->
select a, b from t group by b, a with rollup

-- mysql
select a from t limit 1, 2
--->
select a from t limit 2, 1

-- postgres
select to_char(d,'Month') as m from t
--->
select to_char(d,'month') as m from t

-- postgres
select replace(c,'Day','x') as m from t
--->
select replace(c,'day','x') as m from t

-- postgres
select x'11' as m from t
--->
select b'11' as m from t

-- postgres
select 'a'' || ''b' as m from t
--->
select 'a' || 'b' as m from t

-- postgres
select interval '1ms' as m from t
--->
select interval '1m' as m from t

-- postgres
with x as (select sum(a) as s from t where b>1), y as (select sum(a) as s from t) select x.s from x, y
--->
with x as (select sum(a) as s from t where b>1), y as (select sum(a) as s from t) select y.s from x, y

-- postgres
with p as (select a, b from t where c='x'), q as (select a, b from t where c='y') select p.a, p.b from p join q on p.a=q.a
--->
with p as (select a, b from t where c='x'), q as (select a, b from t where c='y') select p.a, q.b from p join q on p.a=q.a

-- postgres
with p as (select a, max(b) as b from t where c='x' group by a), q as (select a, max(b) as b from t where c='y' group by a) select p.a, p.b from p join q on p.a=q.a
--->
with p as (select a, max(b) as b from t where c='x' group by a), q as (select a, max(b) as b from t where c='y' group by a) select p.a, q.b from p join q on p.a=q.a

-- postgres
with p as (select a,b from t) select p.a, q.b from p left join p as q on p.a=q.b
--->
with p as (select a,b from t) select p.a, p.b from p left join p as q on p.a=q.b

-- postgres
select t.a, u.b from t left join u on t.a=u.a
--->
select u.a, u.b from t left join u on t.a=u.a

-- postgres
select coalesce(a,b) from t full join u using (a,b)
--->
select t.a from t full join u using (a,b)

-- postgres
select a from t limit 1
--->
select a from t limit 1 offset 1

-- postgres
select a from t order by b limit 1
--->
select a from t order by b desc limit 1

-- postgres
select a from t order by b fetch first 1 rows only
--->
select a from t order by b fetch first 1 rows with ties

-- postgres
select (select b from u order by a limit 1) as m from t
--->
select (select b from u order by a desc limit 1) as m from t

-- postgres
select array(select b from u order by a) as m from t
--->
select array(select b from u order by a desc) as m from t

-- postgres
select array_agg(b order by a) as m from t
--->
select array_agg(b order by a desc) as m from t

-- postgres
select array_agg(b) as m from (select * from t order by a) as q
--->
select array_agg(b) as m from (select * from t order by a desc) as q

-- postgres
select a from t tablesample system (10)
--->
select a from t tablesample bernoulli (10)

-- postgres
select a from t tablesample system (10) repeatable (1)
--->
select a from t tablesample system (10) repeatable (2)

-- postgres
select c collate "C" as m from t order by 1 limit 1
--->
select c collate "en_US" as m from t order by 1 limit 1

-- postgres
select max(c collate "C") as m from t
--->
select max(c collate "c") as m from t

-- postgres
select d at time zone 'UTC' as m from t
--->
select d at time zone 'CET' as m from t

-- postgres
select count(distinct a) from t
--->
select count(a) from t

-- postgres
select a from t except select a from u
--->
select a from t except all select a from u

-- postgres
select sum(a) over (order by b rows between 1 preceding and current row exclude current row) from t
--->
select sum(a) over (order by b rows between 1 preceding and current row exclude ties) from t

-- postgres
select a from t where c similar to 'x'
--->
select a from t where c like 'x'

-- postgres
select a from t where c like 'x' escape '!'
--->
select a from t where c like 'x' escape '#'

-- postgres
select a from t where c ilike 'x'
--->
select a from t where c like 'x'

-- postgres
select a from t group by grouping sets ((a),())
--->
select a from t group by rollup(a)

-- postgres
select a from t group by grouping sets ((a),())
--->
select a from t group by a

-- postgres
select a, b from t group by cube(a,b)
--->
select a, b from t group by rollup(a,b)

-- postgres
select a from t group by distinct rollup(a,b)
--->
select a from t group by rollup(a,b)

-- postgres
select a from t where a in (select a from u)
--->
select a from t where a in (select b from u)

-- postgres
select a from t where exists (select 1 from u where u.a=t.a)
--->
select a from t where exists (select 1 from u where u.a=u.b)

-- postgres
select generate_series(1,3) from t
--->
select generate_series(1,4) from t

-- postgres
select a from t, lateral (select * from u where u.a=t.a limit 1) q
--->
select a from t, lateral (select * from u where u.a=t.a limit 2) q

-- postgres
with recursive r(n) as (select 1 union all select n+1 from r where n<5) select n from r
--->
with recursive r(n) as (select 1 union select n+1 from r where n<5) select n from r

-- postgres
with recursive r(n) as (select 1 union all select n+1 from r where n<5) select n from r
--->
with recursive r(n) as (select 1 union all select n+2 from r where n<5) select n from r

-- postgres
with recursive r(n) as (select 1 union all select n+1 from r where n<5) select n from r
--->
with recursive r(n) as (select 2 union all select n+1 from r where n<5) select n from r

-- postgres
select * from (values (1,2),(3,4)) as v(a,b)
--->
select * from (values (1,2),(3,5)) as v(a,b)

-- postgres
select * from (values (1,2),(3,4)) as v(a,b)
--->
select * from (values (1,2)) as v(a,b)

-- postgres
select d + interval '1 month' + interval '1 day' as m from t
--->
select d + interval '1 day' + interval '1 month' as m from t

-- postgres
select (a+b)*2 as m from t
--->
select a+b*2 as m from t

-- postgres
select a - b - 1 as m from t
--->
select a - (b - 1) as m from t

-- postgres
select a / b * 2 as m from t
--->
select a / (b * 2) as m from t

-- postgres
select row_number() over w from t window w as (order by a)
--->
select row_number() over w from t window w as (order by a desc)

-- postgres
select sum(a) filter (where b>1) over (order by d) from t
--->
select sum(a) filter (where b>2) over (order by d) from t

-- postgres
select percentile_cont(0.5) within group (order by a) from t
--->
select percentile_disc(0.5) within group (order by a) from t

-- postgres
select a from t where b is distinct from 1
--->
select a from t where b <> 1

-- postgres
select a from t natural join u
--->
select a from t join u using (a)

-- postgres
select t.c from t natural join u
--->
select t.c from t join u using (a)

-- postgres
select xmlagg(xmlelement(name "A", c)) from t
--->
select xmlagg(xmlelement(name "a", c)) from t

-- postgres
select json_build_object('A', a) from t
--->
select json_build_object('a', a) from t

-- postgres
select j->'A' as m from t
--->
select j->'a' as m from t

-- postgres
select j #>> '{A,b}' as m from t
--->
select j #>> '{a,b}' as m from t

-- postgres
select row_to_json(q) from (select a as x from t) q
--->
select row_to_json(q) from (select a as y from t) q

-- postgres
select q.x from t left join (select a, coalesce(x,'0') as x from u) q on q.a=t.a
--->
select coalesce(q.x,'0') as x from t left join (select a, x from u) q on q.a=t.a

-- postgres
select q.f from t left join (select a, 1 as f from u) q on q.a=t.a
--->
select 1 as f from t left join (select a from u) q on q.a=t.a

-- postgres
with q as (select a, case when x is null then 'n' else x end as x from u) select t.a, q.x from t left join q on q.a=t.a
--->
with q as (select a, x from u) select t.a, case when q.x is null then 'n' else q.x end as x from t left join q on q.a=t.a

-- postgres
with q as (select a, x is null as x from u) select t.a, q.x from t left join q on q.a=t.a
--->
with q as (select a, x from u) select t.a, q.x is null as x from t left join q on q.a=t.a

-- postgres
with q as (select a, count(*) as n from u group by a) select t.a, coalesce(q.n,0) as n from t left join q on q.a=t.a
--->
with q as (select a, coalesce(count(*),0) as n from u group by a) select t.a, q.n as n from t left join q on q.a=t.a

-- postgres
select t.a, q.n from t left join (select a, 'web' as n from u) q on t.a=q.a where q.n = 'web'
--->
select t.a, q.n from t left join (select a, 'web' as n from u) q on t.a=q.a

-- postgres
select t.a, q.n from t left join (select a, 'web' as n from u) q on t.a=q.a where q.n is null
--->
select t.a, q.n from t left join (select a, 'web' as n from u) q on t.a=q.a where 'web' is null

-- postgres
select sum(q.n) from t left join (select a, 1 as n from u) q on t.a=q.a
--->
select sum(1) from t left join (select a, 1 as n from u) q on t.a=q.a

-- postgres
select a, rn from (select a, row_number() over (order by b) as rn from t where b>1) q
--->
select a, rn from (select a, b, row_number() over (order by b) as rn from t) q where b>1

-- postgres
with q as (select a, b, sum(b) over (partition by a) as s from t) select a, s from q where b>1
--->
select a, sum(b) over (partition by a) as s from t where b>1

-- postgres
select a, s from (select a, sum(b) over (partition by a) as s from t) q join u using (a)
--->
select a, s from (select t.a, sum(t.b) over (partition by t.a) as s from t join u on t.a=u.a) q

-- postgres
select a, s from (select a, sum(b) as s from t where c='x' group by a) q
--->
select a, s from (select a, c, sum(b) as s from t group by a, c) q where c='x'

-- postgres
select sum(s) from (select a, sum(b) as s from t group by a) q
--->
select sum(s) from (select c, sum(b) as s from t group by c) q

-- postgres
select max(s) from (select a, sum(b) as s from t group by a) q
--->
select max(s) from (select c, sum(b) as s from t group by c) q

-- postgres
select count(*) from (select distinct a from t) q
--->
select count(*) from (select a from t) q

-- postgres
select count(*) from (select distinct a from t) q
--->
select count(*) from (select distinct b from t) q

-- postgres
select count(*) from (select a from t union select a from u) q
--->
select count(*) from (select a from t union select b from u) q

-- postgres
select a from t union select b from u
--->
select a from t union select a from u

-- postgres
select a, b from t union all select a, b from u
--->
select a, b from t union all select b, a from u

-- postgres
select a from t union all select a from u where b>1
--->
select a from t where b>1 union all select a from u

-- postgres
select 1 as k, a from t union all select 2, a from u
--->
select 2 as k, a from t union all select 1, a from u

-- postgres
select 1 as k, a from t where b=1 union all select 2, a from t where b=2
--->
select 2 as k, a from t where b=1 union all select 1, a from t where b=2

-- postgres
select 'x' as k, count(*) from t union all select 'y', count(*) from u
--->
select 'y' as k, count(*) from t union all select 'x', count(*) from u

-- postgres
select a from t except select a from u
--->
select a from u except select a from t

-- postgres
(select a from t union select a from u) except select b from u
--->
select a from t union (select a from u except select b from u)

-- postgres
select a from t intersect select a from u
--->
select a from t union select a from u

-- postgres
select x.a, y.b from t x join t y on x.a=y.b
--->
select y.a, x.b from t x join t y on x.a=y.b

-- postgres
select x.a from t x left join t y on x.a=y.b where y.a is null
--->
select x.a from t x left join t y on x.a=y.b where x.a is null

-- postgres
select x.a, y.a from t x left join t y on x.a=y.b
--->
select x.a, y.a from t x left join t y on y.a=x.b

-- postgres
select x.b from t x, t y where x.a<y.a
--->
select y.b from t x, t y where x.a<y.a

-- postgres
select x from t, unnest(arr) with ordinality as q(x,o)
--->
select o as x from t, unnest(arr) with ordinality as q(x,o)

-- postgres
select g from generate_series(1,10) g
--->
select g from generate_series(1,10,2) g

-- postgres
select arr[1] from t
--->
select arr[2] from t

-- postgres
select arr[1:] from t
--->
select arr[:1] from t

-- postgres
select arr[1:2] from t
--->
select arr[1:3] from t

-- postgres
select a from t where c = 'X'
--->
select a from t where c = 'x'

-- postgres
select regexp_replace(c, 'A', 'b', 'g') as m from t
--->
select regexp_replace(c, 'a', 'b', 'g') as m from t

-- postgres
select c like '%A' from t
--->
select c like '%a' from t

-- postgres
select e'\n' as m from t
--->
select '\n' as m from t

-- postgres
select 1.0 as m from t
--->
select 1 as m from t

-- postgres
select null::int as m from t
--->
select null::text as m from t

-- postgres
select a::numeric(10,2) as m from t
--->
select a::numeric(10,3) as m from t

-- postgres
select a, b, d from t group by rollup((a,b),d)
--->
select a, b, d from t group by rollup(a,b,d)

-- postgres
select a, b from t group by rollup(a,b)
--->
select a, b from t group by rollup(b,a)

-- postgres
select a, b from t group by grouping sets ((a),(b))
--->
select a, b from t group by grouping sets ((a,b))

-- postgres
select a, grouping(a) from t group by rollup(a)
--->
select a, grouping(b) from t group by rollup(a)

-- postgres
select overlay(c placing 'x' from 1 for 2) from t
--->
select overlay(c placing 'x' from 2 for 1) from t

-- postgres
select trim(leading 'x' from c) from t
--->
select trim(trailing 'x' from c) from t

-- postgres
select trim(both 'x' from c) from t
--->
select trim(c) from t

-- postgres
select substring(c from 2) from t
--->
select substring(c for 2) from t

-- postgres
select substring(c similar 'x' escape '#') from t
--->
select substring(c from 'x') from t

-- postgres
select position('x' in c) from t
--->
select position(c in 'x') from t

-- postgres
select extract(dow from d) from t
--->
select extract(isodow from d) from t

-- postgres
select floor(d to day) from t
--->
select floor(d to hour) from t

-- postgres
select a ^ b as m from t
--->
select a # b as m from t

-- postgres
select a operator(pg_catalog.+) b as m from t
--->
select a operator(pg_catalog.-) b as m from t

-- postgres
select c ~ 'x' as m from t
--->
select c ~* 'x' as m from t

-- postgres
select c !~ 'x' as m from t
--->
select c ~ 'x' as m from t

-- postgres
select a from t where (a,b) in (select a,b from u)
--->
select a from t where (b,a) in (select a,b from u)

-- postgres
select a from t where a > all (select a from u)
--->
select a from t where a > any (select a from u)

-- postgres
select a from t where (a,b) = (1,2)
--->
select a from t where (a,b) = (2,1)

-- postgres
select a from t where a between symmetric 2 and 1
--->
select a from t where a between 2 and 1

-- postgres
select a from t where (a, b) overlaps (b, a)
--->
select a from t where (a, b) overlaps (a, b)

-- postgres
select a from only t
--->
select a from t

-- postgres
select t.* from t join u on t.a=u.a
--->
select u.* from t join u on t.a=u.a

-- postgres
select count(t) from t
--->
select count(*) from t

-- postgres
select count(u.*) from t left join u on t.a=u.a
--->
select count(*) from t left join u on t.a=u.a

-- postgres
select count(u.a) from t left join u on t.a=u.a
--->
select count(t.a) from t left join u on t.a=u.a

-- postgres
select a from t cross join lateral (select b as z from u where u.a=t.a) q
--->
select a from t left join lateral (select b as z from u where u.a=t.a) q on true

-- postgres
select xmlparse(document c) from t
--->
select xmlparse(content c) from t

-- postgres
select json_value(j, '$.a' returning int) from t
--->
select json_value(j, '$.a' returning text) from t

-- postgres
select json_query(j, '$.a' with wrapper) from t
--->
select json_query(j, '$.a') from t

-- postgres
select json_object('a': a absent on null) from t
--->
select json_object('a': a null on null) from t

-- postgres
select json_arrayagg(a order by b null on null) from t
--->
select json_arrayagg(a order by b) from t

-- postgres
select j is json object from t
--->
select j is json array from t

-- postgres
select a from t where c is normalized
--->
select a from t where c is nfc normalized

-- postgres
select a from t where current_date > d
--->
select a from t where current_timestamp > d

-- postgres
select nullif(a,b) from t
--->
select nullif(b,a) from t

-- postgres
select coalesce(a,b) from t
--->
select coalesce(b,a) from t

-- postgres
select case when a=1 then 1 when b=1 then 2 end from t
--->
select case when b=1 then 2 when a=1 then 1 end from t

-- postgres
select a from t where a=1 or b=1 and c='x'
--->
select a from t where (a=1 or b=1) and c='x'

-- postgres
select a from t where not a=1 and b=1
--->
select a from t where not (a=1 and b=1)

-- postgres
select 1 as k, a as v from t union all select 2, b from t
--->
select 2 as k, a as v from t union all select 1, b from t

-- postgres
select 1 as k, 'a' as v union all select 2, 'b'
--->
select 2 as k, 'a' as v union all select 1, 'b'

-- postgres
select a, 1 as k, b as v from t union all select a, 2, c from t
--->
select a, 2 as k, b as v from t union all select a, 1, c from t

-- postgres
select raw.t.a - stg.t.a as d from raw.t join stg.t using (b)
--->
select stg.t.a - raw.t.a as d from raw.t join stg.t using (b)

-- redshift
select approximate count(distinct a) from t
--->
select count(distinct a) from t

-- snowflake
select v:Name as m from t
--->
select v:name as m from t

-- snowflake
select a = true as q from t
--->
select a as q from t

-- snowflake
select last_value(a) over (partition by b order by d) as m from t
--->
select last_value(a) over (partition by b order by d range between unbounded preceding and current row) as m from t

-- snowflake
select hash(* replace (a+1 as a)) as h from t
--->
select hash(* replace (a+2 as a)) as h from t

-- snowflake
select hash(* ilike 'a%') as h from t
--->
select hash(*) as h from t

-- snowflake
select a from t sample (10)
--->
select a from t sample (10 rows)

-- snowflake
select a from t sample (10) seed (1)
--->
select a from t sample (10) seed (2)

-- snowflake
select a from t at (offset => -60)
--->
select a from t at (offset => -120)

-- snowflake
select a from t at (offset => -60)
--->
select a from t before (offset => -60)

-- snowflake
select listagg(c, ',') within group (order by a) as m from t
--->
select listagg(c, ';') within group (order by a) as m from t

-- snowflake
select listagg(c, ',') within group (order by a) as m from t
--->
select listagg(c, ',') within group (order by a desc) as m from t

-- snowflake
select first_value(a) ignore nulls over (order by b) as m from t
--->
select first_value(a) over (order by b) as m from t

-- snowflake
select a from t, lateral flatten(input => v)
--->
select a from t, lateral flatten(input => v, outer => true)

-- snowflake
select f.value from t, lateral flatten(input => v) f
--->
select f.value from t, lateral flatten(input => v, path => 'x') f

-- snowflake
select f.value from t, lateral flatten(input => v:A) f
--->
select f.value from t, lateral flatten(input => v:a) f

-- snowflake
select object_construct('a', a) as m from t
--->
select object_construct('A', a) as m from t

-- snowflake
select object_construct(*) as m from (select a as x from t)
--->
select object_construct(*) as m from (select a as y from t)

-- snowflake
select nullif(c, 'Day') as m from t
--->
select nullif(c, 'day') as m from t

-- snowflake
select decode(c, 'Day', 1, 0) as m from t
--->
select decode(c, 'day', 1, 0) as m from t

-- snowflake
select iff(c = 'Day', 'Month', 'x') as m from t
--->
select iff(c = 'Day', 'month', 'x') as m from t

-- snowflake
select greatest(c, 'Day') as m from t
--->
select greatest(c, 'day') as m from t

-- snowflake
select a from t where equal_null(c, 'Day')
--->
select a from t where equal_null(c, 'day')

-- snowflake
select f.value, g.value as g from t, lateral flatten(v:a) f, lateral flatten(v:b) g
--->
select g.value, f.value as g from t, lateral flatten(v:a) f, lateral flatten(v:b) g

-- snowflake
select f.value as m from t, lateral flatten(v:a) f, lateral flatten(v:b) g
--->
select g.value as m from t, lateral flatten(v:a) f, lateral flatten(v:b) g

-- snowflake
select f.key as m from t, lateral flatten(v) f
--->
select f.index as m from t, lateral flatten(v) f

-- snowflake
select f.value as m from t, lateral flatten(input => v, recursive => true) f
--->
select f.value as m from t, lateral flatten(input => v) f

-- snowflake
select f.value as m from t, lateral flatten(input => v, mode => 'ARRAY') f
--->
select f.value as m from t, lateral flatten(input => v, mode => 'OBJECT') f

-- snowflake
select * from t pivot (sum(b) for c in ('x','y'))
--->
select * from t pivot (max(b) for c in ('x','y'))

-- snowflake
select * from (select a,b,c from t) pivot (sum(b) for c in ('x','y')) as p(a,m,n)
--->
select * from (select a,b,c from t) pivot (sum(b) for c in ('y','x')) as p(a,m,n)

-- snowflake
select * from (select a,b,c from t) pivot (sum(b) for c in ('x','y') default on null (0))
--->
select * from (select a,b,c from t) pivot (sum(b) for c in ('x','y') default on null (1))

-- snowflake
select * from (select a,b,c from t) unpivot (q for n in (a, b))
--->
select * from (select a,b,c from t) unpivot include nulls (q for n in (a, b))

-- snowflake
select * from (select a,b,c from t) unpivot (q for n in (a as 'x', b))
--->
select * from (select a,b,c from t) unpivot (q for n in (a as 'y', b))

-- snowflake
select a::number as m from t
--->
select a::number(38,2) as m from t

-- snowflake
select * from t match_recognize (partition by b order by d measures first(x.a) as m one row per match pattern (x y+) define y as y.a > 1)
--->
select * from t match_recognize (partition by b order by d measures first(x.a) as m one row per match pattern (x y+) define y as y.a > 2)

-- snowflake
select a from t qualify row_number() over (partition by b order by d)=1
--->
select a from t qualify row_number() over (partition by b order by d desc)=1

-- snowflake
select a from t qualify row_number() over (partition by b order by d)=1
--->
select a from t qualify rank() over (partition by b order by d)=1

-- snowflake
select a from t where b>1 qualify row_number() over (partition by c order by d)=1
--->
select a from (select * from t qualify row_number() over (partition by c order by d)=1) where b>1

-- snowflake
select a from t connect by prior a = b start with a=1
--->
select a from t connect by a = prior b start with a=1

-- snowflake
select a from t connect by nocycle prior a = b
--->
select a from t connect by prior a = b

-- snowflake
select array_agg(distinct c) within group (order by c) from t
--->
select array_agg(c) within group (order by c) from t

-- snowflake
select t.a from t asof join u match_condition (t.d >= u.a) on t.a=u.a
--->
select t.a from t asof join u match_condition (t.d > u.a) on t.a=u.a

-- snowflake
select * from (select a,b,c from t) pivot (sum(b) for c in ('x' as m,'y' as n))
--->
select * from (select a,b,c from t) pivot (sum(b) for c in ('z' as m,'y' as n))

-- spark
select second(d) as m from t
--->
select extract(second from d) as m from t

-- spark
select explode(v) from t
--->
select explode_outer(v) from t

-- spark
select x from t lateral view explode(v) q as x
--->
select x from t lateral view outer explode(v) q as x

-- spark
select x from t lateral view explode(v) q as x
--->
select x from t lateral view posexplode(v) q as i, x

-- spark
select a from t tablesample (10 percent)
--->
select a from t tablesample (10 rows)

-- spark
select a from t tablesample (10 percent) repeatable (1)
--->
select a from t tablesample (10 percent) repeatable (2)

-- spark
select named_struct('Day', a) as m from t
--->
select named_struct('day', a) as m from t

-- spark
select get_json_object(c, '$.Day') as m from t
--->
select get_json_object(c, '$.day') as m from t

-- spark
select date_format(d, 'Day') as m from t
--->
select date_format(d, 'day') as m from t

-- spark
select transform(arr, x -> x + 1) as m from t
--->
select transform(arr, x -> x + 2) as m from t

-- spark
select filter(arr, x -> x > a) as m from t
--->
select filter(arr, x -> x > b) as m from t

-- spark
select a from t left semi join u on t.a=u.a
--->
select a from t left anti join u on t.a=u.a

-- spark
select a from t where a <=> b
--->
select a from t where a = b

-- spark
select a div b as m from t
--->
select a / b as m from t

-- spark
select first(a, true) as m from t
--->
select first(a) as m from t

-- spark
select first(a) ignore nulls as m from t
--->
select first(a) as m from t

-- spark
select inline(v) from t
--->
select inline_outer(v) from t

-- spark
select stack(2, a, b) from t
--->
select stack(1, a, b) from t

-- sqlite
select a from t where a = true
--->
select a from t where a

-- sqlite
select a from t where c = 'x' collate nocase
--->
select a from t where c = 'x'

-- sqlite
select a, max(b) from t
--->
select a, min(b) from t

-- sqlite
select a from t where c glob 'x*'
--->
select a from t where c like 'x*'

-- sqlite
select a is b as m from t
--->
select a = b as m from t

-- sqlite
select c || a as m from t
--->
select c + a as m from t

-- trino
select a from t tablesample bernoulli (10)
--->
select a from t tablesample system (10)

-- trino
select a from t for version as of 1
--->
select a from t for version as of 2

-- trino
select a from t match_recognize (partition by b order by d measures first(x.a) as m one row per match after match skip past last row pattern (x y+) define y as y.a > 1)
--->
select a from t match_recognize (partition by b order by d measures first(x.a) as m one row per match after match skip past last row pattern (x y*) define y as y.a > 1)

-- tsql
select a + b + 1 as m from t
--->
select b + a + 1 as m from t

-- tsql
select c + x as m from t join u on t.a=u.a
--->
select x + c as m from t join u on t.a=u.a

-- tsql
select isnull(c,'unknown') as m from t
--->
select coalesce(c,'unknown') as m from t

-- tsql
select N'é' as m from t
--->
select 'é' as m from t

-- tsql
select top 10 a from t order by b
--->
select top 10 percent a from t order by b

-- tsql
select top 10 a from t order by b
--->
select top 10 with ties a from t order by b

-- tsql
select convert(varchar(10), d, 101) as m from t
--->
select convert(varchar(10), d, 102) as m from t

-- tsql
select a from t for system_time as of '2024-01-01'
--->
select a from t

-- tsql
select a from t cross apply (select top 1 * from u where u.a=t.a) q
--->
select a from t outer apply (select top 1 * from u where u.a=t.a) q

-- tsql
select string_agg(c, ',') within group (order by a) as m from t
--->
select string_agg(c, ',') as m from t

-- tsql
select try_convert(int, c) as m from t
--->
select convert(int, c) as m from t

-- tsql
select c collate Latin1_General_CS_AS as m from t
--->
select c collate Latin1_General_CI_AS as m from t

-- tsql
select d at time zone 'UTC' as m from t
--->
select d at time zone 'Central' as m from t

-- bigquery
select u.* from (select array_agg(o order by o.d desc limit 1)[offset(0)] u from t o group by o.a)
--->
select u.* from (select array_agg(o order by o.d limit 1)[offset(0)] u from t o group by o.a)

-- bigquery
select u.* from (select array_agg(o order by o.d desc limit 1)[offset(0)] u from t o group by o.a)
--->
select u.* from (select array_agg(o order by o.d desc limit 1)[offset(1)] u from t o group by o.a)

-- bigquery
select array_agg(struct(o.a, o.b) order by o.d desc)[offset(0)].* from t o
--->
select array_agg(struct(o.a, o.b) order by o.d)[offset(0)].* from t o

-- bigquery
select any_value(struct(o.a, o.b) having max o.d).* from t o
--->
select any_value(struct(o.a, o.b) having min o.d).* from t o

-- bigquery
select (select as struct a, b from u order by a limit 1).* from t
--->
select (select as struct a, b from u order by a desc limit 1).* from t

-- bigquery
select x.a from t, unnest(array(select as struct a, b from u where a>1)) x
--->
select x.a from t, unnest(array(select as struct a, b from u where a>2)) x

-- snowflake
select f.value, g.value as g from t, lateral flatten(v) f, lateral flatten(v) g where f.index=1 and g.index=2
--->
select g.value, f.value as g from t, lateral flatten(v) f, lateral flatten(v) g where f.index=1 and g.index=2

-- spark
select first(struct(a, b)).a as x from t
--->
select last(struct(a, b)).a as x from t

-- spark
select max(struct(a, b)).b as x from t
--->
select min(struct(a, b)).b as x from t

-- duckdb
select arg_max(o, d).a from t o
--->
select arg_min(o, d).a from t o

-- duckdb
select first(o order by d).a from t o
--->
select first(o order by d desc).a from t o

-- clickhouse
select argMax((a,b), d).1 as x from t
--->
select argMin((a,b), d).1 as x from t

-- postgres
select a from t where exists (select 1 from t as s where s.a = t.a and s.b > t.b)
--->
select a from t where exists (select 1 from t as s where s.a = t.a and s.b < t.b)

-- snowflake
select a, (select max(s.b) from t as s where s.a = t.a and s.d <= t.d) as m from t
--->
select a, (select max(s.b) from t as s where s.a = t.a and s.d >= t.d) as m from t

-- tsql
select y.kind from t cross apply openjson(t.c, '$.config') with (kind varchar(20) '$.kind') as y
--->
select y.kind from t cross apply openjson(t.c, '$.config') with (kind varchar(20) '$.other') as y

-- tsql
select y.kind from t cross apply openjson(t.c, '$.config') with (kind varchar(20) '$.kind') as y
--->
select y.kind from t cross apply openjson(t.c, '$.config') with (kind int '$.kind') as y

-- mysql
select q.x from t, json_table(t.c, '$[*]' columns (x int path '$.a')) as q
--->
select q.x from t, json_table(t.c, '$[*]' columns (x int path '$.A')) as q

-- tsql
select (select a, b from u for json path) as j from t
--->
select (select a, b from u for json path, root('r')) as j from t

-- tsql
select (select a as m, b from u for json path) as j from t
--->
select (select a as n, b from u for json path) as j from t

-- postgres
select a as "Id" from t
--->
select a as "ID" from t

-- clickhouse
select a as Id from t
--->
select a as id from t

-- snowflake
select a from t at (statement => 'Ab')
--->
select a from t at (statement => 'ab')

-- postgres
select q.a from (select distinct a, b from t) as q
--->
select q.a from (select distinct a, b + 1 as b from t) as q

-- postgres
select q.a from (select a, b from t union select a, b from u) as q
--->
select q.a from (select a, b from t union select a, b + 1 from u) as q

-- postgres
with now as (select a, b from t where c = 'x'), before as (select a, b from t where c = 'y')
select now.a, now.b - before.b as d from now join before using (a)
--->
with now as (select a, b from t where c = 'y'), before as (select a, b from t where c = 'x')
select now.a, now.b - before.b as d from now join before using (a)

-- postgres
with now as (select a, sum(b) as s from t where c = 'x' group by a), before as (select a, sum(b) as s from t where c = 'y' group by a)
select now.a, now.s as m, before.s as n from now join before on now.a = before.a
--->
with now as (select a, sum(b) as s from t where c = 'y' group by a), before as (select a, sum(b) as s from t where c = 'x' group by a)
select now.a, now.s as m, before.s as n from now join before on now.a = before.a

-- postgres
select sum(b) from (select b from t limit 5) as q
--->
select sum(b) from (select b from t) as q limit 5

-- postgres
select u.a from u cross join (select count(*) as n from t) as q
--->
select u.a from u cross join (select a as n from t) as q

-- bigquery
from t |> order by a |> limit 5
--->
from t |> order by a desc |> limit 5

-- postgres
select y.b from t as x left join t as y on x.a = y.b
--->
select y.b from t as x right join t as y on x.a = y.b

-- postgres
with recursive r (n, v) as (select a, b from t union all select r.n, r.n + 1 from r where r.v < 5) select v from r
--->
with recursive r (n, v) as (select a * 2, b from t union all select r.n, r.n + 1 from r where r.v < 5) select v from r

-- postgres
with recursive r (n, v) as (select a, b from t union all select r.n + 1, r.v from r where r.n < 5) select v from r
--->
with recursive r (n, v) as (select a, b from t union all select r.n + 2, r.v from r where r.n < 5) select v from r

-- postgres
with recursive r as (select a as n, b as v from t union all select t.a, r.v from r join t on t.b = r.n) select v from r
--->
with recursive r as (select a + 1 as n, b as v from t union all select t.a, r.v from r join t on t.b = r.n) select v from r

-- mariadb
with recursive r (n, v) as (select a, b from t union select r.n + 1, r.v + t.a from r join t on t.b = r.n where r.n < 4) select 1 as x from r
--->
with recursive r (v, n) as (select a, b from t union select r.n + 1, r.v + t.a from r join t on t.b = r.n where r.n < 4) select 1 as x from r

-- tsql
with r as (select a from t union all select a + 1 from r where a < 5) select a from r option (maxrecursion 10)
--->
with r as (select a from t union all select a + 1 from r where a < 5) select a from r option (maxrecursion 100)

-- postgres
select a from t for update
--->
select a from t for update skip locked

-- postgres
select cast(a as "MyType") as m from t
--->
select cast(a as "mytype") as m from t

-- redshift
unload ('select a from t') to 's3://x/y' iam_role 'r'
--->
unload ('select b from t') to 's3://x/y' iam_role 'r'

-- postgres
with x as (delete from t where a = 1 returning a) select b from u
--->
with x as (delete from t where a = 2 returning a) select b from u

-- postgres
with recursive r as (select a from t union all select a + 1 from r where a < 5) cycle a set k using p select a from r
--->
with recursive r as (select a from t union all select a + 1 from r where a < 5) select a from r

-- mysql
select cast(c as char character set latin1) as m from t
--->
select cast(c as char character set utf8mb4) as m from t

-- mariadb
select a from t limit 5 rows examined 100
--->
select a from t limit 5 rows examined 10

-- bigquery
select date_add(d, interval -a month) as m from t
--->
select date_add(d, interval -b month) as m from t

-- bigquery
select date_add(d, interval a + 1 day) as m from t
--->
select date_add(d, interval a + 2 day) as m from t

-- bigquery
select date_add(d, interval case when a > 1 then 1 else 2 end day) as m from t
--->
select date_add(d, interval case when a > 1 then 1 else 3 end day) as m from t

-- mariadb
select date_sub(d, interval -(a) month) as m from t
--->
select date_sub(d, interval -(b) month) as m from t
