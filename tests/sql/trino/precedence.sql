select a || b + c, a + b || c, a || b = c, a at time zone b + c;
