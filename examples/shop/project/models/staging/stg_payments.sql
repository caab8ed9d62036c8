select
    id as payment_id,
    order_id,
    method as payment_method,
    kind as payment_kind,
    amount_cents,
    created_at as paid_at
from {{ source('shop', 'raw_payments') }}
