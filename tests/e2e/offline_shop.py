"""A small dbt project, and single edits of it, for offline_test.py."""
PROJECT = {
    "dbt_project.yml": """name: shop
version: 1.0.0
profile: shop
vars:
  cents: 100
models:
  shop:
    staging:
      +materialized: view
    marts:
      +materialized: table
      +schema: marts
      +tags: [daily]
seeds:
  shop:
    +quote_columns: false
""",
    "profiles.yml": "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: ':memory:', schema: main}\n",
    "macros/money.sql": "{% macro euros(c) %}({{ c }} / {{ var('cents') }}){% endmacro %}\n\n{% macro unused() %}1{% endmacro %}\n",
    "seeds/countries.csv": "id,name\n1,de\n2,fr\n",
    "models/staging/sources.yml": """version: 2
sources:
  - name: raw
    schema: raw
    loaded_at_field: loaded_at
    freshness: {warn_after: {count: 12, period: hour}}
    tables:
      - name: orders
        description: orders
        columns:
          - name: id
            data_tests: [unique]
      - name: customers
""",
    "models/staging/stg_orders.sql": "select id, customer_id, amount from {{ source('raw', 'orders') }}\n",
    "models/staging/stg_customers.sql": "{{ config(tags=['people']) }}\nselect id, email, country_id from {{ source('raw', 'customers') }}\n",
    "models/staging/staging.yml": """version: 2
models:
  - name: stg_orders
    description: Orders as they come
    columns:
      - name: id
        description: key
        data_tests: [unique, not_null]
      - name: customer_id
        data_tests:
          - relationships: {arguments: {to: ref('stg_customers'), field: id}}
  - name: stg_customers
    columns:
      - name: id
        data_tests: [unique]
      - name: email
        meta: {pii: true}
""",
    "models/marts/fct_orders.sql": "select o.id, o.customer_id, {{ euros('o.amount') }} as amount from {{ ref('stg_orders') }} o\n",
    "models/marts/dim_customers.sql": "select c.id, c.email, k.name from {{ ref('stg_customers') }} c join {{ ref('countries') }} k on k.id = c.country_id\n",
    "models/marts/report.sql": "{{ config(materialized='incremental', unique_key='id') }}\nselect * from {{ ref('fct_orders') }}\n{% if is_incremental() %}where id > 1{% endif %}\n",
    "models/marts/marts.yml": """version: 2
models:
  - name: fct_orders
    description: Facts
    config: {persist_docs: {relation: true, columns: true}}
    columns:
      - name: id
        data_tests: [not_null]
      - name: amount
        description: in euros
        data_tests:
          - not_null: {config: {severity: warn}}
  - name: dim_customers
    meta: {owner: crm}
exposures:
  - name: dashboard
    type: dashboard
    owner: {email: a@example.com}
    depends_on: [ref('fct_orders')]
""",
    "snapshots/orders_snapshot.sql": "{% snapshot orders_snapshot %}\n{{ config(target_schema='snap', unique_key='id', strategy='check', check_cols='all') }}\nselect * from {{ ref('stg_orders') }}\n{% endsnapshot %}\n",
    "tests/positive.sql": "select * from {{ ref('fct_orders') }} where amount < 0\n",
    "analyses/look.sql": "select count(*) from {{ ref('fct_orders') }}\n",
}


def replaced(path, old, new):
    def edit(files):
        if path in files and old in files[path]:
            files[path] = files[path].replace(old, new, 1)
    return edit


def put(path, text):
    return lambda files: files.__setitem__(path, text)


def removed(*paths):
    return lambda files: [files.pop(path, None) for path in paths]


def moved(old, new):
    def edit(files):
        if old in files:
            files[new] = files.pop(old)
    return edit


