create view main."stg_order_items" as
select
    id as order_item_id,
    order_id,
    product_id,
    quantity,
    unit_price_cents,
    quantity * unit_price_cents as amount_cents
from main."raw_order_items";

create view main."stg_products" as
select
    id as product_id,
    sku,
    name as product_name,
    category,
    price_cents
from main."raw_products";

create view main."int_order_items_priced" as
select
    i.order_item_id,
    i.order_id,
    i.product_id,
    p.category,
    i.quantity,
    i.amount_cents
from main."stg_order_items" as i
inner join main."stg_products" as p on i.product_id = p.product_id;

create view main."stg_orders" as
select
    id as order_id,
    customer_id,
    status,
    ordered_at,
    date(ordered_at) as ordered_on,
    shipped_at
from main."raw_orders";

create view main."stg_payments" as
select
    id as payment_id,
    order_id,
    method as payment_method,
    kind as payment_kind,
    amount_cents,
    created_at as paid_at
from main."raw_payments";

create view main."stg_refunds" as
select
    id as refund_id,
    order_id,
    reason as refund_reason,
    amount_cents as refund_cents,
    refunded_at
from main."raw_refunds";

create view main."int_orders_enriched" as
with items as (
    select
        order_id,
        count(*) as item_count,
        sum(amount_cents) as amount_cents
    from main."int_order_items_priced"
    group by order_id
),

captured as (
    select
        order_id,
        sum(amount_cents) as paid_cents
    from main."stg_payments"
    where payment_kind = 'capture'
    group by order_id
),

refunded as (
    select
        order_id,
        sum(refund_cents) as refund_cents
    from main."stg_refunds"
    group by order_id
)

select
    o.order_id,
    o.customer_id,
    o.status,
    o.ordered_at,
    o.ordered_on,
    o.shipped_at,
    coalesce(i.item_count, 0) as item_count,
    coalesce(i.amount_cents, 0) as amount_cents,
    coalesce(c.paid_cents, 0) as paid_cents,
    coalesce(r.refund_cents, 0) as refund_cents
from main."stg_orders" as o
left join items as i on o.order_id = i.order_id
left join captured as c on o.order_id = c.order_id
left join refunded as r on o.order_id = r.order_id;

create table main."fct_orders" as
select
    e.order_id,
    e.customer_id,
    e.status,
    e.ordered_at,
    e.ordered_on,
    e.item_count,
    round(e.amount_cents / 100.0, 2) as amount,
    round(e.paid_cents - e.refund_cents / 100.0, 2) as net_amount
from main."int_orders_enriched" as e;

create table main."active_customers" as
-- A customer is active in a month when they ordered in it.
select
    strftime('%Y-%m-01', ordered_at) as month,
    count(distinct customer_id) as active_customers
from main."fct_orders"
where status <> 'cancelled'
group by strftime('%Y-%m-01', ordered_at);

create view main."int_customer_orders" as
select
    customer_id,
    count(*) as order_count,
    min(ordered_at) as first_order_at,
    max(ordered_at) as last_order_at,
    sum(paid_cents - refund_cents) as lifetime_value_cents
from main."int_orders_enriched"
where status <> 'cancelled'
group by customer_id;

create view main."stg_customers" as
select
    id as customer_id,
    first_name || ' ' || last_name as full_name,
    username,
    lower(email) as email,
    phone,
    country,
    signed_up_at,
    last_seen_at
from main."raw_customers";

create table main."crm_contacts" as
select
    c.customer_id,
    c.full_name,
    c.email,
    c.phone,
    o.last_order_at
from main."stg_customers" as c
inner join main."int_customer_orders" as o on c.customer_id = o.customer_id;

create table main."days" as
-- The calendar that metrics are computed over.
with recursive days (day) as (
    select '2025-01-01'
    union all
    select date(day, '+1 day') from days where day < '2025-12-31'
)

select day from days;

create table main."dim_customers" as
select
    c.customer_id,
    c.full_name,
    c.email as contact,
    c.country,
    c.signed_up_at,
    c.last_seen_at,
    o.first_order_at,
    o.last_order_at,
    coalesce(o.order_count, 0) as order_count,
    round(coalesce(o.lifetime_value_cents, 0) / 100.0, 2) as lifetime_value
from main."stg_customers" as c
left join main."int_customer_orders" as o on c.customer_id = o.customer_id;

create table main."dim_products" as
select
    p.product_id,
    p.sku,
    p.product_name,
    p.category,
    round(p.price_cents / 100.0, 2) as price,
    coalesce(sum(i.quantity), 0) as units_sold
from main."stg_products" as p
left join main."int_order_items_priced" as i on p.product_id = i.product_id
group by p.product_id, p.sku, p.product_name, p.category, p.price_cents;

create table main."fct_revenue_daily" as
select
    ordered_on,
    count(*) as orders,
    sum(amount) as gross_revenue,
    sum(net_amount) as net_revenue
from main."fct_orders"
where status in ('completed', 'returned')
group by ordered_on;

create table main."monthly_revenue" as
select
    strftime('%Y-%m-01', ordered_on) as month,
    sum(orders) as orders,
    sum(net_revenue) as net_revenue
from main."fct_revenue_daily"
group by strftime('%Y-%m-01', ordered_on);

