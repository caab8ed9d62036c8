select
    strftime('%Y-%m-01', ordered_on) as month,
    sum(orders) as orders,
    sum(net_revenue) as net_revenue
from {{ ref('fct_revenue_daily') }}
group by strftime('%Y-%m-01', ordered_on)
