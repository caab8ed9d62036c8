select a = b < c, a < b = c, a = b like c, a like b < c, a || b * c, a -> b || c, a & b | c << d, a is b = c, a between b and c < d, not a is null, -a || b;
