-- A quote that is never closed: nothing of the text is certain.
select a from t;
select 'never closed
