-- also: snowflake, bigquery, databricks, redshift, postgres, duckdb, trino, mysql, clickhouse
select * from a join b on a.id = b.id;
select * from a inner join b on a.x = b.x left outer join c on c.y = b.y right join d using (k);
select * from a cross join b, c;
select * from a join b join c on b.x = c.x on a.y = b.y;
select * from (a join b on a.x = b.x) left join c on c.x = a.x;
select * from (select 1 as x) as d left join b on b.x = d.x;
