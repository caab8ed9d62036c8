create table orders as select range + 1 as order_id, range % 5000 as customer_id, range * 7 as cents from range(100000);
create table customers as select range + 1 as customer_id, 'c' || range as name from range(5000);
create table refunds as select range % 50000 + 1 as order_id, range as refund_id, range * 3 as cents from range(100000);
create table lines as select range % 10000 + 1 as order_id, range as line_id from range(200000);
create table rates as select range as rate_id, range * 1000 as low, range * 1000 + 999 as high from range(500);
