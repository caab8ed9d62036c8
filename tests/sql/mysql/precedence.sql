-- also: mariadb
select a = b like c, a like b = c, a ^ b * c, -a ^ b, a | b & c << d + e, !a = b, not a = b, a between b and c and d, a or b xor c and d, a := b or c, a in (b) = c;
