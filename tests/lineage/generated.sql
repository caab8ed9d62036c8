-- Columns that are made from values: the functions that give them, and their names.

-- case: every column of FLATTEN, and a path below its value
-- dialect: snowflake
-- table: t(id,v variant)
select id, f.*, f.value:a.b::string x, f.key, f.path, f.this, f.seq from t, table(flatten(input => t.v:items, outer => true)) f
--> select exact
--> 1 id = t.id identity
--> 2 seq = t.v.items transformation
--> 3 key = t.v.items transformation
--> 4 path = t.v.items transformation
--> 5 index = t.v.items transformation
--> 6 value = t.v.items transformation
--> 7 this = t.v.items transformation
--> 8 x = t.v.items.a.b transformation
--> 9 key = t.v.items transformation
--> 10 path = t.v.items transformation
--> 11 this = t.v.items transformation
--> 12 seq = t.v.items transformation
--> rows = t.v.items join

-- case: FLATTEN of a FLATTEN keeps the path
-- dialect: snowflake
-- table: t(id,v variant)
select f2.value:x as x from t, lateral flatten(input => v:a) f1, lateral flatten(input => f1.value:b) f2
--> select exact
--> 1 x = t.v.a.b.x transformation
--> rows = t.v.a join, t.v.a.b join

-- case: FLATTEN without an alias
-- dialect: snowflake
-- table: t(id,v)
select value:x as x, index from t, lateral flatten(v)
--> select exact
--> 1 x = t.v transformation
--> 2 index = t.v transformation
--> rows = t.v join

-- case: SPLIT_TO_TABLE
-- dialect: snowflake
-- table: t(id,s)
select t.id, c.value, c.index, c.seq from t, lateral split_to_table(t.s, ',') c
--> select exact
--> 1 id = t.id identity
--> 2 value = t.s transformation
--> 3 index = t.s transformation
--> 4 seq = t.s transformation
--> rows = t.s join

-- case: UNNEST of structs and of scalars, with an offset
-- dialect: bigquery
-- table: t(id int64, items array<struct<sku string, qty int64>>, tags array<string>)
select id, i.sku, i.qty, off, tag from t, unnest(items) i with offset off, unnest(t.tags) tag
--> select exact
--> 1 id = t.id identity
--> 2 sku = t.items.sku transformation
--> 3 qty = t.items.qty transformation
--> 4 off = t.items transformation
--> 5 tag = t.tags transformation
--> rows = t.items join, t.tags join

-- case: fields of the element, subqueries over the array
-- dialect: bigquery
-- table: t(id int64, items array<struct<sku string, qty int64>>, tags array<string>)
select id, i.*, t.tags[offset(0)] as first_tag, (select max(qty) from unnest(items)) as mq, array(select sku from unnest(t.items) where qty > 1) as skus from t left join unnest(items) as i
--> select exact
--> 1 id = t.id identity
--> 2 sku = t.items.sku transformation
--> 3 qty = t.items.qty transformation
--> 4 first_tag = t.tags transformation
--> 5 mq = t.items.qty aggregation | t.items filter
--> 6 skus = t.items.sku transformation | t.items filter, t.items.qty filter
--> rows = t.items join

-- case: a path of a left sibling in FROM
-- dialect: bigquery
-- table: t(id int64, items array<struct<sku string, qty int64>>)
select sku, qty from t, t.items
--> select exact
--> 1 sku = t.items.sku transformation
--> 2 qty = t.items.qty transformation
--> rows = t.items join

-- case: the first row of a group, as dbt_utils.deduplicate writes it
-- dialect: bigquery
-- table: t(id int64, updated_at timestamp, a string)
select array_agg(t order by updated_at desc limit 1)[offset(0)].* from t group by id
--> select exact
--> 1 id = t.id identity | t.updated_at sort
--> 2 updated_at = t.updated_at identity | t.updated_at sort
--> 3 a = t.a identity | t.updated_at sort
--> rows = t.id group_by

-- case: the same through a subquery
-- dialect: bigquery
-- table: t(id int64, updated_at timestamp, a string)
select unique.* from (select array_agg(original order by updated_at desc limit 1)[offset(0)] unique from t as original group by id)
--> select exact
--> 1 id = t.id identity | t.updated_at sort
--> 2 updated_at = t.updated_at identity | t.updated_at sort
--> 3 a = t.a identity | t.updated_at sort
--> rows = t.id group_by

