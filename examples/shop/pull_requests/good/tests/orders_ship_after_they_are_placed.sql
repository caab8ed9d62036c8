select order_id
from {{ ref('fct_orders') }}
where shipped_at < ordered_at
