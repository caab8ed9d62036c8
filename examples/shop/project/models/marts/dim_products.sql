select
    p.product_id,
    p.sku,
    p.product_name,
    p.category,
    {{ cents_to_euros('p.price_cents') }} as price,
    coalesce(sum(i.quantity), 0) as units_sold
from {{ ref('stg_products') }} as p
left join {{ ref('int_order_items_priced') }} as i on p.product_id = i.product_id
group by p.product_id, p.sku, p.product_name, p.category, p.price_cents
