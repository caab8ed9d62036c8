select
    ordered_on,
    count(*) as orders,
    sum(amount) as gross_revenue,
    sum(net_amount) as net_revenue
from {{ ref('fct_orders') }}
where status in ('completed', 'returned')
group by ordered_on
