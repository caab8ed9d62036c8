select a -> 'x' = 'y', a ->> 'x' = 'y', a -> 'b' ->> 'c' = 'd', not a -> 'x', a || b -> 'x', a and b -> 'x';
select a // b * c, a ** b ** c, -a ** b, ~a + b, @a || b, a & b | c, a || b & c;
