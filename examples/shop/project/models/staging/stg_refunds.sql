select
    id as refund_id,
    order_id,
    reason as refund_reason,
    amount_cents as refund_cents,
    refunded_at
from {{ source('shop', 'raw_refunds') }}
