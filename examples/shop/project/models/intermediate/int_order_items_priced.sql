select
    i.order_item_id,
    i.order_id,
    i.product_id,
    p.category,
    i.quantity,
    i.amount_cents
from {{ ref('stg_order_items') }} as i
inner join {{ ref('stg_products') }} as p on i.product_id = p.product_id
