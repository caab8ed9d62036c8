with items as (
    select
        order_id,
        count(*) as item_count,
        sum(amount_cents) as amount_cents
    from {{ ref('int_order_items_priced') }}
    group by order_id
),

captured as (
    select
        order_id,
        sum(amount_cents) as paid_cents
    from {{ ref('stg_payments') }}
    where payment_kind = 'capture'
    group by order_id
),

refunded as (
    select
        order_id,
        sum(refund_cents) as refund_cents
    from {{ ref('stg_refunds') }}
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
from {{ ref('stg_orders') }} as o
left join items as i on o.order_id = i.order_id
left join captured as c on o.order_id = c.order_id
left join refunded as r on o.order_id = r.order_id
