-- also: mariadb
select `a b`, "string", 'it''s', 'it\'s', "say ""x""", a || b or c && d, !a, not a from t; # comment
select a div 2, a mod 3, a xor b, a <=> b, a regexp 'x', binary a = b, a sounds like b, a -> '$.x', a ->> '$.y' from t;
select a, b from t use index (i) force index for join (j) join u ignore key (k) on t.id = u.id straight_join v;
select group_concat(distinct a order by b desc separator '; '), count(distinct a, b), if(a, b, c), ifnull(a, 0) from t group by a with rollup having a > 1 limit 5, 10;
select convert(a, char(10)), convert(a using utf8mb4), cast(a as unsigned), _utf8'x', date_add(d, interval 1 + 2 day), timestampdiff(day, a, b) from t;
select match (a, b) against ('x' in boolean mode) as score, a collate utf8mb4_bin, @v := a, @@global.x, ? from t for update;
select * from json_table(doc, '$[*]' columns (id for ordinality, a int path '$.a' default '0' on empty error on error, b int exists path '$.b', nested path '$.c[*]' columns (d int path '$.d'))) as jt;
select * from t partition (p0) natural join u, (select 1 as x) as d, lateral (select t.a) l /*! , w */;
select sql_calc_found_rows distinct a into outfile '/tmp/x' fields terminated by ',' from t where a in (1, 2) lock in share mode;
insert ignore into t (a, b) values (1, 2), (3, 4) on duplicate key update b = values(b), a = a + 1;
insert into t set a = 1, b = 2;
replace into t values (1);
update t join u on t.id = u.id set t.a = u.a where u.b = 1 order by t.a limit 3;
delete t, u from t join u on t.id = u.id where u.b = 1;
delete from t using t join u on t.id = u.id;
with recursive c (n) as (select 1 union all select n + 1 from c where n < 5) select n from c;
create table t (id int unsigned auto_increment primary key, key k (id)) engine = innodb as select 1 as id;
create definer = 'root'@'%' sql security definer view v as select a from t;
load data infile 'x' into table t;
