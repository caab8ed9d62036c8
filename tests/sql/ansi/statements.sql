-- also: snowflake, redshift, postgres, duckdb
create table s.t as select a from u;
create or replace view v as select a from u;
create table t (a int not null, b varchar(10) default 'x', primary key (a));
insert into t (a, b) select a, b from u;
insert into t values (1, 'x'), (2, 'y');
update t set a = 1, b = u.b from u where t.id = u.id;
delete from t where a = 1;
truncate table t;
drop table if exists s.t cascade;
alter table t add column c int;
grant select on table t to role_name;
begin;
commit;
