-- Honest changes within a clause: other words for the same thing.

-- honest: operands of a comparison exchanged
select order_id from {orders} where amount > refund and status = 'paid'
--->
select order_id from {orders} where refund < amount and 'paid' = status

-- honest: conjuncts in another order, with brackets
select order_id from {orders} where status = 'paid' and amount > 0 and is_deleted = 0
--->
select order_id from {orders} where (is_deleted = 0) and ((amount > 0) and (status = 'paid'))

-- honest: between written out
select order_id from {orders} where amount between 1 and 10
--->
select order_id from {orders} where amount >= 1 and amount <= 10

-- honest: not between written out
select order_id from {orders} where amount not between 1 and 10
--->
select order_id from {orders} where amount < 1 or amount > 10

-- honest: in list in another order
select order_id from {orders} where status in ('paid', 'sent', 'done')
--->
select order_id from {orders} where status in ('done', 'paid', 'sent')

-- honest: in written as or
select order_id from {orders} where status in ('paid', 'sent')
--->
select order_id from {orders} where (status = 'paid' or status = 'sent')

-- honest: not in written as and
select order_id from {orders} where status not in ('paid', 'sent')
--->
select order_id from {orders} where status <> 'paid' and status <> 'sent'

-- honest: in with one value
select order_id from {orders} where status in ('paid')
--->
select order_id from {orders} where status = 'paid'

-- honest: <> and !=
select order_id from {orders} where status <> 'void'
--->
select order_id from {orders} where status != 'void'

-- honest: not of an equality
select order_id from {orders} where status <> 'void'
--->
select order_id from {orders} where not (status = 'void')

-- honest: not over or
select order_id from {orders} where not (status = 'void' or is_deleted = 1)
--->
select order_id from {orders} where status <> 'void' and is_deleted <> 1

-- honest: not over and
select order_id from {orders} where not (status = 'void' and is_deleted = 1)
--->
select order_id from {orders} where status <> 'void' or is_deleted <> 1

-- honest: not null said both ways
select order_id from {orders} where not (status is null)
--->
select order_id from {orders} where status is not null

-- honest: double negation
select order_id from {orders} where amount > 0
--->
select order_id from {orders} where not (not (amount > 0))

-- honest: coalesce written as case
select order_id, coalesce(amount, 0) as amount from {orders}
--->
select order_id, case when amount is not null then amount else 0 end as amount from {orders}

-- honest: coalesce written as case, the other way round
select order_id, coalesce(amount, 0) as amount from {orders}
--->
select order_id, case when amount is null then 0 else amount end as amount from {orders}

-- honest: nullif written as case
select order_id, nullif(amount, 0) as amount from {orders}
--->
select order_id, case when amount = 0 then null else amount end as amount from {orders}

-- honest: else null
select order_id, case when status = 'paid' then amount end as paid from {orders}
--->
select order_id, case when status = 'paid' then amount else null end as paid from {orders}

-- honest: simple case written as searched case
select order_id, case status when 'paid' then 1 when 'sent' then 2 else 0 end as n from {orders}
--->
select order_id, case when status = 'paid' then 1 when status = 'sent' then 2 else 0 end as n from {orders}

-- honest: if written as case
-- in: bigquery mysql databricks clickhouse trino
select order_id, if(status = 'paid', amount, 0) as paid from {orders}
--->
select order_id, case when status = 'paid' then amount else 0 end as paid from {orders}

-- honest: iff written as case
-- in: snowflake
select order_id, iff(status = 'paid', amount, 0) as paid from {orders}
--->
select order_id, case when status = 'paid' then amount else 0 end as paid from {orders}

-- honest: iif written as case
-- in: tsql sqlite
select order_id, iif(status = 'paid', amount, 0) as paid from {orders}
--->
select order_id, case when status = 'paid' then amount else 0 end as paid from {orders}