-- case: fields of a struct, and its star
-- dialect: bigquery
-- table: t(id int64, st struct<a int64, b struct<c string, d string>>)
select st.a, st.b.c, st.*, t.st.b.* from t
--> select exact
--> 1 a = t.st.a identity
--> 2 c = t.st.b.c identity
--> 3 a = t.st.a identity
--> 4 b = t.st.b identity
--> 5 c = t.st.b.c identity
--> 6 d = t.st.b.d identity
--> rows = nothing

-- case: SELECT AS STRUCT gives its fields
-- dialect: bigquery
-- table: t(id int64, x string)
select as struct id, x as y from t
--> select exact
--> 1 id = t.id identity
--> 2 y = t.x identity
--> rows = nothing

-- case: a struct that was built above is seen through
-- dialect: bigquery
-- table: t(id int64, x string)
select s.y from (select struct(id as z, x as y) as s from t)
--> select exact
--> 1 y = t.x identity
--> rows = nothing

-- case: an array of structs that a subquery built
-- dialect: bigquery
-- table: t(id int64, k int64)
-- table: u(k int64, a string, b string)
select id, array(select as struct u.a, u.b as c from u where u.k = t.k)[offset(0)].c as first_c from t
--> select exact
--> 1 id = t.id identity
--> 2 first_c = u.b transformation | t.k filter, u.k filter
--> rows = nothing

-- case: a field of one value of a group, chosen by another
-- dialect: bigquery
-- table: t(id int64, a string, at timestamp)
select id, any_value(t having max at).a as latest_a from t group by id
--> select exact
--> 1 id = t.id identity
--> 2 latest_a = t.a aggregation | t.at filter
--> rows = t.id group_by

-- case: the element of scalars has no fields to hide outer names
-- dialect: bigquery
-- table: t(id int64, x string, k string)
select to_json_string(t) as j, t as whole from t where exists(select 1 from unnest([1,2]) e where e = id)
--> select exact
--> 1 j = t.id transformation, t.k transformation, t.x transformation
--> 2 whole = t.id identity, t.k identity, t.x identity
--> rows = t.id filter

-- case: JSON functions in FROM, and an array with its position
-- dialect: postgres
-- table: t(id int, j jsonb, a text[])
select id, j->>'a' as a, j#>>'{b,c}' as bc, e.value, e.key, x, ord from t, jsonb_each(t.j) e, unnest(t.a) with ordinality as u(x, ord)
--> select exact
--> 1 id = t.id identity
--> 2 a = t.j transformation
--> 3 bc = t.j transformation
--> 4 value = t.j transformation
--> 5 key = t.j transformation
--> 6 x = t.a transformation
--> 7 ord = t.a transformation
--> rows = t.a join, t.j join

-- case: a record set with declared columns
-- dialect: postgres
-- table: t(id int, j jsonb)
select t.id, r.* from t, jsonb_to_recordset(t.j) as r(a int, b text)
--> select exact
--> 1 id = t.id identity
--> 2 a = t.j transformation
--> 3 b = t.j transformation
--> rows = t.j join

-- case: functions that give rows in the SELECT list
-- dialect: postgres
-- table: t(id int, j jsonb)
select id, jsonb_array_elements(j) as e, generate_series(1, id) as g from t
--> select exact
--> 1 id = t.id identity
--> 2 e = t.j transformation
--> 3 g = t.id transformation
--> rows = t.id join, t.j join

-- case: the whole row as a value
-- dialect: postgres
-- table: t(id int, a text)
select row_to_json(t) as j, t.*::text as x, (t).a as y, t from t
--> select exact
--> 1 j = t.a transformation, t.id transformation
--> 2 x = t.a transformation, t.id transformation
--> 3 y = t.a identity
--> 4 t = t.a identity, t.id identity
--> rows = nothing

