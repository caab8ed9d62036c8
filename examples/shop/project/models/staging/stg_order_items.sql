select
    id as order_item_id,
    order_id,
    product_id,
    quantity,
    unit_price_cents,
    quantity * unit_price_cents as amount_cents
from {{ source('shop', 'raw_order_items') }}
