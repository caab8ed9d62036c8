select v:a.b[0].c::string, v:"Mixed Case":x, v['a']['b'], value:from:select::number(10, 2) from t;
select t.v:a::int < 5, a::timestamp_ntz(9), parse_json(x):k from t;
select $1, t.$2:name::string, metadata$filename from @db.stage/path/file.csv (file_format => 'f') t;
select {'a': 1, 'b': x}, [1, 2], object_construct('k', v), array_construct(1, 2)[0] from t;
select filter(a, x -> x > 1), transform(a, (x int, y) -> x + y), reduce(a, 0, (acc, x) -> acc + x) from t;
select datediff(day, a, b), date_trunc(month, d), dateadd('day', 1, d), trunc(amount, scale), trunc(d, month), last_day(d, week) from t;
select 'it\'s', 'a\\b', $$raw ' text$$, "Quoted ""Name""" from t;
