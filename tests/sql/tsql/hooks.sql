use [db];
if exists (select 1 from sys.tables) begin exec('create view x as select 1') end;
EXEC('create view [dbo].[v__dbt_tmp_vw] as select 1 as a;');
SELECT * INTO [db].[dbo].[t__dbt_tmp] FROM [db].[dbo].[v__dbt_tmp_vw]
OPTION (LABEL = 'dbt-sqlserver');
EXEC('DROP VIEW IF EXISTS dbo.v');
CREATE TABLE [dbo].[t] AS SELECT * FROM [dbo].[v];
EXEC sp_rename 'dbo.t', 'u'
ALTER TABLE dbo.t ADD CONSTRAINT pk PRIMARY KEY NONCLUSTERED (a) NOT ENFORCED
CREATE CLUSTERED COLUMNSTORE INDEX ix ON dbo.t;
SET ANSI_NULLS ON
SET QUOTED_IDENTIFIER ON
GO
SELECT a FROM t WHERE b = 1
GO;
DECLARE @sql NVARCHAR(MAX) = N'x' SET @sql = @sql + N'y' EXEC sp_executesql @sql SELECT 1 AS a;
DELETE FROM t WHERE EXISTS (SELECT NULL FROM s WHERE s.id = t.id);
INSERT INTO t (a, b)
( SELECT a, b FROM s );
WITH c AS (SELECT 1 AS a) INSERT INTO t (a) SELECT a FROM c;
;WITH c AS (SELECT 1 AS a) SELECT a FROM c;
IF @a = 1 SELECT 1 ELSE SELECT 2;
IF @a = 1
 BEGIN
  UPDATE t SET a = 1
 END
ELSE IF @b = 2
 BEGIN
  DELETE FROM u
 END;
WHILE @i < 10 BEGIN SET @i = @i + 1 IF @i = 5 BREAK ELSE CONTINUE INSERT INTO t SELECT @i END;
SET @x = CASE WHEN @a = 1 THEN 2 ELSE 3 END
SELECT @x;
PRINT 'a'
SELECT 1
RETURN;
CREATE PROCEDURE p @a INT AS
BEGIN
 SET NOCOUNT ON;
 UPDATE t SET a = 1;
 SELECT * FROM u
END
GO
SELECT 2;
ALTER TABLE t SWITCH PARTITION 1 TO u
TRUNCATE TABLE t
DROP INDEX ix ON t
UPDATE STATISTICS t;
