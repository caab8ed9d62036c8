"""A small dbt project that has one of everything that dbt's state selectors compare, and mutations of it.

FILES is path -> text. MUTATIONS is name -> function that changes a dict of files in place.
"""

FILES = {
    "profiles.yml": """
shop:
  target: dev
  outputs:
    dev: {type: duckdb, path: ':memory:', schema: main}
""",
    "dbt_project.yml": """
name: shop
version: '1.0'
profile: shop
model-paths: [models]
macro-paths: [macros]
seed-paths: [seeds]
snapshot-paths: [snapshots]
test-paths: [tests]
analysis-paths: [analyses]
vars:
  floor: 10
models:
  shop:
    staging:
      +materialized: view
    marts:
      +materialized: table
      +persist_docs: {relation: true, columns: true}
seeds:
  shop:
    +quote_columns: false
""",
    "seeds/countries.csv": "code,name\nde,Germany\nfr,France\n",
    "macros/money.sql": """
{% macro cents(column) %}{{ divide(column, 100) }}{% endmacro %}
""",
    "macros/divide.sql": """
{% macro divide(a, b) %}({{ a }} / {{ b }}){% endmacro %}
""",
    "macros/unused.sql": """
{% macro unused() %}1{% endmacro %}
""",
    "models/staging/sources.yml": """
version: 2
sources:
  - name: raw
    schema: raw_data
    tables:
      - name: orders
        description: Orders
        columns: [{name: id, description: Id}]
      - name: users
        identifier: app_users
        loaded_at_field: updated_at
        freshness: {warn_after: {count: 12, period: hour}}
""",
    "models/staging/stg_orders.sql": """
select id as order_id, user_id, {{ cents('amount') }} as amount, status, ordered_at
from {{ source('raw', 'orders') }}
""",
    "models/staging/stg_users.sql": """
{{ config(alias='users_staged', tags=['nightly']) }}
select id as user_id, email, country from {{ source('raw', 'users') }}
""",
    "models/staging/staging.yml": """
version: 2
models:
  - name: stg_orders
    description: Orders, one row each
    meta: {owner: data}
    columns:
      - name: order_id
        description: Key
        data_tests: [unique, not_null]
      - name: status
        data_tests:
          - accepted_values:
              arguments: {values: ['placed', 'shipped']}
  - name: stg_users
    columns:
      - name: email
        description: Address
        meta: {pii: true}
""",
    "models/marts/fct_orders.sql": """
{{ config(materialized='incremental', unique_key='order_id', post_hook="select 1") }}
select o.order_id, o.amount, u.country, o.ordered_at
from {{ ref('stg_orders') }} o join {{ ref('stg_users') }} u using (user_id)
where o.amount > {{ var('floor') }}
""",
    "models/marts/dim_users.sql": """
select user_id, email from {{ ref('stg_users') }}
""",
    "models/marts/dim_plan_v1.sql": "select 1 as plan_id\n",
    "models/marts/dim_plan_v2.sql": "select 2 as plan_id\n",
    "models/marts/metricflow_time_spine.sql": "select cast('2026-01-01' as date) as date_day\n",
    "models/marts/marts.yml": """
version: 2
groups:
  - name: finance
    owner: {name: Finance}
models:
  - name: fct_orders
    description: Orders of users
    columns:
      - name: order_id
        description: Key of the order
        data_tests:
          - not_null: {config: {severity: error}}
      - name: country
        description: Country
  - name: dim_users
    description: Users
    access: public
    config:
      contract: {enforced: true}
    columns:
      - {name: user_id, data_type: integer}
      - {name: email, data_type: varchar, description: Address}
  - name: dim_plan
    latest_version: 2
    versions:
      - v: 1
      - v: 2
  - name: metricflow_time_spine
    time_spine: {standard_granularity_column: date_day}
    columns:
      - {name: date_day, granularity: day}
exposures:
  - name: weekly
    type: dashboard
    maturity: high
    owner: {name: Ann, email: ann@example.com}
    depends_on: [ref('fct_orders')]
""",
    "models/marts/unit.yml": """
unit_tests:
  - name: users_pass
    description: Users pass through
    model: dim_users
    given:
      - input: ref('stg_users')
        rows: [{user_id: 1, email: a}]
    expect:
      rows: [{user_id: 1, email: a}]
""",
    "models/marts/metrics.yml": """
semantic_models:
  - name: orders
    model: ref('fct_orders')
    defaults: {agg_time_dimension: ordered_at}
    entities:
      - {name: order, type: primary, expr: order_id}
    dimensions:
      - {name: ordered_at, type: time, type_params: {time_granularity: day}}
      - {name: country, type: categorical}
    measures:
      - {name: revenue, agg: sum, expr: amount}
      - {name: order_count, agg: count, expr: order_id}
metrics:
  - name: revenue
    label: Revenue
    description: Sum of amounts
    type: simple
    type_params: {measure: revenue}
  - name: orders_de
    label: German orders
    type: simple
    type_params: {measure: order_count}
    filter: "{{ Dimension('order__country') }} = 'de'"
saved_queries:
  - name: by_day
    query_params:
      metrics: [revenue]
      group_by: ["TimeDimension('metric_time', 'day')"]
""",
    "snapshots/users_snapshot.sql": """
{% snapshot users_snapshot %}
{{ config(target_schema='snap', unique_key='user_id', strategy='check', check_cols='all') }}
select * from {{ ref('stg_users') }}
{% endsnapshot %}
""",
    "tests/assert_positive.sql": "select * from {{ ref('fct_orders') }} where amount < 0\n",
    "analyses/top.sql": "select * from {{ ref('fct_orders') }} limit 5\n",
}


