select
    c.customer_id,
    c.full_name,
    c.username as contact,
    c.country,
    c.signed_up_at,
    c.last_seen_at,
    o.first_order_at,
    o.last_order_at,
    coalesce(o.order_count, 0) as order_count,
    {{ cents_to_euros('coalesce(o.lifetime_value_cents, 0)') }} as lifetime_value
from {{ ref('stg_customers') }} as c
left join {{ ref('int_customer_orders') }} as o on c.customer_id = o.customer_id
