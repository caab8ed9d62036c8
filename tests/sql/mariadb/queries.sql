select a from t for system_time as of timestamp '2024-01-01' minus select b from u;
select a from t intersect all select b from u;
insert into t values (1) returning a;
delete from t for portion of p from '2024-01-01' to '2024-02-01' where a = 1 returning a;
select next value for s, previous value for s, a from t limit 5 offset 2;
values (1, 2), (3, 4);
