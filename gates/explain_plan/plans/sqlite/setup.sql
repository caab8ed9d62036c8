create table orders (order_id integer primary key, customer_id integer, cents integer);
create table customers (customer_id integer primary key, name text);
create table refunds (refund_id integer primary key, order_id integer, cents integer);
create table rates (rate_id integer primary key, low integer, high integer);
