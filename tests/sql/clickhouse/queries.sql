with 1 as one, (select max(a) from t) as m, c as (select a from t) select a + one as b, b * m as d from c;
select a, x from t array join arr as x, m.k as k left array join b where x > 1;
select quantile(0.9)(a), quantilesIf(0.5, 0.9)(a, b > 1), sumIf(a, b), argMax(a, b), count(), uniq(a, b) from t final sample 1 / 10 offset 1 / 2;
select a from t prewhere a = 1 where b = 2 group by a with totals having a > 1 order by a desc nulls last with fill from 1 to 10 step 2 limit 3 by a limit 5 offset 2 settings max_threads = 1 format JSON;
select arrayMap(x -> x + 1, arr), arrayFilter((x, y) -> x > y, a, b), tup.1, tuple(1, 'a').2, [1, 2][1], {'k': 1}['k'], a ? b : c from t;
select a::UInt8, cast(a as Nullable(String)), cast(a, 'Array(UInt8)'), a::Array(Tuple(x Int8, y String)), toDateTime64(a, 3, 'UTC') from t;
select * except (a) replace (b + 1 as b) apply (sum), columns('x.*') except c, t.* from t;
select * from t any left join u using a, b global inner join v on t.a = v.a asof join w on t.a = w.a and t.ts >= w.ts;
select a from t semi left join u using (a); select a from t left anti join u on t.a = u.a; select a from t paste join u;
select a from t order by a limit 1 union all select b from u order by b limit 2;
select dateDiff('day', a, b), dateDiff(day, a, b), a in (1, 2), a global not in (select b from u), a in tbl, {p:UInt8}, $$raw$$ from remote('h', db.t);
select (a + 1 as x) * x, if(x, 1, 2), multiIf(a, 1, b, 2, 3), interval 1 day, `q`, "r", 'it\'s' from t; -- c
select top 3 a from t qualify row_number() over w = 1 window w as (partition by a order by b);
from t select a where b;
select number from numbers(10) where number % 2 = 0 limit 3 with ties;
