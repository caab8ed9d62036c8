-- Mistakes about what the columns hold.

-- mistake: value from another column
-- says: lineage_diff.column_resourced contact
select customer_id, email as contact from {customers}
--->
select customer_id, username as contact from {customers}

-- mistake: value from another column, three steps up, with everything renamed
-- says: lineage_diff.column_resourced contact
with c as (select customer_id, email as mail from {customers}), d as (select * from c), o as (select customer_id, count(*) as n from {orders} group by customer_id)
select d.customer_id, d.mail as contact, o.n from d left join o on o.customer_id = d.customer_id
--->
with src as (select customer_id, username as mail from {customers}), per_customer as (select customer_id, count(*) as orders from {orders} group by customer_id)
select src.customer_id, src.mail as contact, per_customer.orders as n from src left join per_customer on src.customer_id = per_customer.customer_id

-- mistake: two columns exchanged
-- not in: clickhouse
-- says: lineage_diff.column_resourced name, lineage_diff.column_resourced email
select customer_id, name, email from {customers}
--->
select customer_id, email as name, name as email from {customers}

-- mistake: union branches by position
-- says: lineage_diff.column_resourced amount, lineage_diff.column_resourced refund
select amount, refund from {orders} union all select price, quantity from {items}
--->
select amount, refund from {orders} union all select quantity, price from {items}

-- mistake: avg for sum
-- says: lineage_diff.aggregate_changed total
select customer_id, sum(amount) as total from {orders} group by customer_id
--->
select customer_id, avg(amount) as total from {orders} group by customer_id

-- mistake: distinct lost from count
-- says: lineage_diff.aggregate_changed buyers
select region, count(distinct customer_id) as buyers from {orders} group by region
--->
select region, count(customer_id) as buyers from {orders} group by region

-- mistake: count(*) for count(x)
-- says: lineage_diff.aggregate_changed n
select o.order_id, count(p.payment_id) as n from {orders} o left join {payments} p on p.order_id = o.order_id group by o.order_id
--->
select o.order_id, count(*) as n from {orders} o left join {payments} p on p.order_id = o.order_id group by o.order_id

-- mistake: coalesce lost
-- says: lineage_diff.fallback_lost amount
select order_id, coalesce(amount, 0) as amount from {orders}
--->
select order_id, amount from {orders}

-- mistake: coalesce between columns in another order
-- says: lineage_diff.column_resourced amount
select order_id, coalesce(amount, refund) as amount from {orders}
--->
select order_id, coalesce(refund, amount) as amount from {orders}

-- mistake: cents for units
-- says: lineage_diff.factor_changed amount
select order_id, amount_cents / 100 as amount from {orders}
--->
select order_id, amount_cents as amount from {orders}

-- mistake: minus became plus
-- says: lineage_diff.operator_changed net
select order_id, amount - refund as net from {orders}
--->
select order_id, amount + refund as net from {orders}

-- mistake: operands of minus exchanged
-- says: lineage_diff.operator_changed net
select order_id, amount - refund as net from {orders}
--->
select order_id, refund - amount as net from {orders}

-- mistake: brackets lost
-- says: lineage_diff.operator_changed net
select order_id, (amount - refund) * tax as net from {orders}
--->
select order_id, amount - refund * tax as net from {orders}

-- mistake: a branch of CASE lost
-- says: lineage_diff.branch_lost n
select order_id, case when status = 'paid' then 1 when status = 'sent' then 2 else 0 end as n from {orders}
--->
select order_id, case when status = 'paid' then 1 else 0 end as n from {orders}

-- mistake: branches of CASE in another order
-- says: lineage_diff.expression_changed n
select order_id, case when amount > 100 then 'big' when amount > 10 then 'middle' else 'small' end as n from {orders}
--->
select order_id, case when amount > 10 then 'middle' when amount > 100 then 'big' else 'small' end as n from {orders}

-- mistake: edge in CASE
-- says: lineage_diff.boundary_changed n
select order_id, case when amount > 100 then 'big' else 'small' end as n from {orders}
--->
select order_id, case when amount >= 100 then 'big' else 'small' end as n from {orders}

