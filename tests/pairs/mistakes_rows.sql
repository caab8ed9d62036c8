-- Mistakes about which rows there are.

-- mistake: inner for left join
-- says: lineage_diff.join_kind_changed
select o.order_id, c.name from {orders} o left join {customers} c on o.customer_id = c.customer_id
--->
select o.order_id, c.name from {orders} o join {customers} c on o.customer_id = c.customer_id

-- mistake: left for inner join
-- says: lineage_diff.join_kind_changed
select o.order_id, c.name from {orders} o join {customers} c on o.customer_id = c.customer_id
--->
select o.order_id, c.name from {orders} o left join {customers} c on o.customer_id = c.customer_id

-- mistake: a left join's sides exchanged
-- says: lineage_diff.join_kind_changed
select o.order_id, c.name from {orders} o left join {customers} c on o.customer_id = c.customer_id
--->
select o.order_id, c.name from {customers} c left join {orders} o on o.customer_id = c.customer_id

-- mistake: left join's filter moved to WHERE
-- says: lineage_diff.join_condition_changed, lineage_diff.predicate_added
select o.order_id, c.name from {orders} o left join {customers} c on o.customer_id = c.customer_id and c.country = 'NL'
--->
select o.order_id, c.name from {orders} o left join {customers} c on o.customer_id = c.customer_id where c.country = 'NL'

-- mistake: a part of ON lost
-- says: lineage_diff.join_condition_changed
select o.order_id, p.method from {orders} o left join {payments} p on p.order_id = o.order_id and p.paid_at >= o.created_at
--->
select o.order_id, p.method from {orders} o left join {payments} p on p.order_id = o.order_id

-- mistake: joined by another key
-- says: lineage_diff.join_condition_changed
select o.order_id, p.method from {orders} o left join {payments} p on p.order_id = o.order_id
--->
select o.order_id, p.method from {orders} o left join {payments} p on p.payment_id = o.order_id

-- mistake: filter lost
-- says: lineage_diff.predicate_removed
select order_id from {orders} where status = 'paid' and is_deleted = 0
--->
select order_id from {orders} where status = 'paid'

-- mistake: filter lost in a CTE that was renamed
-- says: lineage_diff.predicate_removed
with live as (select * from {orders} where is_deleted = 0), t as (select customer_id, sum(amount) as total from live group by customer_id) select customer_id, total from t
--->
with orders_in as (select * from {orders}), totals as (select customer_id, sum(amount) as total from orders_in group by customer_id) select customer_id, total from totals

-- mistake: edge
-- says: lineage_diff.boundary_changed
select order_id from {orders} where created_at < '2024-01-01'
--->
select order_id from {orders} where created_at <= '2024-01-01'

-- mistake: between for a half-open range
-- says: lineage_diff.boundary_changed
select order_id from {orders} where created_at >= '2024-01-01' and created_at < '2025-01-01'
--->
select order_id from {orders} where created_at between '2024-01-01' and '2025-01-01'

-- mistake: another constant
-- says: lineage_diff.predicate_changed
select order_id from {orders} where status = 'paid'
--->
select order_id from {orders} where status = 'Paid'

-- mistake: a value lost from IN
-- says: lineage_diff.predicate_changed
select order_id from {orders} where status in ('paid', 'sent')
--->
select order_id from {orders} where status in ('paid')

-- mistake: NOT lost
-- says: lineage_diff.predicate_changed
select order_id from {orders} where status not in ('void', 'test')
--->
select order_id from {orders} where status in ('void', 'test')

-- mistake: or for and
-- says: lineage_diff.predicate_changed, lineage_diff.predicate_added
select order_id from {orders} where (status = 'paid' or channel = 'web') and is_deleted = 0
--->
select order_id from {orders} where (status = 'paid' and channel = 'web') and is_deleted = 0

