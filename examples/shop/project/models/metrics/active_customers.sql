-- A customer is active in a month when they ordered in it.
select
    strftime('%Y-%m-01', ordered_at) as month,
    count(distinct customer_id) as active_customers
from {{ ref('fct_orders') }}
where status <> 'cancelled'
group by strftime('%Y-%m-01', ordered_at)
