with counted_orders as (
    select
        ordered_on,
        amount,
        net_amount
    from {{ ref('fct_orders') }}
    where status in ('completed', 'returned')
)

select
    ordered_on,
    count(*) as orders,
    sum(amount) as gross_revenue,
    sum(net_amount) as net_revenue
from counted_orders
group by ordered_on
