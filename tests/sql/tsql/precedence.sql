select a & b + c, a | b * c, a ^ b = c, not a = b and c = d or e = f, ~a + b;
