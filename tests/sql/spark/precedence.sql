-- also: databricks
select a = b in (c), a = b like c, a between b and c = d, !a = b, not a = b, a | b & c ^ d, a || b + c, a = b is null;
