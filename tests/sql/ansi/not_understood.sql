-- also: postgres, snowflake, duckdb
-- Syntax that is not known stays in its place, with what can be seen in it; the rest is read as usual.
select a, b foo bar + 1 (select x from y) c, d from t;
select a from t where a = 1 frobnicate b order by c;
select a from t frobnicate with (x) where b = 1;
select f(a b c) as g, (a b) as h from t;
select a from ( ;