def swap(path, old, new):
    """Replaces `old`, which must stand in the file, by `new`."""
    def mutate(files):
        assert old in files[path], (path, old)
        files[path] = files[path].replace(old, new, 1)
    return mutate


def add(path, text):
    def mutate(files):
        files[path] = files.get(path, "") + text
    return mutate


def drop(path):
    def mutate(files):
        del files[path]
    return mutate


def move(old, new):
    def mutate(files):
        files[new] = files.pop(old)
    return mutate


def both(*mutations):
    def mutate(files):
        for mutation in mutations:
            mutation(files)
    return mutate


STG, MARTS, METRICS = "models/staging/staging.yml", "models/marts/marts.yml", "models/marts/metrics.yml"
SOURCES, PROJECT = "models/staging/sources.yml", "dbt_project.yml"
FCT, DIM = "models/marts/fct_orders.sql", "models/marts/dim_users.sql"

MUTATIONS = {
    "nothing": lambda files: None,
    "body": swap(FCT, "u.country", "upper(u.country) as country"),
    "body_inner_whitespace": swap(FCT, "select o.order_id,", "select  o.order_id,\n"),
    "body_outer_whitespace": add(FCT, "\n\n"),
    "body_comment": add(DIM, "-- a remark\n"),
    "config_in_sql": swap(FCT, "materialized='incremental'", "materialized='table'"),
    "config_unique_key": swap(FCT, "unique_key='order_id'", "unique_key='id'"),
    "config_hook": swap(FCT, 'post_hook="select 1"', 'post_hook="delete from x"'),
    "config_expression": swap(FCT, "unique_key='order_id'", "unique_key='order' ~ '_id'"),
    "config_tags_in_sql": swap("models/staging/stg_users.sql", "['nightly']", "['hourly']"),
    "config_new_key_in_sql": swap("models/staging/stg_users.sql", "tags=", "snowflake_warehouse='w', tags="),
    "alias": swap("models/staging/stg_users.sql", "users_staged", "users_stg"),
    "folder_materialized": swap(PROJECT, "+materialized: view", "+materialized: table"),
    "folder_schema": swap(PROJECT, "+materialized: view", "+materialized: view\n      +schema: stage"),
    "folder_schema_jinja": swap(PROJECT, "+materialized: view",
                                "+materialized: view\n      +schema: \"{{ 'a' if target.name == 'dev' else 'b' }}\""),
    "folder_tags": swap(PROJECT, "+materialized: view", "+materialized: view\n      +tags: [x]"),
    "folder_meta": swap(PROJECT, "+materialized: view", "+materialized: view\n      +meta: {a: 1}"),
    "folder_group": swap(PROJECT, "+materialized: view", "+materialized: view\n      +group: finance"),
    "folder_grants": swap(PROJECT, "+materialized: view", "+materialized: view\n      +grants: {select: [bi]}"),
    "persist_docs_off": swap(PROJECT, "relation: true, columns: true", "relation: false, columns: false"),
    "var": swap(PROJECT, "floor: 10", "floor: 20"),
    "model_meta": swap(STG, "owner: data", "owner: finance"),
    "model_meta_new": swap(STG, "  - name: stg_users\n", "  - name: stg_users\n    meta: {a: b}\n"),
    "description_persisted": swap(MARTS, "Orders of users", "All orders"),
    "description_not_persisted": swap(STG, "Orders, one row each", "Orders"),
    "column_description_persisted": swap(MARTS, "description: Country", "description: Land"),
    "column_description_not_persisted": swap(STG, "description: Key", "description: The key"),
    "column_removed_persisted": swap(MARTS, "      - name: country\n        description: Country\n", ""),
    "column_meta": swap(STG, "meta: {pii: true}", "meta: {pii: false}"),
    "column_tags": swap(STG, "meta: {pii: true}", "tags: [pii]"),
    "macro": swap("macros/money.sql", "100", "1000"),
    "macro_nested": swap("macros/divide.sql", "/", "*"),
    "macro_unused": swap("macros/unused.sql", "1", "2"),
    "macro_added": add("macros/more.sql", "{% macro more() %}1{% endmacro %}\n"),
    "macro_removed": drop("macros/unused.sql"),
    "macro_schema_name": add("macros/names.sql",
                             "{% macro generate_schema_name(custom, node) %}other{% endmacro %}\n"),
    "seed": add("seeds/countries.csv", "it,Italy\n"),
    "seed_config": swap(PROJECT, "+quote_columns: false", "+quote_columns: true"),
    "snapshot_body": swap("snapshots/users_snapshot.sql", "select *", "select user_id"),
    "snapshot_config": swap("snapshots/users_snapshot.sql", "check_cols='all'", "check_cols=['email']"),
    "test_severity": swap(MARTS, "severity: error", "severity: warn"),
    "test_where": swap(MARTS, "severity: error", "severity: error, where: 'true'"),
    "test_tags": swap(MARTS, "severity: error", "severity: error, tags: [slow]"),
    "test_arguments": swap(STG, "'shipped'", "'shipped', 'lost'"),
    "test_removed": swap(STG, "[unique, not_null]", "[unique]"),
    "test_singular": swap("tests/assert_positive.sql", "< 0", "<= 0"),
    "analysis": swap("analyses/top.sql", "limit 5", "limit 6"),
    "source_schema": swap(SOURCES, "raw_data", "raw_data2"),
    "source_schema_jinja": swap(SOURCES, "schema: raw_data", "schema: \"{{ 'raw_' ~ 'data' }}\""),
    "source_identifier": swap(SOURCES, "app_users", "application_users"),
    "source_freshness": swap(SOURCES, "count: 12", "count: 24"),
    "source_loaded_at": swap(SOURCES, "updated_at", "changed_at"),
    "source_description": swap(SOURCES, "description: Orders", "description: All orders"),
    "source_new": add(SOURCES, "      - name: extra\n"),
    "source_meta": swap(SOURCES, "      - name: orders\n", "      - name: orders\n        config: {meta: {a: 1}}\n"),
    "source_quoting": swap(SOURCES, "      - name: orders\n",
                           "      - name: orders\n        quoting: {identifier: false}\n"),
    "exposure_owner": swap(MARTS, "name: Ann,", "name: Bob,"),
    "exposure_parents": swap(MARTS, "[ref('fct_orders')]", "[ref('fct_orders'), ref('dim_users')]"),
    "exposure_meta": swap(MARTS, "maturity: high", "maturity: high\n    meta: {a: 1}"),
    "exposure_new": add(MARTS, "  - name: daily\n    type: notebook\n    owner: {email: a@example.com}\n"),
    "metric_measure": swap(METRICS, "type_params: {measure: revenue}", "type_params: {measure: order_count}"),
    "metric_filter": swap(METRICS, "= 'de'", "= 'fr'"),
    "metric_description": swap(METRICS, "Sum of amounts", "Sum"),
    "metric_label": swap(METRICS, "German orders", "Orders in Germany"),
    "metric_new": swap(METRICS, "saved_queries:", "  - name: more\n    label: More\n    type: simple\n"
                       "    type_params: {measure: revenue}\nsaved_queries:"),
    "measure_expression": swap(METRICS, "expr: amount", "expr: amount * 2"),
    "measure_aggregation": swap(METRICS, "agg: sum", "agg: average"),
    "dimension_new": swap(METRICS, "      - {name: country, type: categorical}\n",
                          "      - {name: country, type: categorical}\n      - {name: amount, type: categorical}\n"),
    "saved_query_where": swap(METRICS, "      metrics: [revenue]\n",
                              "      metrics: [revenue]\n      where: [\"{{ Dimension('order__country') }} = 'de'\"]\n"),
    "unit_test_rows": swap("models/marts/unit.yml", "expect:\n      rows: [{user_id: 1",
                           "expect:\n      rows: [{user_id: 2"),
    "unit_test_description": swap("models/marts/unit.yml", "Users pass through", "Users pass"),
    "unit_test_removed": drop("models/marts/unit.yml"),
    "contract_type": swap(MARTS, "data_type: varchar", "data_type: text"),
    "contract_column": swap(MARTS, "      - {name: user_id, data_type: integer}\n",
                            "      - {name: user_id, data_type: integer}\n      - {name: age, data_type: integer}\n"),
    "contract_off": swap(MARTS, "enforced: true", "enforced: false"),
    "contract_constraint": swap(MARTS, "{name: user_id, data_type: integer}",
                                "{name: user_id, data_type: integer, constraints: [{type: not_null}]}"),
    "access": swap(MARTS, "access: public", "access: protected"),
    "latest_version": swap(MARTS, "latest_version: 2", "latest_version: 1"),
    "deprecation": swap(MARTS, "access: public", "access: public\n    deprecation_date: 2030-01-01"),
    "model_moved": move("models/staging/stg_orders.sql", "models/staging/orders/stg_orders.sql"),
    "model_new": add("models/marts/new_model.sql", "select {{ divide('order_id', 2) }} from {{ ref('fct_orders') }}\n"),
    "model_removed": both(drop(DIM), drop("models/marts/unit.yml"),
                          swap(MARTS, "  - name: dim_users\n    description: Users\n    access: public\n    config:\n"
                               "      contract: {enforced: true}\n    columns:\n      - {name: user_id, data_type: integer}\n"
                               "      - {name: email, data_type: varchar, description: Address}\n", "")),
    "model_renamed": both(move("models/staging/stg_orders.sql", "models/staging/stg_shop_orders.sql"),
                          swap(FCT, "ref('stg_orders')", "ref('stg_shop_orders')"),
                          swap(STG, "name: stg_orders", "name: stg_shop_orders")),
    "model_disabled": swap("analyses/top.sql", "select", "{{ config(enabled=false) }} select"),
    "project_renamed": both(swap(PROJECT, "name: shop", "name: store"), swap(PROJECT, "models:\n  shop:", "models:\n  store:"),
                            swap(PROJECT, "seeds:\n  shop:", "seeds:\n  store:")),
    "new_macro_in_model": swap("models/staging/stg_users.sql", "country from", "{{ divide('country', 1) }} as country from"),
}
