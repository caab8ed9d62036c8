-- The calendar that metrics are computed over.
with recursive days (day) as (
    select '2025-01-01'
    union all
    select date(day, '+1 day') from days where day < '2025-12-31'
)

select day from days