EDITS = {
    "body": replaced("models/marts/fct_orders.sql", " as amount", " as amount, 1 as one"),
    "cosmetic": replaced("models/marts/dim_customers.sql", "select c.id,", "select\n  c.id,"),
    "filter": replaced("models/staging/stg_orders.sql", "}}\n", "}} where amount > 0\n"),
    "new model": put("models/marts/extra.sql", "{{ config(tags=['x'], meta={'a': 1}) }}\nselect * from {{ ref('fct_orders') }} join {{ ref('stg_customers') }} using (id)\n"),
    "new ephemeral": put("models/staging/eph.sql", "{{ config(materialized='ephemeral') }}\nselect 1 as id\n"),
    "report removed": removed("models/marts/report.sql"),
    "report renamed": moved("models/marts/report.sql", "models/marts/report_2.sql"),
    "report moved": moved("models/marts/report.sql", "models/staging/report.sql"),
    "seed": replaced("seeds/countries.csv", "2,fr", "2,it"),
    "new seed": put("seeds/more.csv", "id\n1\n"),
    "macro": replaced("macros/money.sql", "({{ c }} /", "(1.0 * {{ c }} /"),
    "unused macro": replaced("macros/money.sql", "unused() %}1", "unused() %}2"),
    "var": replaced("dbt_project.yml", "cents: 100", "cents: 1000"),
    "folder tags": replaced("dbt_project.yml", "[daily]", "[daily, hourly]"),
    "folder materialized": replaced("dbt_project.yml", "+materialized: view", "+materialized: table"),
    "folder schema": replaced("dbt_project.yml", "+schema: marts", "+schema: gold"),
    "in-file config": replaced("models/marts/report.sql", "unique_key='id'", "unique_key='id', on_schema_change='fail'"),
    "in-file tags": replaced("models/staging/stg_customers.sql", "['people']", "['people', 'pii']"),
    "in-file alias": replaced("models/marts/report.sql", "unique_key='id'", "unique_key='id', alias='reports'"),
    "config gone": replaced("models/staging/stg_customers.sql", "{{ config(tags=['people']) }}\n", ""),
    "description": replaced("models/marts/marts.yml", "description: Facts", "description: All facts"),
    "column description": replaced("models/marts/marts.yml", "in euros", "in EUR"),
    "column meta": replaced("models/staging/staging.yml", "{pii: true}", "{pii: false}"),
    "new column": replaced("models/staging/staging.yml", "      - name: email\n", "      - name: country_id\n        data_tests: [not_null]\n      - name: email\n"),
    "model meta": replaced("models/marts/marts.yml", "{owner: crm}", "{owner: sales}"),
    "yaml config": replaced("models/marts/marts.yml", "    meta: {owner: crm}\n", "    config: {materialized: view, tags: [c]}\n"),
    "test removed": replaced("models/staging/staging.yml", "data_tests: [unique, not_null]", "data_tests: [unique]"),
    "test severity": replaced("models/marts/marts.yml", "{severity: warn}", "{severity: error}"),
    "test where": replaced("models/marts/marts.yml", "{severity: warn}", "{severity: warn, where: id > 1}"),
    "test argument": replaced("models/staging/staging.yml", "field: id", "field: email"),
    "accepted values": replaced("models/staging/staging.yml", "      - name: email\n", "      - name: email\n        data_tests:\n          - accepted_values: {arguments: {values: [a, b]}}\n"),
    "singular test": replaced("tests/positive.sql", "< 0", "<= 0"),
    "new singular test": put("tests/other.sql", "select * from {{ ref('stg_orders') }} where id is null\n"),
    "singular test removed": removed("tests/positive.sql"),
    "freshness": replaced("models/staging/sources.yml", "count: 12", "count: 24"),
    "source description": replaced("models/staging/sources.yml", "description: orders", "description: all orders"),
    "new source table": replaced("models/staging/sources.yml", "      - name: customers\n", "      - name: customers\n      - name: payments\n"),
    "source identifier": replaced("models/staging/sources.yml", "      - name: customers\n", "      - name: customers\n        identifier: customers_v2\n"),
    "source schema": replaced("models/staging/sources.yml", "    schema: raw\n", "    schema: raw_v2\n"),
    "exposure": replaced("models/marts/marts.yml", "a@example.com", "b@example.com"),
    "exposure parents": replaced("models/marts/marts.yml", "depends_on: [ref('fct_orders')]", "depends_on: [ref('fct_orders'), ref('dim_customers')]"),
    "new exposure": replaced("models/marts/marts.yml", "exposures:\n", "exposures:\n  - name: notebook\n    type: notebook\n    owner: {email: n@example.com}\n    depends_on: [ref('dim_customers')]\n"),
    "snapshot": replaced("snapshots/orders_snapshot.sql", "select *", "select id, amount"),
    "snapshot config": replaced("snapshots/orders_snapshot.sql", "check_cols='all'", "check_cols=['id']"),
    "analysis": replaced("analyses/look.sql", "count(*)", "count(1)"),
    "disabled": replaced("models/marts/report.sql", "unique_key='id'", "unique_key='id', enabled=false"),
    "contract": replaced("models/marts/marts.yml", "    meta: {owner: crm}\n", "    config: {contract: {enforced: true}}\n    columns:\n      - {name: id, data_type: integer}\n      - {name: email, data_type: varchar}\n      - {name: name, data_type: varchar}\n"),
    "access": replaced("models/marts/marts.yml", "    meta: {owner: crm}\n", "    meta: {owner: crm}\n    access: public\n"),
    "group": lambda files: (replaced("models/marts/marts.yml", "exposures:\n", "groups:\n  - name: crm\n    owner: {email: g@example.com}\nexposures:\n")(files),
                            replaced("models/marts/marts.yml", "    meta: {owner: crm}\n", "    meta: {owner: crm}\n    group: crm\n")(files)),
    "hook": replaced("models/marts/report.sql", "unique_key='id'", "unique_key='id', post_hook='select 1'"),
    "new yaml": put("models/marts/more.yml", "version: 2\nmodels:\n  - name: report\n    description: r\n    columns:\n      - name: id\n        data_tests: [unique]\n"),
}
