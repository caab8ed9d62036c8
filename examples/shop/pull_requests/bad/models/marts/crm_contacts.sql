select
    c.customer_id,
    c.full_name,
    c.email as customer_contact,
    c.phone,
    o.last_order_at
from {{ ref('stg_customers') }} as c
inner join {{ ref('int_customer_orders') }} as o on c.customer_id = o.customer_id
