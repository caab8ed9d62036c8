-- Pipe syntax: every step makes a new relation; names of FROM and of joins stay until a new list of columns.

-- case: filter, extend, join, aggregate
-- dialect: bigquery
-- table: t(id int64, a int64, b int64)
-- table: u(id int64, c int64)
from t |> where a > 1 |> extend a + b as s |> join u using (id) |> aggregate sum(s) as total, count(*) as n group by c |> order by total desc |> limit 5
--> select exact
--> 1 c = u.c identity
--> 2 total = t.a aggregation, t.b aggregation
--> 3 n = nothing
--> rows = t.a filter, t.a sort, t.b sort, t.id join, u.c group_by, u.id join

-- case: set, drop, rename, as
-- dialect: bigquery
-- table: t(id int64, a int64, b int64)
from t as x |> set a = x.a + x.b |> drop b |> rename id as key |> as y |> where y.a > 2 |> select y.*
--> select exact
--> 1 key = t.id identity
--> 2 a = t.a transformation, t.b transformation
--> rows = t.a filter, t.b filter

-- case: relations of a join can be named until the SELECT
-- dialect: bigquery
-- table: t(id int64, a int64)
-- table: u(id int64, c int64, d int64)
from t |> left join u on t.id = u.id |> where u.d > 1 |> select t.id, u.c |> union all (select 1, 2), (select id, c from u) |> distinct
--> select exact
--> 1 id = t.id identity, u.id identity
--> 2 c = u.c identity
--> rows = t.id filter, t.id join, u.c filter, u.d filter, u.id filter, u.id join

-- case: pivot and unpivot as steps
-- dialect: bigquery
-- table: t(id int64, k string, v int64)
from t |> pivot (sum(v) for k in ('a', 'b')) |> unpivot (value for name in (a, b))
--> select exact
--> 1 id = t.id identity
--> 2 value = t.v aggregation | t.k conditional
--> 3 name = nothing | t.k conditional, t.v conditional
--> rows = t.id group_by, t.k filter, t.v filter

-- case: a window in EXTEND that a WHERE reads
-- dialect: bigquery, databricks
-- table: t(id int64, a int64)
from t |> extend row_number() over (partition by id order by a) as rn |> where rn = 1 |> select * except (rn)
--> select exact
--> 1 id = t.id identity
--> 2 a = t.a identity
--> rows = t.a filter, t.id filter

-- case: an alias in the grouping of a pipe
-- dialect: bigquery, databricks
-- table: t(id int, a int)
from t |> where a > 1 |> aggregate sum(a) as s group by id as key |> where s > 2 |> select key, s
--> select exact
--> 1 key = t.id identity
--> 2 s = t.a aggregation
--> rows = t.a filter, t.id group_by

-- case: a pivot step that is not understood
-- dialect: bigquery
-- table: t(id int64, k string, v int64)
from t |> pivot (sum(v) for_column, t.$2 as b, c d)
--> select unknown
--> 1 id = t.id identity [unknown]
--> 2 k = t.k identity [unknown]
--> 3 for_column_ = t.v aggregation
--> 4 b_ = t.id transformation, t.k transformation, t.v transformation [unknown]
--> 5 d_ = nothing [unknown]
--> rows = t.id group_by, t.k group_by
--> ! opaque_syntax: t.$2
--> ! unresolved_column: c
