-- also: snowflake, redshift, postgres, duckdb, trino
select * from a full outer join b on a.id = b.id full join c using (x, y);
select * from a natural join b natural left join c;
select * from a as t (x, y) join (values (1, 2), (3, 4)) as v (p, q) on t.x = v.p;
