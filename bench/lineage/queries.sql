-- What analysts and dbt models write: import CTEs, joins, windows, unions, stars. Our own; the schema is schema.json.
with orders as (select * from raw_orders), customers as (select * from raw_customers),
first_orders as (
  select customer_id, min(ordered_at) as first_ordered_at, count(*) as orders
  from orders where status <> 'cancelled' group by customer_id
)
select c.customer_id, c.email, lower(c.country) as country, f.first_ordered_at, coalesce(f.orders, 0) as orders,
  case when f.orders >= 10 then 'loyal' when f.orders > 1 then 'repeat' else 'new' end as segment
from customers c left join first_orders f on f.customer_id = c.customer_id;

with ranked as (
  select *, row_number() over (partition by order_id order by updated_at desc) as version from raw_orders
), latest as (select * from ranked where version = 1)
select order_id, customer_id, store_id, status, ordered_at, amount_cents / 100.0 as amount,
  sum(amount_cents) over (partition by customer_id order by ordered_at rows between unbounded preceding and current row) as running_cents,
  lag(ordered_at) over (partition by customer_id order by ordered_at) as previous_order_at
from latest;

with lines as (
  select l.order_id, l.product_id, l.quantity, l.unit_cents, p.category, p.supplier_id
  from raw_order_lines l join raw_products p on p.product_id = l.product_id
), refunds as (select order_id, product_id, sum(refund_cents) as refund_cents from raw_refunds group by 1, 2)
select o.ordered_at, s.region, l.category, count(distinct o.order_id) as orders, sum(l.quantity) as units,
  sum(l.quantity * l.unit_cents) - coalesce(sum(r.refund_cents), 0) as net_cents,
  avg(case when o.status = 'returned' then 1 else 0 end) as return_rate
from lines l
join raw_orders o on o.order_id = l.order_id
join raw_stores s on s.store_id = o.store_id
left join refunds r on r.order_id = l.order_id and r.product_id = l.product_id
where o.ordered_at >= '2024-01-01' and s.closed_at is null
group by o.ordered_at, s.region, l.category
having sum(l.quantity) > 0
order by net_cents desc limit 100;

select 'web' as channel, order_id, customer_id, amount_cents, ordered_at from raw_orders where store_id is null
union all
select 'store', order_id, customer_id, amount_cents, ordered_at from raw_orders where store_id is not null
union all
select 'refund', order_id, null, -refund_cents, refunded_at from raw_refunds;

select c.customer_id, c.name,
  (select max(o.ordered_at) from raw_orders o where o.customer_id = c.customer_id) as last_ordered_at,
  exists (select 1 from raw_refunds r join raw_orders o on o.order_id = r.order_id where o.customer_id = c.customer_id) as has_refund,
  c.email in (select email from raw_blocked where reason = 'fraud') as is_blocked
from raw_customers c
where c.country in ('DE', 'FR') and not exists (select 1 from raw_blocked b where b.email = c.email);

with monthly as (
  select date_trunc('month', ordered_at) as month, store_id, sum(amount_cents) as cents from raw_orders group by 1, 2
), previous as (
  select month, store_id, cents, lag(cents) over (partition by store_id order by month) as cents_before from monthly
)
select p.month, s.name, s.region, p.cents, p.cents_before, (p.cents - p.cents_before) / nullif(p.cents_before, 0) as growth,
  rank() over (partition by p.month order by p.cents desc) as place
from previous p join raw_stores s using (store_id)
qualify rank() over (partition by p.month order by p.cents desc) <= 10;

with recursive parts (product_id, supplier_id, depth) as (
  select product_id, supplier_id, 0 from raw_products where parent_id is null
  union all
  select p.product_id, parts.supplier_id, parts.depth + 1 from raw_products p join parts on p.parent_id = parts.product_id
)
select parts.depth, parts.supplier_id, count(*) as products, min(p.category) as category
from parts join raw_products p on p.product_id = parts.product_id group by parts.depth, parts.supplier_id;

with base as (select * from raw_customers), named as (select base.* exclude (name), upper(name) as name from base),
joined as (select named.*, s.region as store_region from named left join raw_stores s on s.store_id = named.home_store_id)
select *, iff(country = store_region, 'local', 'away') as kind from joined;
