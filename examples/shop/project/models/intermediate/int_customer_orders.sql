select
    customer_id,
    count(*) as order_count,
    min(ordered_at) as first_order_at,
    max(ordered_at) as last_order_at,
    sum(paid_cents - refund_cents) as lifetime_value_cents
from {{ ref('int_orders_enriched') }}
where status <> 'cancelled'
group by customer_id
