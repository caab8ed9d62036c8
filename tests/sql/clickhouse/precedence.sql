select a = b in (c), a between b and c = d, a = b is null, a || b + c, a + b || c, a or b ? c : d, a ? b : c ? d : e, not a = b, -a.1, x -> x ? 1 : 2;
