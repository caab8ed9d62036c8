declare @x int = 1, @t table (a int, primary key (a))
set @x = (select max(a) from t)
if @x > 1
  select a from t
else
  select b from u
select 1 as a
select 2 as b
begin tran
update t set a = u.a, t.b += 1 output inserted.a into log from t as t join u on t.id = u.id where u.x = 1
delete top (5) t from dbo.t as t where t.a = 1
insert into t (a) output inserted.a values (1), (2)
insert into t with (tablock) (a) select a from u
merge top (5) dbo.t as t using (values (1, 2)) as s (a, b) on t.a = s.a when matched then update set b = s.b when not matched by target then insert (a, b) values (s.a, s.b) when not matched by source then delete output $action, inserted.a;
create or alter view v as select a from t
go
exec dbo.p @a = 1
truncate table dbo.t
drop table if exists #tmp
commit
