-- What statements write: which columns of the target, and from where.

-- case: INSERT by place takes the names of the target
-- dialect: snowflake,postgres,duckdb
-- table: t(id,a)
-- table: u(id,a,b)
insert into t select id, b from u where a > 1
--> insert exact into t
--> 1 id = u.id identity
--> 2 a = u.b identity
--> rows = u.a filter

-- case: INSERT with a list of columns
-- dialect: postgres,snowflake
-- table: t(id,a)
-- table: u(id,a,b)
insert into t (a, id) select b, id from u
--> insert exact into t
--> 1 a = u.b identity
--> 2 id = u.id identity
--> rows = nothing

-- case: INSERT BY NAME
-- dialect: duckdb
-- table: t(id,a)
-- table: u(id,a,b)
insert into t by name select b as a, id from u
--> insert exact into t
--> 1 a = u.b identity
--> 2 id = u.id identity
--> rows = nothing

-- case: ON CONFLICT writes the same column twice
-- dialect: postgres,sqlite
-- table: t(id,a)
-- table: u(id,a,b)
insert into t (id, a) select id, a from u where true on conflict (id) do update set a = excluded.a + t.a
--> insert exact into t
--> 1 id = u.id identity
--> 2 a = t.a transformation, u.a identity, u.a transformation
--> rows = t.id join, u.id join

-- case: ON DUPLICATE KEY UPDATE
-- dialect: mysql,mariadb
-- table: t(id,a)
-- table: u(id,a,b)
insert into t (id, a) select id, a from u on duplicate key update a = values(a) + t.a
--> insert exact into t
--> 1 id = u.id identity
--> 2 a = t.a transformation, u.a identity, u.a transformation
--> rows = nothing

-- case: MERGE unites its branches
-- dialect: snowflake,bigquery,databricks,postgres,duckdb
-- table: t(id,a,b)
-- table: u(id,a,b,d)
merge into t using u on t.id = u.id when matched and u.d then delete when matched then update set a = u.a, b = t.b + u.b when not matched then insert (id, a) values (u.id, u.a * 2)
--> merge exact into t
--> 1 a = u.a identity, u.a transformation
--> 2 b = t.b transformation, u.b transformation
--> 3 id = u.id identity
--> rows = t.id join, u.d filter, u.id join

-- case: MERGE with all columns by name
-- dialect: databricks
-- table: t(id,a,b)
-- table: u(id,a,b)
merge into t using u on t.id = u.id when matched then update set * when not matched then insert * when not matched by source then delete
--> merge exact into t
--> 1 id = u.id identity
--> 2 a = u.a identity
--> 3 b = u.b identity
--> rows = t.id join, u.id join

-- case: MERGE from a subquery
-- dialect: tsql
-- table: t(id,a)
-- table: u(id,a)
merge t as x using (select id, max(a) as a from u group by id) as s on x.id = s.id when matched then update set x.a = s.a when not matched then insert (id, a) values (s.id, s.a);
--> merge exact into t
--> 1 a = u.a aggregation
--> 2 id = u.id identity
--> rows = t.id join, u.id group_by, u.id join

-- case: UPDATE FROM
-- dialect: postgres,redshift,snowflake
-- table: t(id,a)
-- table: u(id,a)
update t set a = u.a + 1 from u where u.id = t.id
--> update exact into t
--> 1 a = u.a transformation
--> rows = t.id filter, u.id filter

-- case: UPDATE of an alias
-- dialect: tsql
-- table: t(id,a)
-- table: u(id,a)
update x set a = u.a from t x join u on u.id = x.id
--> update exact into t
--> 1 a = u.a identity
--> rows = t.id join, u.id join

-- case: UPDATE of a join
-- dialect: mysql,mariadb
-- table: t(id,a)
-- table: u(id,a)
update t join u on u.id = t.id set t.a = u.a where u.a > 1
--> update exact into t
--> 1 a = u.a identity
--> rows = t.id join, u.a filter, u.id join

-- case: UPDATE of several columns by a subquery
-- dialect: postgres
-- table: t(id,a,b)
-- table: u(id,a,b)
update t set (a, b) = (select u.a, u.b from u where u.id = t.id) where exists (select 1 from u where u.id = t.id)
--> update exact into t
--> 1 a = u.a identity | t.id filter, u.id filter
--> 2 b = u.b identity | t.id filter, u.id filter
--> rows = t.id filter, u.id filter

-- case: DELETE USING
-- dialect: postgres,snowflake
-- table: t(id,a)
-- table: u(id,a)
delete from t using u where u.id = t.id and u.a > 3
--> delete exact into t
--> rows = t.id filter, u.a filter, u.id filter

-- case: a view with a list of columns
-- dialect: snowflake,postgres
-- table: u(id,a)
create view v (x, y) as select id, a from u
--> create_view exact into v
--> 1 x = u.id identity
--> 2 y = u.a identity
--> rows = nothing

-- case: a query in parentheses with a WITH
-- dialect: snowflake
-- table: u(id,a)
create or replace table db.s.v as (with c as (select * from u) select id, a + 1 as b from c)
--> create_table_as exact into db.s.v
--> 1 id = u.id identity
--> 2 b = u.a transformation
--> rows = nothing

-- case: SELECT INTO
-- dialect: tsql
-- table: u(id,a)
select id, a into #tmp from u where a > 1
--> create_table_as exact into #tmp
--> 1 id = u.id identity
--> 2 a = u.a identity
--> rows = u.a filter

-- case: a materialized view
-- dialect: clickhouse
-- table: u(id Int,a Int)
create materialized view mv to dst as select id, sum(a) as s from u group by id
--> create_view exact into dst
--> 1 id = u.id identity
--> 2 s = u.a aggregation
--> rows = u.id group_by

-- case: options around a query
-- dialect: bigquery
-- table: u(id int64,a int64)
create or replace table d.x partition by dt cluster by id options(description='x') as select id, a, current_date() as dt from u
--> create_table_as exact into d.x
--> 1 id = u.id identity
--> 2 a = u.a identity
--> 3 dt = nothing
--> rows = nothing

-- case: T-SQL deletes from an alias of FROM
-- dialect: tsql
-- table: t(id,a)
-- table: u(id,c)
delete x from t as x join u on u.id = x.id where u.c = 1
--> delete exact into t
--> rows = t.id join, u.c filter, u.id join

-- case: MySQL names the table that it deletes from
-- dialect: mysql
-- table: t(id,a)
-- table: u(id,c)
delete t from t join u on t.id = u.id where u.c > 1
--> delete exact into t
--> rows = t.id join, u.c filter, u.id join

-- case: T-SQL writes through a CTE
-- dialect: tsql
-- table: t(id,a,b)
with c as (select a, b from t where id > 1) update c set a = b
--> update exact into t
--> 1 a = t.b identity
--> rows = t.id filter

-- case: INSERT ROW goes by place
-- dialect: bigquery
-- table: t(id,a)
-- table: u(x,y)
merge t using u on t.id = u.x when not matched then insert row
--> merge exact into t
--> 1 id = u.x identity
--> 2 a = u.y identity
--> rows = t.id join, u.x join

-- case: INSERT ALL into several tables is not followed
-- dialect: snowflake
-- table: t(id,a)
insert all when a > 1 then into u (id) values (id) else into v (id) values (a) select id, a from t
--> insert unknown into u
--> rows = nothing [unknown]
--> ! multi_table_insert: insert all when a > 1 then into u (id) values (id) else into v (id) values (a) select id, a from t