-- honest: ifnull is coalesce
-- in: snowflake bigquery databricks duckdb mysql sqlite clickhouse
select order_id, ifnull(amount, 0) as amount from {orders}
--->
select order_id, coalesce(amount, 0) as amount from {orders}

-- honest: nvl is coalesce
-- in: snowflake databricks redshift
select order_id, nvl(amount, 0) as amount from {orders}
--->
select order_id, coalesce(amount, 0) as amount from {orders}

-- honest: count of one
select customer_id, count(*) as n from {orders} group by customer_id
--->
select customer_id, count(1) as n from {orders} group by customer_id

-- honest: group by number
-- in: postgres redshift duckdb snowflake bigquery databricks trino mysql sqlite clickhouse
select customer_id, status, sum(amount) as total from {orders} group by customer_id, status
--->
select customer_id, status, sum(amount) as total from {orders} group by 1, 2

-- honest: group by all
-- in: snowflake duckdb databricks bigquery clickhouse
select customer_id, status, sum(amount) as total from {orders} group by customer_id, status
--->
select customer_id, status, sum(amount) as total from {orders} group by all

-- honest: group by in another order
select customer_id, status, sum(amount) as total from {orders} group by customer_id, status
--->
select customer_id, status, sum(amount) as total from {orders} group by status, customer_id

-- honest: distinct written as group by
select distinct customer_id, status from {orders}
--->
select customer_id, status from {orders} group by customer_id, status

-- honest: distinct written as group by in a CTE
with k as (select distinct customer_id, status from {orders}) select customer_id, status from k
--->
with k as (select customer_id, status from {orders} group by 1, 2) select customer_id, status from k

-- honest: inner join in another order
select o.order_id, c.name from {orders} o inner join {customers} c on o.customer_id = c.customer_id
--->
select o.order_id, c.name from {customers} c inner join {orders} o on c.customer_id = o.customer_id

-- honest: three inner joins in another order
select o.order_id, c.name, i.sku from {orders} o join {customers} c on o.customer_id = c.customer_id join {items} i on i.order_id = o.order_id
--->
select o.order_id, c.name, i.sku from {items} i join {orders} o on i.order_id = o.order_id join {customers} c on c.customer_id = o.customer_id

-- honest: right join written as left join
-- not in: sqlite
select o.order_id, c.name from {customers} c right join {orders} o on o.customer_id = c.customer_id
--->
select o.order_id, c.name from {orders} o left join {customers} c on o.customer_id = c.customer_id

-- honest: two left joins in another order
select o.order_id, c.name, p.method from {orders} o left join {customers} c on o.customer_id = c.customer_id left join {payments} p on p.order_id = o.order_id
--->
select o.order_id, c.name, p.method from {orders} o left join {payments} p on p.order_id = o.order_id left join {customers} c on o.customer_id = c.customer_id

-- honest: using written as on
-- not in: tsql
select o.order_id, c.name from {orders} o join {customers} c using (customer_id)
--->
select o.order_id, c.name from {orders} o join {customers} c on o.customer_id = c.customer_id

-- honest: left join using written as on
-- not in: tsql
select o.order_id, c.name from {orders} o left join {customers} c using (customer_id)
--->
select o.order_id, c.name from {orders} o left join {customers} c on c.customer_id = o.customer_id

-- honest: comma join written as inner join
select o.order_id, c.name from {orders} o, {customers} c where o.customer_id = c.customer_id
--->
select o.order_id, c.name from {orders} o join {customers} c on o.customer_id = c.customer_id

-- honest: inner join's filter moved from ON to WHERE
select o.order_id, c.name from {orders} o join {customers} c on o.customer_id = c.customer_id and c.country = 'NL'
--->
select o.order_id, c.name from {orders} o join {customers} c on o.customer_id = c.customer_id where c.country = 'NL'

-- honest: cast to the same type written with ::
-- in: postgres redshift snowflake duckdb databricks clickhouse
select order_id, cast(amount as integer) as amount from {orders}
--->
select order_id, amount::integer as amount from {orders}

