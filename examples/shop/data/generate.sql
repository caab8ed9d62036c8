-- The raw tables of the example shop: 2,000 customers, 20,000 orders, 40,000 payments.
--
-- Everything follows from row numbers by integer arithmetic, so that every machine makes the same
-- bytes: no clock, no random(). Run with `sqlite3 shop.db < generate.sql`.
--
-- One thing here is worth knowing before writing a join: an order has two rows in raw_payments, the
-- authorisation and the capture. That is how payment providers report, and how joins double rows.

create table raw_customers (
  id integer primary key,
  first_name text not null,
  last_name text not null,
  username text not null,
  email text not null,
  phone text,
  country text not null,
  signed_up_at text not null,
  last_seen_at text
);

create table raw_products (
  id integer primary key,
  sku text not null,
  name text not null,
  category text not null,
  price_cents integer not null
);

create table raw_orders (
  id integer primary key,
  customer_id integer not null,
  status text not null,
  ordered_at text not null,
  shipped_at text
);

create table raw_order_items (
  id integer primary key,
  order_id integer not null,
  product_id integer not null,
  quantity integer not null,
  unit_price_cents integer not null
);

create table raw_payments (
  id integer primary key,
  order_id integer not null,
  method text not null,
  kind text not null,
  amount_cents integer not null,
  created_at text not null
);

create table raw_refunds (
  id integer primary key,
  order_id integer not null,
  reason text not null,
  amount_cents integer not null,
  refunded_at text not null
);

with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000),
words(first_names, last_names, countries) as (values (
  '["Ada","Ben","Chloe","Dmitri","Esra","Farid","Grace","Hugo","Ines","Jonas","Kira","Liam"]',
  '["Adler","Brandt","Costa","Dahl","Evans","Fischer","Garcia","Haas","Ito","Jansen","Kowalski","Lund","Meyer","Novak"]',
  '["DE","FR","US","PL","TR","JP"]'
)),
people(i, first_name, last_name, country) as (
  select
    i,
    json_extract(first_names, '$[' || (i * 7 % 12) || ']'),
    json_extract(last_names, '$[' || (i * 11 % 14) || ']'),
    json_extract(countries, '$[' || (i * 13 % 6) || ']')
  from n, words
)
insert into raw_customers
select
  i,
  first_name,
  last_name,
  'shopper' || printf('%04d', i * 7919 % 10000),
  lower(first_name) || '.' || lower(last_name) || i || '@example.com',
  case when i % 5 <> 0 then '+1-555-' || printf('%04d', i * 31 % 10000) end,
  country,
  datetime('2024-01-01', '+' || (i * 37 % 500) || ' days', '+' || (i * 101 % 1440) || ' minutes'),
  case when i % 9 <> 0
    then datetime('2025-10-01', '+' || (i * 17 % 90) || ' days', '+' || (i * 53 % 1440) || ' minutes') end
from people;

with recursive n(i) as (select 1 union all select i + 1 from n where i < 60)
insert into raw_products
select
  i,
  'SKU-' || printf('%03d', i),
  'Product ' || i,
  json_extract('["home","garden","kitchen","office"]', '$[' || (i % 4) || ']'),
  500 + i * 173 % 9500
from n;

with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000),
placed(i, customer_id, status, ordered_at) as (
  select
    i,
    1 + i * 7907 % 2000,
    case
      when i % 20 = 0 then 'cancelled'
      when i % 13 = 0 then 'returned'
      when i % 50 < 3 then 'placed'
      else 'completed'
    end,
    datetime('2025-01-01', '+' || (i % 365) || ' days', '+' || (i * 59 % 1440) || ' minutes')
  from n
)
insert into raw_orders
select
  i,
  customer_id,
  status,
  ordered_at,
  case when status in ('completed', 'returned') then datetime(ordered_at, '+' || (1 + i % 4) || ' days') end
from placed;

with recursive n(i) as (select 0 union all select i + 1 from n where i < 29999)
insert into raw_order_items
select
  i + 1,
  1 + i % 20000,
  1 + i * 41 % 60,
  1 + i % 3,
  (select price_cents from raw_products where id = 1 + i * 41 % 60)
from n;

with totals as (
  select order_id, sum(quantity * unit_price_cents) as amount_cents from raw_order_items group by order_id
),
attempts(step, kind, minutes) as (values (0, 'authorisation', 1), (1, 'capture', 31))
insert into raw_payments
select
  o.id * 2 - 1 + a.step,
  o.id,
  case o.id % 3 when 0 then 'card' when 1 then 'paypal' else 'transfer' end,
  a.kind,
  t.amount_cents,
  datetime(o.ordered_at, '+' || a.minutes || ' minutes')
from raw_orders as o
join totals as t on t.order_id = o.id
cross join attempts as a
order by 1;

insert into raw_refunds
select
  row_number() over (order by o.id),
  o.id,
  case o.id % 3 when 0 then 'damaged' when 1 then 'too late' else 'changed mind' end,
  p.amount_cents / (1 + o.id % 2),
  datetime(o.shipped_at, '+7 days')
from raw_orders as o
join raw_payments as p on p.id = o.id * 2
where o.status = 'returned';
