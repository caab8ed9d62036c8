select
    e.order_id,
    e.customer_id,
    e.status,
    e.ordered_at,
    e.ordered_on,
    e.item_count,
    {{ cents_to_euros('e.amount_cents') }} as amount,
    {{ cents_to_euros('e.paid_cents - e.refund_cents') }} as net_amount
from {{ ref('int_orders_enriched') }} as e