-- case: LATERAL VIEW of structs, of a map, and with positions
-- dialect: databricks,spark
-- table: t(id int, xs array<struct<a:int,b:string>>, m map<string,int>)
select id, x.a, x.b, k, v, pos from t lateral view outer explode(xs) e as x lateral view explode(m) mm as k, v lateral view posexplode(xs) p as pos, y
--> select exact
--> 1 id = t.id identity
--> 2 a = t.xs.a transformation
--> 3 b = t.xs.b transformation
--> 4 k = t.m transformation
--> 5 v = t.m transformation
--> 6 pos = t.xs transformation
--> rows = t.m join, t.xs join

-- case: inline gives the fields of its rows
-- dialect: databricks,spark
-- table: t(id int, xs array<struct<a:int,b:string>>)
select id, inline(xs) from t
--> select exact
--> 1 id = t.id identity
--> 2 a = t.xs.a transformation
--> 3 b = t.xs.b transformation
--> rows = t.xs join

-- case: inline as a LATERAL VIEW
-- dialect: databricks,spark
-- table: t(id int, xs array<struct<a:int,b:string>>)
select id, i.a, i.b from t lateral view inline(xs) i
--> select exact
--> 1 id = t.id identity
--> 2 a = t.xs.a transformation
--> 3 b = t.xs.b transformation
--> rows = t.xs join

-- case: explode without an alias is called col
-- dialect: databricks
-- table: t(id int, j string)
select id, j:a.b[0]::string as x, explode(from_json(j, 'array<int>')) from t
--> select exact
--> 1 id = t.id identity
--> 2 x = t.j.a.b transformation
--> 3 col = t.j transformation
--> rows = t.j join

-- case: stack pairs its values by place
-- dialect: databricks,spark
-- table: t(id int, jan int, feb int)
select id, month, v from t lateral view stack(2, 'jan', jan, 'feb', feb) s as month, v
--> select exact
--> 1 id = t.id identity
--> 2 month = nothing
--> 3 v = t.feb identity, t.jan identity
--> rows = t.feb join, t.jan join

-- case: stack in the SELECT list
-- dialect: databricks,spark
-- table: t(id int, jan int, feb int)
select id, stack(2, 'jan', jan, 'feb', feb) as (month, v) from t
--> select exact
--> 1 id = t.id identity
--> 2 month = nothing
--> 3 v = t.feb identity, t.jan identity
--> rows = nothing

-- case: LATERAL without the word VIEW
-- dialect: databricks
-- table: t(id int, xs array<int>)
select id, c.col, e.* from t, lateral explode(xs) c, lateral explode(xs) as e(z)
--> select exact
--> 1 id = t.id identity
--> 2 col = t.xs transformation
--> 3 z = t.xs transformation
--> rows = t.xs join

-- case: a SUPER value as a relation
-- dialect: redshift
-- table: t(id int, items super)
select t.id, i.sku from t as t, t.items i
--> select exact
--> 1 id = t.id identity
--> 2 sku = t.items transformation
--> rows = t.items join

-- case: UNNEST of rows, of a map and with an ordinality
-- dialect: trino
-- table: t(id bigint, xs array(row(a bigint, b varchar)), m map(varchar,bigint))
select t.id, u.a, u.b, k, v, n from t cross join unnest(xs) as u(a, b) cross join unnest(m) with ordinality as w(k, v, n)
--> select exact
--> 1 id = t.id identity
--> 2 a = t.xs.a transformation
--> 3 b = t.xs.b transformation
--> 4 k = t.m transformation
--> 5 v = t.m transformation
--> 6 n = t.m transformation
--> rows = t.m join, t.xs join

-- case: fields and stars of structs, UNNEST of a struct
-- dialect: duckdb
-- table: t(id int, xs int[], st struct(a int, b varchar))
select id, unnest(xs) as x, st.a, st.*, unnest(st), st['b'] from t
--> select exact
--> 1 id = t.id identity
--> 2 x = t.xs transformation
--> 3 a = t.st.a identity
--> 4 a = t.st.a identity
--> 5 b = t.st.b identity
--> 6 a = t.st.a identity
--> 7 b = t.st.b identity
--> 8 st['b'] = t.st.b identity
--> rows = t.xs join

