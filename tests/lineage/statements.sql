-- Statements that write.

-- case: CREATE TABLE AS
-- dialect: postgres, snowflake, bigquery, duckdb, databricks
-- table: t(a, b)
create table x as select a, b + 1 as c from t
--> create_table_as exact into x
--> 1 a = t.a identity
--> 2 c = t.b transformation
--> rows = nothing

-- case: CREATE VIEW with a column list
-- dialect: postgres, snowflake, duckdb
-- table: t(a, b)
create view v (x, y) as select a, b from t
--> create_view exact into v
--> 1 x = t.a identity
--> 2 y = t.b identity
--> rows = nothing

-- case: INSERT with a column list
-- dialect: postgres, snowflake, bigquery, duckdb, mysql, tsql
-- table: t(a, b)
insert into x (p, q) select b, a from t
--> insert exact into x
--> 1 p = t.b identity
--> 2 q = t.a identity
--> rows = nothing

-- case: INSERT by position
-- dialect: postgres, snowflake, duckdb
-- table: t(a, b)
-- table: x(p, q)
insert into x select b, a from t
--> insert exact into x
--> 1 p = t.b identity
--> 2 q = t.a identity
--> rows = nothing

-- case: MERGE
-- dialect: snowflake, databricks, tsql, postgres
-- table: x(id, v, n)
-- table: t(id, v)
merge into x using t on x.id = t.id
when matched and t.v > 1 then update set v = t.v
when not matched then insert (id, v) values (t.id, t.v)
--> merge exact into x
--> 1 v = t.v identity
--> 2 id = t.id identity
--> rows = t.id join, t.v filter, x.id join

-- case: UPDATE FROM
-- dialect: postgres, snowflake
-- table: x(id, v)
-- table: t(id, v)
update x set v = t.v + x.v from t where t.id = x.id
--> update exact into x
--> 1 v = t.v transformation, x.v transformation
--> rows = t.id filter, x.id filter

-- case: DELETE
-- dialect: postgres, snowflake, bigquery
-- table: x(id, v)
delete from x where v > 1
--> delete exact into x
--> rows = x.v filter

-- case: two statements
-- dialect: postgres, snowflake
-- table: t(a)
select a from t; select a as b from t
--> select exact
--> 1 a = t.a identity
--> rows = nothing
--> select exact
--> 1 b = t.a identity
--> rows = nothing

-- case: a first word that no statement has
-- dialect: all
selec a from t
--> selec unknown
--> rows = nothing [unknown]
--> ! unknown_statement: selec a from t

-- case: statements that have no columns
-- dialect: postgres,snowflake,databricks
truncate table t; grant select on t to r; drop table if exists t; alter table t add column a int; set x = 1
--> truncate exact into t
--> rows = nothing
--> grant exact into t
--> rows = nothing
--> drop exact into t
--> rows = nothing
--> alter exact into t
--> rows = nothing
--> set exact
--> rows = nothing
