select
    id as order_id,
    customer_id,
    status,
    ordered_at,
    date(ordered_at) as ordered_on,
    shipped_at
from {{ source('shop', 'raw_orders') }}