-- honest: int is integer
select order_id, cast(amount as int) as amount from {orders}
--->
select order_id, cast(amount as integer) as amount from {orders}

-- honest: cast twice to the same type
select order_id, cast(amount as integer) as amount from {orders}
--->
select order_id, cast(cast(amount as integer) as integer) as amount from {orders}

-- honest: sum of a product, operands exchanged
select order_id, sum(quantity * price) as total from {items} group by order_id
--->
select order_id, sum(price * quantity) as total from {items} group by order_id

-- honest: brackets in arithmetic
select order_id, amount - refund + tax as net from {orders}
--->
select order_id, ((amount - refund) + tax) as net from {orders}

-- honest: a sum's terms in another order
-- not in: tsql
select order_id, amount + tax + refund as total from {orders}
--->
select order_id, tax + refund + amount as total from {orders}

-- honest: order by ascending said
select order_id, row_number() over (partition by customer_id order by created_at) as n from {orders}
--->
select order_id, row_number() over (partition by customer_id order by created_at asc) as n from {orders}

-- honest: partition keys in another order
select order_id, row_number() over (partition by customer_id, region order by created_at) as n from {orders}
--->
select order_id, row_number() over (partition by region, customer_id order by created_at) as n from {orders}

-- honest: default frame said
-- not in: redshift
select order_id, sum(amount) over (partition by customer_id order by created_at) as running from {orders}
--->
select order_id, sum(amount) over (partition by customer_id order by created_at range between unbounded preceding and current row) as running from {orders}

-- honest: exists written with another select list
select order_id from {orders} o where exists (select 1 from {payments} p where p.order_id = o.order_id)
--->
select order_id from {orders} o where exists (select * from {payments} p where p.order_id = o.order_id)

-- honest: concat and ||, where both give null for null
-- in: redshift snowflake bigquery databricks trino clickhouse
select customer_id, name || email as k from {customers}
--->
select customer_id, concat(name, email) as k from {customers}

-- honest: substr and substring
-- in: postgres redshift snowflake duckdb databricks mysql trino bigquery clickhouse sqlite
select customer_id, substr(name, 1, 3) as k from {customers}
--->
select customer_id, substring(name, 1, 3) as k from {customers}

-- honest: len and length
-- in: snowflake duckdb databricks redshift
select customer_id, len(name) as k from {customers}
--->
select customer_id, length(name) as k from {customers}

-- honest: lcase and lower, ucase and upper
-- in: databricks mysql clickhouse
select customer_id, lcase(name) as k, ucase(email) as e from {customers}
--->
select customer_id, lower(name) as k, upper(email) as e from {customers}

-- honest: pow and power, ceil and ceiling
-- in: postgres snowflake bigquery databricks duckdb mysql trino
select order_id, pow(amount, 2) as p, ceil(tax) as t from {orders}
--->
select order_id, power(amount, 2) as p, ceiling(tax) as t from {orders}

-- honest: date_trunc with a word and a text
-- in: snowflake
select order_id, date_trunc(month, created_at) as m from {orders}
--->
select order_id, date_trunc('MONTH', created_at) as m from {orders}

-- honest: extract and date_part
-- in: postgres redshift snowflake duckdb databricks
select order_id, extract(year from created_at) as y from {orders}
--->
select order_id, date_part('year', created_at) as y from {orders}

-- honest: extract and year()
-- in: snowflake databricks duckdb mysql trino
select order_id, extract(year from created_at) as y from {orders}
--->
select order_id, year(created_at) as y from {orders}

-- honest: current_timestamp said both ways
-- in: postgres snowflake duckdb databricks mysql redshift trino
select order_id, current_timestamp as loaded_at from {orders}
--->
select order_id, current_timestamp() as loaded_at from {orders}

-- honest: now and current_timestamp
-- in: postgres duckdb mysql trino
select order_id, now() as loaded_at from {orders}
--->
select order_id, current_timestamp as loaded_at from {orders}

