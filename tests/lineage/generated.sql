-- Columns that are made from values: the functions that give them, and their names.

-- case: every column of FLATTEN, and a path below its value
-- dialect: snowflake
-- table: t(id,v variant)
select id, f.*, f.value:a.b::string x, f.key, f.path, f.this, f.seq from t, table(flatten(input => t.v:items, outer => true)) f

-- case: FLATTEN of a FLATTEN keeps the path
-- dialect: snowflake
-- table: t(id,v variant)
select f2.value:x as x from t, lateral flatten(input => v:a) f1, lateral flatten(input => f1.value:b) f2

-- case: FLATTEN without an alias
-- dialect: snowflake
-- table: t(id,v)
select value:x as x, index from t, lateral flatten(v)

-- case: SPLIT_TO_TABLE
-- dialect: snowflake
-- table: t(id,s)
select t.id, c.value, c.index, c.seq from t, lateral split_to_table(t.s, ',') c

-- case: UNNEST of structs and of scalars, with an offset
-- dialect: bigquery
-- table: t(id int64, items array<struct<sku string, qty int64>>, tags array<string>)
select id, i.sku, i.qty, off, tag from t, unnest(items) i with offset off, unnest(t.tags) tag

-- case: fields of the element, subqueries over the array
-- dialect: bigquery
-- table: t(id int64, items array<struct<sku string, qty int64>>, tags array<string>)
select id, i.*, t.tags[offset(0)] as first_tag, (select max(qty) from unnest(items)) as mq, array(select sku from unnest(t.items) where qty > 1) as skus from t left join unnest(items) as i

-- case: a path of a left sibling in FROM
-- dialect: bigquery
-- table: t(id int64, items array<struct<sku string, qty int64>>)
select sku, qty from t, t.items

-- case: the first row of a group, as dbt_utils.deduplicate writes it
-- dialect: bigquery
-- table: t(id int64, updated_at timestamp, a string)
select array_agg(t order by updated_at desc limit 1)[offset(0)].* from t group by id

-- case: the same through a subquery
-- dialect: bigquery
-- table: t(id int64, updated_at timestamp, a string)
select unique.* from (select array_agg(original order by updated_at desc limit 1)[offset(0)] unique from t as original group by id)

-- case: fields of a struct, and its star
-- dialect: bigquery
-- table: t(id int64, st struct<a int64, b struct<c string, d string>>)
select st.a, st.b.c, st.*, t.st.b.* from t

-- case: SELECT AS STRUCT gives its fields
-- dialect: bigquery
-- table: t(id int64, x string)
select as struct id, x as y from t

-- case: a struct that was built above is seen through
-- dialect: bigquery
-- table: t(id int64, x string)
select s.y from (select struct(id as z, x as y) as s from t)

-- case: an array of structs that a subquery built
-- dialect: bigquery
-- table: t(id int64, k int64)
-- table: u(k int64, a string, b string)
select id, array(select as struct u.a, u.b as c from u where u.k = t.k)[offset(0)].c as first_c from t

-- case: the element of scalars has no fields to hide outer names
-- dialect: bigquery
-- table: t(id int64, x string, k string)
select to_json_string(t) as j, t as whole from t where exists(select 1 from unnest([1,2]) e where e = id)

-- case: JSON functions in FROM, and an array with its position
-- dialect: postgres
-- table: t(id int, j jsonb, a text[])
select id, j->>'a' as a, j#>>'{b,c}' as bc, e.value, e.key, x, ord from t, jsonb_each(t.j) e, unnest(t.a) with ordinality as u(x, ord)

-- case: a record set with declared columns
-- dialect: postgres
-- table: t(id int, j jsonb)
select t.id, r.* from t, jsonb_to_recordset(t.j) as r(a int, b text)

-- case: functions that give rows in the SELECT list
-- dialect: postgres
-- table: t(id int, j jsonb)
select id, jsonb_array_elements(j) as e, generate_series(1, id) as g from t

-- case: the whole row as a value
-- dialect: postgres
-- table: t(id int, a text)
select row_to_json(t) as j, t.*::text as x, (t).a as y, t from t

-- case: LATERAL VIEW of structs, of a map, and with positions
-- dialect: databricks,spark
-- table: t(id int, xs array<struct<a:int,b:string>>, m map<string,int>)
select id, x.a, x.b, k, v, pos from t lateral view outer explode(xs) e as x lateral view explode(m) mm as k, v lateral view posexplode(xs) p as pos, y

