select a.b.c, arr[0].x, map('k', 1)['k'], struct(a as x, b), array(1, 2) from db.t;
select inline(arr), posexplode_outer(m) as (p, k, v) from t lateral view json_tuple(j, 'a', 'b') jt as a, b;
select * from (select a from t) cross join lateral (select t.a as x) l;
select count(*), count_if(a), percentile(a, 0.5), collect_list(distinct a) from t group by a, b with cube;
insert overwrite table db.t partition (d = '2024') select a from u;
cache table t; refresh table t; set spark.x = 1;
select /* nested /* comment */ */ 'a' 'b', 'it\'s', "x" from t -- end
