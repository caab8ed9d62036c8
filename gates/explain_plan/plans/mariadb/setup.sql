drop database if exists plans;
create database plans;
use plans;
create table plans.orders as select seq as order_id, seq % 5000 as customer_id, seq * 7 as cents from seq_1_to_100000;
create table plans.customers as select seq as customer_id, concat('c', seq) as name from seq_1_to_5000;
alter table plans.customers add primary key (customer_id);
create table plans.refunds as select seq % 50000 + 1 as order_id, seq as refund_id, seq * 3 as cents from seq_1_to_100000;
create table plans.rates as select seq as rate_id, seq * 1000 as low, seq * 1000 + 999 as high from seq_1_to_500;
create index by_customer on plans.orders (customer_id);