-- case: UNNEST that goes down to the fields
-- dialect: duckdb
-- table: t(id int, xs int[], ss struct(a int, b varchar)[])
select id, u.x, unnest(ss, recursive := true) from t, unnest(xs) as u(x)
--> select exact
--> 1 id = t.id identity
--> 2 x = t.xs transformation
--> 3 a = t.ss.a transformation
--> 4 b = t.ss.b transformation
--> rows = t.ss join, t.xs join

-- case: the alias of an UNNEST is its column
-- dialect: duckdb
-- table: t(id int, xs int[])
select u.*, u, u.unnest from t, unnest(xs) u
--> select exact
--> 1 u = t.xs transformation
--> 2 u = t.xs transformation
--> 3 unnest = t.xs transformation
--> rows = t.xs join

-- case: ARRAY JOIN of two arrays at once
-- dialect: clickhouse
-- table: t(id Int, xs Array(Int), n Nested(a Int, b String))
select id, x, n.a, i from t left array join xs as x, arrayEnumerate(xs) as i
--> select exact
--> 1 id = t.id identity
--> 2 x = t.xs transformation
--> 3 n.a = t.n.a identity
--> 4 i = t.xs transformation
--> rows = t.xs join

-- case: ARRAY JOIN of nested columns
-- dialect: clickhouse
-- table: t(id Int, xs Array(Int), n Nested(a Int, b String))
select id, n.a, n.b from t array join n
--> select exact
--> 1 id = t.id identity
--> 2 n.a = t.n.a transformation
--> 3 n.b = t.n.b transformation
--> rows = t.n join

-- case: arrays in expressions, lambdas
-- dialect: clickhouse
-- table: t(id Int, xs Array(Int))
select id, arrayJoin(xs) as x, arrayMap(y -> y + id, xs) as m from t
--> select exact
--> 1 id = t.id identity
--> 2 x = t.xs transformation
--> 3 m = t.id transformation, t.xs transformation
--> rows = t.xs join

-- case: OPENJSON with its own columns, and of a value of it
-- dialect: tsql
-- table: t(id int, doc nvarchar)
select t.id, j.[key], j.value, j.type, k.name from t cross apply openjson(t.doc) j outer apply openjson(j.value) with (name varchar(10) '$.n') k
--> select exact
--> 1 id = t.id identity
--> 2 key = t.doc transformation
--> 3 value = t.doc transformation
--> 4 type = t.doc transformation
--> 5 name = t.doc transformation
--> rows = t.doc join

-- case: STRING_SPLIT has one column
-- dialect: tsql
-- table: t(id int, doc nvarchar)
select t.id, s.value from t cross apply string_split(t.doc, ',') s
--> select exact
--> 1 id = t.id identity
--> 2 value = t.doc transformation
--> rows = t.doc join

-- case: JSON_TABLE with nested columns
-- dialect: mysql,mariadb
-- table: t(id int, doc json)
select t.id, j.* from t, json_table(t.doc, '$[*]' columns (rn for ordinality, x int path '$.x', nested path '$.y[*]' columns (z int path '$'))) j
--> select exact
--> 1 id = t.id identity
--> 2 rn = t.doc transformation
--> 3 x = t.doc transformation
--> 4 z = t.doc transformation
--> rows = t.doc join

-- case: json_each shows all of its columns
-- dialect: sqlite
-- table: t(id int, doc text)
select t.id, j.key, j.value, j.* from t, json_each(t.doc) j
--> select exact
--> 1 id = t.id identity
--> 2 key = t.doc transformation
--> 3 value = t.doc transformation
--> 4 key = t.doc transformation
--> 5 value = t.doc transformation
--> 6 type = t.doc transformation
--> 7 atom = t.doc transformation
--> 8 id = t.doc transformation
--> 9 parent = t.doc transformation
--> 10 fullkey = t.doc transformation
--> 11 path = t.doc transformation
--> rows = t.doc join

-- case: DuckDB has them too
-- dialect: duckdb
-- table: t(id int, j json)
select j.* from t, json_each(t.j) j
--> select exact
--> 1 key = t.j transformation
--> 2 value = t.j transformation
--> 3 type = t.j transformation
--> 4 atom = t.j transformation
--> 5 id = t.j transformation
--> 6 parent = t.j transformation
--> 7 fullkey = t.j transformation
--> 8 path = t.j transformation
--> rows = t.j join

