select a ^ b ^ c, -a ^ b, a * b + c || d, a || b & c, a & b || c, ~a + b, @ a || b, a + b < c;
select not a = b, a = b is null, a is distinct from b = c, a between b and c = d, a like b || c, a in (b) = c, a -> b ->> c = d, (a + b) + c, a at time zone b at time zone c;
