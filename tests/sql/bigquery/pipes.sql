from d.t |> where a > 1 |> extend b + 1 as c |> set a = a * 2 |> drop b |> rename c as e |> as q;
from t |> aggregate sum(x) as s, count(*) group by a, b as bb |> order by s desc |> limit 5 offset 1;
from t |> aggregate count(*) as n group and order by a desc;
from t |> join u on t.id = u.id |> left join v using (k) |> select t.a, u.b as c |> distinct;
from t |> union all (select 1 as a), (select 2 as a) |> pivot (sum(a) for b in ('x')) |> tablesample system (1 percent);
select 1 as a |> extend sum(a) over () as s |> call f(1) as g |> where s > 0;
with c as (select 1 as a) from c |> select a;
