-- Honest changes of a query's shape: CTEs, subqueries, aliases, stars, layout.

-- honest: layout, case of keywords, comments
select order_id, amount from {orders} where status = 'paid'
--->
SELECT
  order_id, -- the key
  amount    /* in euros */
FROM {orders}
WHERE status = 'paid'

-- honest: trailing comma moved, AS left out
select order_id as id, amount as total from {orders} as o
--->
select
    order_id id
  , amount total
from {orders} o

-- honest: table alias renamed
select o.order_id, c.name from {orders} o join {customers} c on o.customer_id = c.customer_id
--->
select ord.order_id, cust.name from {orders} ord join {customers} cust on ord.customer_id = cust.customer_id

-- honest: columns qualified
select order_id, amount from {orders} where status = 'paid'
--->
select o.order_id, o.amount from {orders} o where o.status = 'paid'

-- honest: CTE renamed
with paid as (select order_id, amount from {orders} where status = 'paid')
select order_id, sum(amount) as total from paid group by order_id
--->
with settled_orders as (select order_id, amount from {orders} where status = 'paid')
select order_id, sum(amount) as total from settled_orders group by order_id

-- honest: CTEs in another order
with a as (select order_id, amount from {orders}), b as (select order_id, quantity from {items})
select a.order_id, a.amount, b.quantity from a left join b on a.order_id = b.order_id
--->
with b as (select order_id, quantity from {items}), a as (select order_id, amount from {orders})
select a.order_id, a.amount, b.quantity from a left join b on a.order_id = b.order_id

-- honest: subquery becomes a CTE
select s.customer_id, s.total from (select customer_id, sum(amount) as total from {orders} group by customer_id) s where s.total > 10
--->
with s as (select customer_id, sum(amount) as total from {orders} group by customer_id)
select customer_id, total from s where total > 10

-- honest: CTE written in place
with s as (select customer_id, sum(amount) as total from {orders} group by customer_id)
select c.name, s.total from {customers} c left join s on s.customer_id = c.customer_id
--->
select c.name, s.total from {customers} c
left join (select customer_id, sum(amount) as total from {orders} group by customer_id) s on s.customer_id = c.customer_id

-- honest: import CTEs
select o.order_id, c.name from {orders} o left join {customers} c on o.customer_id = c.customer_id where o.is_deleted = 0
--->
with orders as (select * from {orders}), customers as (select * from {customers})
select orders.order_id, customers.name from orders left join customers on orders.customer_id = customers.customer_id where orders.is_deleted = 0

-- honest: one CTE split into two
with x as (select order_id, amount - refund as net from {orders} where status = 'paid' and is_deleted = 0)
select order_id, net from x
--->
with live as (select * from {orders} where is_deleted = 0),
paid as (select order_id, amount - refund as net from live where status = 'paid')
select order_id, net from paid

-- honest: two CTEs merged into one
with a as (select order_id, amount * 2 as twice from {orders}), b as (select order_id, twice + 1 as more from a)
select order_id, more from b
--->
select order_id, amount * 2 + 1 as more from {orders}

-- honest: filter moved into the CTE
with o as (select order_id, amount, status from {orders})
select order_id, amount from o where status = 'paid'
--->
with o as (select order_id, amount from {orders} where status = 'paid')
select order_id, amount from o

-- honest: unused CTE removed
with unused as (select item_id from {items}), o as (select order_id from {orders})
select order_id from o
--->
with o as (select order_id from {orders})
select order_id from o

-- honest: star written out
select * from {items}
--->
select item_id, order_id, sku, quantity, price from {items}

-- honest: star of one side written out
select o.order_id, i.* from {orders} o join {items} i on i.order_id = o.order_id
--->
select o.order_id, i.item_id, i.order_id, i.sku, i.quantity, i.price from {orders} o join {items} i on i.order_id = o.order_id

-- honest: final select from a CTE
select order_id, amount from {orders} where status = 'paid'
--->
with final as (select order_id, amount from {orders} where status = 'paid')
select * from final

-- honest: union branches in another order
select order_id, amount from {orders} union all select order_id, amount from {payments}
--->
select order_id, amount from {payments} union all select order_id, amount from {orders}

-- honest: union branches in CTEs
select order_id, amount from {orders} union all select order_id, amount from {payments}
--->
with o as (select order_id, amount from {orders}), p as (select order_id, amount from {payments}),
everything as (select * from o union all select * from p)
select order_id, amount from everything

-- honest: dedup written with a CTE instead of a subquery
select order_id, status from (select order_id, status, row_number() over (partition by order_id order by updated_at desc) as rn from {orders}) t where rn = 1
--->
with ranked as (select *, row_number() over (partition by order_id order by updated_at desc) as nth from {orders})
select order_id, status from ranked where nth = 1

-- honest: named window written in place
-- in: postgres duckdb mysql sqlite clickhouse bigquery snowflake trino databricks
select order_id, sum(amount) over w as running from {orders} window w as (partition by customer_id order by created_at)
--->
select order_id, sum(amount) over (partition by customer_id order by created_at) as running from {orders}

-- honest: qualify instead of a subquery
-- in: snowflake bigquery databricks duckdb redshift clickhouse
select order_id, status from (select *, row_number() over (partition by order_id order by updated_at desc) as rn from {orders}) t where rn = 1
--->
select order_id, status from {orders} qualify row_number() over (partition by order_id order by updated_at desc) = 1

-- honest: quoted names
-- in: postgres redshift duckdb trino sqlite
select order_id, amount from {orders}
--->
select "order_id", "amount" from {orders}

-- honest: a new column that is null
-- says: lineage_diff.column_added note
select order_id from {orders}
--->
select order_id, cast(null as integer) as note from {orders}

-- honest: a new column from the same table
-- says: lineage_diff.column_added region
select order_id from {orders}
--->
select order_id, region from {orders}

-- honest: a new column through two steps
-- says: lineage_diff.column_added region
with o as (select order_id, amount from {orders}), f as (select order_id, sum(amount) as total from o group by order_id)
select order_id, total from f
--->
with o as (select order_id, amount, region from {orders}), f as (select order_id, sum(amount) as total, max(region) as region from o group by order_id)
select order_id, total, region from f

-- honest: hint or comment at the head
select order_id from {orders}
--->
/* owner: finance; ticket 12 */
select /* wide scan is fine here */ order_id from {orders}

-- honest: a column given a second time by a distinct
-- says: lineage_diff.column_added area
select distinct customer_id, region from {orders}
--->
select distinct customer_id, region, region as area from {orders}

-- honest: a column given a second time by a group by without aggregates
-- says: lineage_diff.column_added area
select customer_id, region from {orders} group by customer_id, region
--->
select customer_id, region, region as area from {orders} group by customer_id, region
