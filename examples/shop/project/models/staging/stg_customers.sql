select
    id as customer_id,
    first_name || ' ' || last_name as full_name,
    username,
    lower(email) as email,
    phone,
    country,
    signed_up_at,
    last_seen_at
from {{ source('shop', 'raw_customers') }}
