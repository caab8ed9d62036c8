-- also: duckdb
select a::int < 5, -a::int, a || b::text || 'x', a ->> 'k' = 'v', (a -> 'b') ->> 'c' from t;
select a ~ 'x', a !~* 'x', a ~~ 'x', a && b, a @> b, a <@ b, a is distinct from b from t;
select a ^ 2 * 3, @ a, a % 2, a # b from t;
select a is null::boolean, not a::boolean from t;
select x[1], x[1:2], array[1, 2][1], array(select 1), row(1, 2), (t.r).f, (t).* from t;
select 'it''s', E'a\nb', $$body$$, $tag$x $$ y$tag$, 'a'
  'b' from t;
