-- also: snowflake, redshift, trino, sqlite
-- What binds how strongly.
select a + b * c - d / e from t;
select -a * -b, - (a + b) from t;
select not a = b and c or d and not e from t where a + 1 < b * 2;
select a = b + c and d from t where not a is null and not (b or c);
select a not between b and c + 1 and d, a between (b) and c or d from t;
select x in (select y from u) and z not in (1), exists (select 1 from u) from t;
select case when a then b when c then d else e end, case a when 1 then 2 end from t;
select cast(a as decimal(10, 2)), cast(b as varchar(10)), coalesce(a, b, 0), nullif(a, b) from t;
select a = any (select b from u), a > all (select b from u), (select max(b) from u) from t;
select extract(year from a) from t;
