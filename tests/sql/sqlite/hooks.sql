create table t as select 1 as a; insert into t select * from u; drop table if exists t; alter table t rename to u; begin; commit;