-- mistake: brackets around OR lost
-- says: lineage_diff.predicate_changed, lineage_diff.predicate_removed
select order_id from {orders} where (status = 'paid' or channel = 'web') and is_deleted = 0
--->
select order_id from {orders} where status = 'paid' or channel = 'web' and is_deleted = 0

-- mistake: filter on another column
-- says: lineage_diff.predicate_changed
select order_id from {orders} where created_at >= '2024-01-01'
--->
select order_id from {orders} where updated_at >= '2024-01-01'

-- mistake: union for union all
-- says: lineage_diff.set_operation_changed
select order_id from {orders} union all select order_id from {items}
--->
select order_id from {orders} union select order_id from {items}

-- mistake: a branch lost
-- says: lineage_diff.set_operation_changed
select order_id from {orders} union all select order_id from {items} union all select order_id from {payments}
--->
select order_id from {orders} union all select order_id from {items}

-- mistake: limit left in
-- says: lineage_diff.limit_added
-- not in: tsql
select order_id from {orders}
--->
select order_id from {orders} limit 100

-- mistake: top left in
-- says: lineage_diff.limit_added
-- in: tsql
select order_id from {orders}
--->
select top 100 order_id from {orders}

-- mistake: grouping column lost
-- says: lineage_diff.grain_changed, lineage_diff.aggregate_changed region
select customer_id, region, sum(amount) as total from {orders} group by customer_id, region
--->
select customer_id, max(region) as region, sum(amount) as total from {orders} group by customer_id

-- mistake: distinct put in
-- says: lineage_diff.distinct_changed
select customer_id, status from {orders}
--->
select distinct customer_id, status from {orders}

-- mistake: group by taken out that stood for distinct
-- says: lineage_diff.distinct_changed
select customer_id, status from {orders} group by customer_id, status
--->
select customer_id, status from {orders}

-- mistake: having dropped
-- says: lineage_diff.predicate_removed
select customer_id, sum(amount) as total from {orders} group by customer_id having count(*) > 1
--->
select customer_id, sum(amount) as total from {orders} group by customer_id

-- mistake: dedup keeps the oldest
-- says: lineage_diff.window_changed
select order_id, status from (select *, row_number() over (partition by order_id order by updated_at desc) as rn from {orders}) t where rn = 1
--->
select order_id, status from (select *, row_number() over (partition by order_id order by updated_at) as rn from {orders}) t where rn = 1

-- mistake: dedup by another key
-- says: lineage_diff.window_changed
select order_id, status from (select *, row_number() over (partition by order_id order by updated_at desc) as rn from {orders}) t where rn = 1
--->
select order_id, status from (select *, row_number() over (partition by customer_id order by updated_at desc) as rn from {orders}) t where rn = 1

-- mistake: dedup dropped
-- says: lineage_diff.predicate_removed
select order_id, status from (select *, row_number() over (partition by order_id order by updated_at desc) as rn from {orders}) t where rn = 1
--->
select order_id, status from {orders}

-- mistake: another table with the same columns
-- says: lineage_diff.column_resourced amount, lineage_diff.column_resourced order_id, lineage_diff.relation_changed
select order_id, amount from {orders}
--->
select order_id, amount from {payments}

-- mistake: semi-join by another key
-- says: lineage_diff.predicate_changed
select customer_id from {customers} where customer_id in (select customer_id from {orders})
--->
select customer_id from {customers} where customer_id in (select order_id from {orders})

-- mistake: NOT EXISTS became EXISTS
-- says: lineage_diff.predicate_changed
select c.customer_id from {customers} c where not exists (select 1 from {orders} o where o.customer_id = c.customer_id)
--->
select c.customer_id from {customers} c where exists (select 1 from {orders} o where o.customer_id = c.customer_id)

-- mistake: filter lost inside a subquery of IN
-- says: lineage_diff.predicate_changed
select customer_id from {customers} where customer_id in (select customer_id from {orders} where status = 'paid')
--->
select customer_id from {customers} where customer_id in (select customer_id from {orders})

