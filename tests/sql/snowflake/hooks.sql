create or replace transient table db.s.t as (select 1 as a);
create or replace table db.s.t cluster by (a) as (select a from u);
create or replace   view db.s.v
  
   as (
    select 1 as a
  );
create or replace secure view v copy grants comment = 'x' as select 1;
create or replace view v (a comment 'x', b with masking policy p) as select 1, 2;
create or replace dynamic table dt target_lag = '1 hour' warehouse = wh refresh_mode = auto initialize = on_create as (select a from t);
create dynamic iceberg table dt target_lag = '1 hour' warehouse = wh external_volume = 'v' catalog = 'SNOWFLAKE' base_location = 'x' as select 1 as a;
create or replace temporary table t__dbt_tmp as (select 1);
begin;
insert into t (a, b) (select a, b from t__dbt_tmp);
commit;
merge into t as DBT_INTERNAL_DEST using tmp as DBT_INTERNAL_SOURCE on ((DBT_INTERNAL_SOURCE.id = DBT_INTERNAL_DEST.id)) when matched then update set a = DBT_INTERNAL_SOURCE.a when not matched then insert (id, a) values (id, a);
merge into t using (select 1 id) s on t.id = s.id when matched and s.d then delete when matched then update set t.a = s.a, b = default when not matched and s.x then insert values (s.id, s.a);
delete from t using tmp where t.id = tmp.id and t.d > '2020';
delete from t where (id) in (select (id) from tmp);
alter table t add column a varchar; alter table t alter column a set data type varchar(10); alter table t drop column b, c; alter table t rename to u; alter table t swap with u; alter view v set secure; alter table t cluster by (a); alter table t set tag x = 'y'; alter session set query_tag = 'x'; alter warehouse w resume;
drop table if exists t cascade; drop view v; undrop table t; truncate table if exists t; drop schema s; drop dynamic table d;
grant select on all tables in schema s to role r; grant select on table t to role r; grant usage on schema s to share x; revoke all on t from role r; grant ownership on table t to role r copy current grants; show grants on table t;
copy into t (a, b) from (select $1, $2:x::int from @s/path (file_format => f)) pattern = '.*' on_error = continue;
copy into @s/x from (select a from t) file_format = (type = csv) overwrite = true;
put file:///tmp/x @s auto_compress = true; get @s file:///tmp; list @s; remove @s/x;
execute immediate $$ begin let x int := 1; return x; end $$;
declare
 x int default 0;
 c cursor for select a from t;
begin
  for r in c do
    x := x + r.a;
  end for;
  insert into u select :x;
  if (x > 1) then
    update t set a = 1;
  elseif (x = 2) then
    delete from v;
  else
    return 1;
  end if;
  return x;
exception
  when other then
    rollback;
    raise;
end;
create or replace procedure p(a varchar) returns varchar language sql as $$ begin return a; end $$;
create or replace function f(a int) returns table (b int) as 'select a';
create task tk warehouse = w schedule = '1 minute' when system$stream_has_data('s') as insert into t select * from s;
create stream s on table t append_only = true;
create or replace table t clone u at (timestamp => x);
create table if not exists t (id int autoincrement start 1 increment 1, a varchar(10) not null default 'x', b timestamp_ntz default current_timestamp(), constraint pk primary key (id), foreign key (a) references u (a)) data_retention_time_in_days = 1;
create or replace table t like u; create table t using template (select 1); create sequence s start 1; create stage st url = 's3://x'; create file format ff type = csv; create masking policy mp as (v varchar) returns varchar -> case when current_role() = 'X' then v else '*' end; create row access policy rp as (a varchar) returns boolean -> true; create tag tg; create schema if not exists s; use warehouse w; use role r; set x = 1; set (a, b) = (1, 2); unset x; comment on table t is 'x'; comment if exists on column t.a is 'y'; describe table t; call p(1, 'x'); explain using text select 1;
insert into t select a, b from u; insert overwrite into t (a) values (1), (2); insert into t (a) select parse_json('{}') from values (1); insert into t values (1, default);
insert all when a > 1 then into t (x) values (a) when a > 2 then into u else into v (y, z) values (a, b) select a, b from s;
insert first when a then into t else into u select a from s;
update t set a = u.a, b = b + 1 from u join v using (x) where t.id = u.id;
truncate t; lock table t; alter external table e refresh; alter pipe p refresh; alter task tk resume; alter materialized view m suspend;
create or replace materialized view mv cluster by (a) as select a, count(*) c from t group by a;
create or replace semantic view sv tables (t primary key (a)) dimensions (t.x as a) metrics (t.m as sum(b));
create or replace table t (a int) as select 1; create table t copy grants as select 1; create or replace hybrid table h (a int primary key);
with a as (select 1) select * from a; ; select 2;
alter session unset x, y; undrop external volume v;