-- case: a function that nobody knows
-- dialect: snowflake,duckdb,postgres
-- table: t(id int)
select id, f.x from t, lateral my_function(t.id) f
--> select unknown
--> 1 id = t.id identity
--> 2 x = t.id transformation [unknown]
--> rows = t.id join [unknown]
--> ! unknown_table_function: my_function(t.id) f

-- case: fields of structs that functions build
-- dialect: spark, databricks
-- table: t(id int, a int)
select named_struct('x', a, 'y', id).x as nx, s.y as sy from (select a, id, named_struct('x', a, 'y', id) as s from t)
--> select exact
--> 1 nx = t.a identity
--> 2 sy = t.id identity
--> rows = nothing

-- case: fields of a row that nobody named
-- dialect: clickhouse
-- table: t(id Int, a Int, tup Tuple(x Int, y String))
select (a, id) as p, p.2 as second, tup.1 as x from t
--> select exact
--> 1 p = t.a transformation, t.id transformation
--> 2 second = t.id identity
--> 3 x = t.tup.x identity
--> rows = nothing

-- case: a relation's column comes before a field of a column of its name
-- dialect: databricks, spark
-- table: a(id int, x struct<y:int>)
-- table: x(id int, y int)
select x.y from a join x on a.id = x.id
--> select exact
--> 1 y = x.y identity
--> rows = a.id join, x.id join

-- case: an array of structs that stands in the text
-- dialect: bigquery
-- table: t(a int64, b string)
select x, y from t, unnest([struct(a as x, b as y), (1, 'b')])
--> select exact
--> 1 x = t.a transformation
--> 2 y = t.b transformation
--> rows = t.a join, t.b join

-- case: values of an array that nobody named
-- dialect: bigquery
-- table: t(a int64)
select * from unnest([1, 2, 3])
--> select exact
--> 1 f0_ = nothing
--> rows = nothing

-- case: fields of rows that an aggregate collected
-- dialect: databricks
-- table: t(id int, a int, b int)
with x as (select id, collect_list(struct(a, b)) as arr from t group by id) select id, e.a, arr[0].b from x lateral view explode(arr) z as e
--> select exact
--> 1 id = t.id identity
--> 2 a = t.a transformation
--> 3 b = t.b identity
--> rows = t.a join, t.b join, t.id group_by

-- case: fields of rows that a cast names
-- dialect: trino
-- table: t(id int, a int, b int, k int)
with x as (select id, array_agg(cast(row(a, b) as row(p int, q int)) order by k) as arr from t group by id) select id, e.p, e.q from x cross join unnest(arr) as e (p, q)
--> select exact
--> 1 id = t.id identity
--> 2 p = t.a transformation | t.k sort
--> 3 q = t.b transformation | t.k sort
--> rows = t.a join, t.b join, t.id group_by, t.k join

-- case: keys of an object that was built in the text
-- dialect: snowflake
-- table: t(id int, a int, b int, k int)
with x as (select id, array_agg(object_construct('a', a, 'B', b)) within group (order by k) as arr from t group by id) select id, f.value:a::int as a, f.value:B as b, object_construct('p', id):p as p from x, lateral flatten(input => x.arr) f
--> select exact
--> 1 id = t.id identity
--> 2 a = t.a transformation | t.k sort
--> 3 b = t.b transformation | t.k sort
--> 4 p = t.id transformation
--> rows = t.a join, t.b join, t.id group_by, t.k join

-- case: a field of what unnest gives
-- dialect: duckdb
-- table: t(id int, a int, b int)
with x as (select id, list({'p': a, 'q': b}) as arr from t group by id) select id, unnest(arr).p as p from x
--> select exact
--> 1 id = t.id identity
--> 2 p = t.a transformation
--> rows = t.a join, t.b join, t.id group_by

-- case: a path in FROM over rows that an aggregate collected
-- dialect: bigquery
-- table: t(id int64, a int64, b int64, k int64)
with x as (select array_agg(struct(a, b) order by k) as arr from t group by id) select e.a, e.b from x, x.arr as e
--> select exact
--> 1 a = t.a transformation | t.k sort
--> 2 b = t.b transformation | t.k sort
--> rows = t.a join, t.b join, t.id group_by, t.k join