-- honest: dateadd and its words
-- in: snowflake
select order_id, dateadd(day, 1, created_at) as d from {orders}
--->
select order_id, dateadd('day', 1, created_at) as d from {orders}

-- honest: like in upper case keyword and ilike
-- in: postgres snowflake duckdb databricks redshift
select order_id from {orders} where status ilike 'pa%'
--->
select order_id from {orders} where status ILIKE 'pa%'

-- honest: boolean tests
-- in: postgres snowflake duckdb databricks bigquery
select order_id from {orders} where is_deleted = true
--->
select order_id from {orders} where is_deleted

-- honest: boolean tests, negated
-- in: postgres snowflake duckdb databricks bigquery
select order_id from {orders} where is_deleted = false
--->
select order_id from {orders} where not is_deleted

-- honest: having as a filter around
select customer_id, sum(amount) as total from {orders} group by customer_id having sum(amount) > 10
--->
with t as (select customer_id, sum(amount) as total from {orders} group by customer_id)
select customer_id, total from t where total > 10

-- honest: listagg and string_agg
-- in: duckdb
select customer_id, string_agg(status, ',') as s from {orders} group by customer_id
--->
select customer_id, group_concat(status, ',') as s from {orders} group by customer_id

-- honest: typed date and cast
-- in: postgres snowflake duckdb databricks redshift trino bigquery
select order_id from {orders} where created_at >= date '2024-01-01'
--->
select order_id from {orders} where created_at >= cast('2024-01-01' as date)

-- honest: limit 0 never there, where true
select order_id from {orders} where status = 'paid'
--->
select order_id from {orders} where 1 = 1 and status = 'paid'

-- honest: aggregate with FILTER written as CASE
-- in: postgres duckdb databricks trino sqlite
select customer_id, sum(amount) filter (where status = 'paid') as paid, count(*) filter (where status = 'paid') as n from {orders} group by customer_id
--->
select customer_id, sum(case when status = 'paid' then amount end) as paid, count(case when status = 'paid' then 1 end) as n from {orders} group by customer_id

-- honest: count_if written as CASE
-- in: snowflake databricks duckdb trino
select customer_id, count_if(status = 'paid') as n from {orders} group by customer_id
--->
select customer_id, count(case when status = 'paid' then 1 end) as n from {orders} group by customer_id

-- honest: nulls placed where they are anyway
-- in: postgres snowflake redshift
select order_id, row_number() over (partition by customer_id order by created_at) as n from {orders}
--->
select order_id, row_number() over (partition by customer_id order by created_at asc nulls last) as n from {orders}

-- honest: coalesce in coalesce
select order_id, coalesce(amount, coalesce(refund, 0)) as amount from {orders}
--->
select order_id, coalesce(amount, refund, 0) as amount from {orders}

-- honest: the step that makes a value has a name of its own
select customer_id, (amount - refund) * 2 as twice from {orders}
--->
with net as (select customer_id, amount - refund as net_amount from {orders}) select customer_id, net_amount * 2 as twice from net

-- honest: a window's filter in a CTE, the other filter outside
select order_id from (select order_id, status, row_number() over (partition by customer_id order by created_at) as n from {orders}) t where n = 1 and status = 'paid'
--->
with t as (select order_id, status, row_number() over (partition by customer_id order by created_at) as n from {orders}), firsts as (select * from t where n = 1)
select order_id from firsts where status = 'paid'

-- honest: semi-join by IN written with a CTE
select customer_id from {customers} where customer_id in (select customer_id from {orders} where status = 'paid')
--->
with buyers as (select customer_id from {orders} where status = 'paid') select customer_id from {customers} where customer_id in (select customer_id from buyers)

-- honest: alias of a column in GROUP BY and ORDER BY
-- in: snowflake bigquery databricks redshift duckdb mysql sqlite clickhouse
select lower(channel) as channel_name, count(*) as n from {orders} group by lower(channel)
--->
select lower(channel) as channel_name, count(*) as n from {orders} group by channel_name