-- case: inline gives the fields of its rows
-- dialect: databricks,spark
-- table: t(id int, xs array<struct<a:int,b:string>>)
select id, inline(xs) from t

-- case: inline as a LATERAL VIEW
-- dialect: databricks,spark
-- table: t(id int, xs array<struct<a:int,b:string>>)
select id, i.a, i.b from t lateral view inline(xs) i

-- case: explode without an alias is called col
-- dialect: databricks
-- table: t(id int, j string)
select id, j:a.b[0]::string as x, explode(from_json(j, 'array<int>')) from t

-- case: stack pairs its values by place
-- dialect: databricks,spark
-- table: t(id int, jan int, feb int)
select id, month, v from t lateral view stack(2, 'jan', jan, 'feb', feb) s as month, v

-- case: stack in the SELECT list
-- dialect: databricks,spark
-- table: t(id int, jan int, feb int)
select id, stack(2, 'jan', jan, 'feb', feb) as (month, v) from t

-- case: LATERAL without the word VIEW
-- dialect: databricks
-- table: t(id int, xs array<int>)
select id, c.col, e.* from t, lateral explode(xs) c, lateral explode(xs) as e(z)

-- case: a SUPER value as a relation
-- dialect: redshift
-- table: t(id int, items super)
select t.id, i.sku from t as t, t.items i

-- case: UNNEST of rows, of a map and with an ordinality
-- dialect: trino
-- table: t(id bigint, xs array(row(a bigint, b varchar)), m map(varchar,bigint))
select t.id, u.a, u.b, k, v, n from t cross join unnest(xs) as u(a, b) cross join unnest(m) with ordinality as w(k, v, n)

-- case: fields and stars of structs, UNNEST of a struct
-- dialect: duckdb
-- table: t(id int, xs int[], st struct(a int, b varchar))
select id, unnest(xs) as x, st.a, st.*, unnest(st), st['b'] from t

-- case: UNNEST that goes down to the fields
-- dialect: duckdb
-- table: t(id int, xs int[], ss struct(a int, b varchar)[])
select id, u.x, unnest(ss, recursive := true) from t, unnest(xs) as u(x)

-- case: the alias of an UNNEST is its column
-- dialect: duckdb
-- table: t(id int, xs int[])
select u.*, u, u.unnest from t, unnest(xs) u

-- case: ARRAY JOIN of two arrays at once
-- dialect: clickhouse
-- table: t(id Int, xs Array(Int), n Nested(a Int, b String))
select id, x, n.a, i from t left array join xs as x, arrayEnumerate(xs) as i

-- case: ARRAY JOIN of nested columns
-- dialect: clickhouse
-- table: t(id Int, xs Array(Int), n Nested(a Int, b String))
select id, n.a, n.b from t array join n

-- case: arrays in expressions, lambdas
-- dialect: clickhouse
-- table: t(id Int, xs Array(Int))
select id, arrayJoin(xs) as x, arrayMap(y -> y + id, xs) as m from t

-- case: OPENJSON with its own columns, and of a value of it
-- dialect: tsql
-- table: t(id int, doc nvarchar)
select t.id, j.[key], j.value, j.type, k.name from t cross apply openjson(t.doc) j outer apply openjson(j.value) with (name varchar(10) '$.n') k

-- case: STRING_SPLIT has one column
-- dialect: tsql
-- table: t(id int, doc nvarchar)
select t.id, s.value from t cross apply string_split(t.doc, ',') s

-- case: JSON_TABLE with nested columns
-- dialect: mysql,mariadb
-- table: t(id int, doc json)
select t.id, j.* from t, json_table(t.doc, '$[*]' columns (rn for ordinality, x int path '$.x', nested path '$.y[*]' columns (z int path '$'))) j

-- case: json_each shows all of its columns
-- dialect: sqlite
-- table: t(id int, doc text)
select t.id, j.key, j.value, j.* from t, json_each(t.doc) j

-- case: DuckDB has them too
-- dialect: duckdb
-- table: t(id int, j json)
select j.* from t, json_each(t.j) j

-- case: a function that nobody knows
-- dialect: snowflake,duckdb,postgres
-- table: t(id int)
select id, f.x from t, lateral my_function(t.id) f