-- mistake: ELSE lost
-- says: lineage_diff.branch_lost n
select order_id, case when status = 'paid' then 1 else 0 end as n from {orders}
--->
select order_id, case when status = 'paid' then 1 end as n from {orders}

-- mistake: condition on another column
-- says: lineage_diff.column_resourced is_active
select customer_id, case when signed_up_at > '2024-01-01' then 1 else 0 end as is_active from {customers}
--->
select customer_id, case when country > '2024-01-01' then 1 else 0 end as is_active from {customers}

-- mistake: another type
-- says: lineage_diff.type_changed amount
select order_id, cast(amount as decimal(18, 2)) as amount from {orders}
--->
select order_id, cast(amount as integer) as amount from {orders}

-- mistake: filter lost from the aggregate
-- says: lineage_diff.source_lost paid
select customer_id, sum(case when status = 'paid' then amount end) as paid from {orders} group by customer_id
--->
select customer_id, sum(amount) as paid from {orders} group by customer_id

-- mistake: sum over a window without its partition
-- says: lineage_diff.window_changed running
select order_id, sum(amount) over (partition by customer_id order by created_at) as running from {orders}
--->
select order_id, sum(amount) over (order by created_at) as running from {orders}

-- mistake: frame
-- says: lineage_diff.window_changed running
select order_id, sum(amount) over (partition by customer_id order by created_at rows between 6 preceding and current row) as running from {orders}
--->
select order_id, sum(amount) over (partition by customer_id order by created_at rows between 7 preceding and current row) as running from {orders}

-- mistake: lead for lag
-- says: lineage_diff.aggregate_changed before
select order_id, lag(amount) over (partition by customer_id order by created_at) as before from {orders}
--->
select order_id, lead(amount) over (partition by customer_id order by created_at) as before from {orders}

-- mistake: lower lost in a join key made in a CTE
-- says: lineage_diff.expression_changed k
select customer_id, lower(trim(email)) as k from {customers}
--->
select customer_id, trim(email) as k from {customers}

-- mistake: column dropped
-- says: lineage_diff.column_dropped refund
select order_id, amount, refund from {orders}
--->
select order_id, amount from {orders}

-- mistake: column renamed
-- says: lineage_diff.column_renamed total
select order_id, amount as value from {orders}
--->
select order_id, amount as total from {orders}

-- mistake: null for a value
-- says: lineage_diff.column_resourced email
select customer_id, email from {customers}
--->
select customer_id, cast(null as varchar(10)) as email from {customers}

-- mistake: correlated subquery over another column
-- says: lineage_diff.column_resourced last_paid
select o.order_id, (select max(p.paid_at) from {payments} p where p.order_id = o.order_id) as last_paid from {orders} o
--->
select o.order_id, (select max(p.amount) from {payments} p where p.order_id = o.order_id) as last_paid from {orders} o

-- mistake: nested aggregate over a changed CTE
-- says: lineage_diff.aggregate_changed best
with t as (select customer_id, sum(amount) as total from {orders} group by customer_id) select max(total) as best from t
--->
with t as (select customer_id, max(amount) as total from {orders} group by customer_id) select max(total) as best from t

-- mistake: division the other way round
-- says: lineage_diff.operator_changed share
select order_id, refund / amount as share from {orders}
--->
select order_id, amount / refund as share from {orders}

-- mistake: or for and in a CASE
-- says: lineage_diff.operator_changed n
select order_id, case when status = 'paid' and amount > 10 then 1 else 0 end as n from {orders}
--->
select order_id, case when status = 'paid' or amount > 10 then 1 else 0 end as n from {orders}

-- mistake: a fallback around an aggregate
-- says: lineage_diff.expression_changed total
select customer_id, sum(amount) as total from {orders} group by customer_id
--->
select customer_id, coalesce(sum(amount), 0) as total from {orders} group by customer_id

-- mistake: the condition of a choice asks the other column
-- says: lineage_diff.column_resourced best
select order_id, case when amount > 0 then amount else refund end as best from {orders}
--->
select order_id, case when refund > 0 then amount else refund end as best from {orders}