-- mistake: qualify dropped
-- says: lineage_diff.predicate_removed
-- in: snowflake bigquery databricks duckdb
select order_id, status from {orders} qualify row_number() over (partition by order_id order by updated_at desc) = 1
--->
select order_id, status from {orders}

-- mistake: a filter of a window's rows is applied before the window
-- says: lineage_diff.predicate_added, lineage_diff.predicate_removed
select order_id from (select order_id, status, row_number() over (partition by customer_id order by created_at) as n from {orders}) t where n = 1 and status = 'paid'
--->
select order_id from (select order_id, row_number() over (partition by customer_id order by created_at) as n from {orders} where status = 'paid') t where n = 1

-- mistake: a filter is applied before the grouping
-- not in: clickhouse
-- says: lineage_diff.predicate_added, lineage_diff.predicate_removed
with t as (select customer_id, max(amount) as amount from {orders} group by customer_id) select customer_id, amount from t where amount > 10
--->
with t as (select customer_id, max(amount) as amount from {orders} where amount > 10 group by customer_id) select customer_id, amount from t

-- mistake: HAVING became WHERE
-- says: lineage_diff.predicate_added, lineage_diff.predicate_removed
select customer_id, max(amount) as top from {orders} group by customer_id having max(amount) > 10
--->
select customer_id, max(amount) as top from {orders} where amount > 10 group by customer_id

-- mistake: NOT over a list loses its brackets
-- says: lineage_diff.predicate_changed, lineage_diff.predicate_added
select order_id from {orders} where not (status = 'void' and channel = 'web')
--->
select order_id from {orders} where not status = 'void' and channel = 'web'

-- mistake: a filter by a window over a join instead of one side
-- says: lineage_diff.join_added, lineage_diff.join_removed
select l.order_id, p.method from (select order_id from {orders} qualify row_number() over (partition by customer_id order by created_at) = 1) l join {payments} p on p.order_id = l.order_id
-- in: snowflake bigquery databricks duckdb
--->
select o.order_id, p.method from {orders} o join {payments} p on p.order_id = o.order_id qualify row_number() over (partition by o.customer_id order by o.created_at) = 1

-- mistake: a branch more
-- says: lineage_diff.union_branch_added
select order_id, 'orders' as kind from {orders} union all select order_id, 'items' from {items}
--->
select order_id, 'orders' as kind from {orders} union all select order_id, 'items' from {items} union all select order_id, 'payments' from {payments}

-- mistake: a join around the groups, and their CTE's input read a second time
-- says: lineage_diff.join_added, lineage_diff.column_added latest
with open_orders as (select o.order_id, o.customer_id, o.amount, o.created_at from {orders} o join {customers} c on c.customer_id = o.customer_id where c.country = 'DE'),
per_customer as (select customer_id, sum(amount) as total from open_orders group by customer_id)
select customer_id, total from per_customer
--->
with open_orders as (select o.order_id, o.customer_id, o.amount, o.created_at from {orders} o join {customers} c on c.customer_id = o.customer_id where c.country = 'DE'),
latest_order as (select customer_id, max(created_at) as latest from open_orders group by customer_id),
per_customer as (select customer_id, sum(amount) as total from open_orders group by customer_id)
select p.customer_id, p.total, l.latest from per_customer p left join latest_order l on l.customer_id = p.customer_id

-- mistake: UNION for the first of two UNION ALLs
-- says: lineage_diff.set_operation_changed
select order_id, 'a' as kind from {orders} union all select -1, 'b' union all select -2, 'c'
--->
select order_id, 'a' as kind from {orders} union select -1, 'b' union all select -2, 'c'

-- mistake: one of the constant rows of a union is gone
-- says: lineage_diff.set_operation_changed
select order_id, 'a' as kind from {orders} union all select -1, 'b' union all select -2, 'c'
--->
select order_id, 'a' as kind from {orders} union all select -1, 'b'
