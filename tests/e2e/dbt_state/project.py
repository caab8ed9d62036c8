"""A small dbt project that has one of everything that dbt's state selectors compare.

`files_for(version)` gives path -> text for a dbt version like (1, 11): older ones don't know all of it.
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
on-run-start: ["select 1"]
models:
  tools:
    +persist_docs: {relation: true}
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
    "tests/generic/positive.sql": """
{% test positive(model, column_name) %}select * from {{ model }} where {{ column_name }} < 0{% endtest %}
""",
    # Since 1.12 dbt counts what is installed.
    "packages.yml": "packages: [{local: dbt_packages/tools}]\n",
    "dbt_packages/tools/dbt_project.yml": "name: tools\nversion: '1.0'\nmodels:\n  tools:\n    +meta: {from: tools}\n",
    "dbt_packages/tools/macros/half.sql": "{% macro half(x) %}{{ x }} / 2{% endmacro %}\n",
    "dbt_packages/tools/models/tool_numbers.sql": "select {{ half(4) }} as n\n",
    "dbt_packages/tools/models/tools.yml": """
version: 2
models:
  - name: tool_numbers
    description: Numbers
    columns: [{name: n, data_tests: [not_null]}]
sources:
  - name: tool_raw
    tables: [{name: things}]
""",
    "models/marts/docs.md": "{% docs country %}The country{% enddocs %}\n",
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
      - name: amount
        description: "{{ doc('country') }}"
        data_tests: [positive]
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
  - name: share_de
    label: Share
    type: ratio
    type_params: {numerator: orders_de, denominator: revenue}
  - name: revenue_growth
    label: Growth
    type: derived
    type_params:
      expr: now - before
      metrics: [{name: revenue, alias: now}, {name: revenue, alias: before, offset_window: 1 month}]
  - name: revenue_to_date
    label: To date
    type: cumulative
    type_params: {measure: revenue}
saved_queries:
  - name: by_day
    query_params:
      metrics: [revenue]
      group_by: ["TimeDimension('metric_time', 'day')"]
    exports:
      - name: by_day_table
        config: {export_as: table, schema: exports}
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

# Since 1.9 a snapshot may be YAML alone, since 1.11 there are functions.
SNAPSHOT_YAML = """
version: 2
snapshots:
  - name: orders_snapshot
    relation: ref('stg_orders')
    description: Orders over time
    config: {schema: snap, unique_key: order_id, strategy: check, check_cols: [status]}
"""
FUNCTIONS = {
    "functions/area.sql": "w * h\n",
    "functions/functions.yml": """
functions:
  - name: area
    description: Width by height
    config: {volatility: deterministic}
    arguments:
      - {name: w, data_type: integer}
      - {name: h, data_type: integer}
    returns: {data_type: integer}
""",
}

# The semantic layer as it is written since 1.12, and as the Rust engine alone takes it: as a part of the models' YAML.
SEMANTIC_V2 = """
models:
  - name: fct_payments
    description: Payments
    semantic_model: {enabled: true, name: orders}
    agg_time_dimension: ordered_at
    columns:
      - name: order_id
        entity: {name: order, type: primary}
      - name: ordered_at
        granularity: day
        dimension: {type: time}
      - name: country
        dimension: {type: categorical}
    metrics:
      - name: revenue
        label: Revenue
        description: Sum of amounts
        type: simple
        agg: sum
        expr: amount
      - name: orders_de
        label: German orders
        type: simple
        agg: count
        expr: order_id
        filter: "{{ Dimension('order__country') }} = 'de'"
      - name: revenue_to_date
        label: To date
        type: cumulative
        input_metric: revenue
metrics:
  - name: share_de
    label: Share
    type: ratio
    numerator: orders_de
    denominator: revenue
  - name: revenue_growth
    label: Growth
    type: derived
    expr: now - before
    input_metrics: [{name: revenue, alias: now}, {name: revenue, alias: before, offset_window: 1 month}]
saved_queries:
  - name: by_day
    query_params:
      metrics: [revenue]
      group_by: ["TimeDimension('metric_time', 'day')"]
    exports:
      - name: by_day_table
        config: {export_as: table, schema: exports}
"""


def semantic_v2(files):
    """The project with its semantic layer written the new way."""
    files["models/marts/metrics.yml"] = SEMANTIC_V2
    files["models/marts/fct_payments.sql"] = "select order_id, ordered_at, country, amount from {{ ref('fct_orders') }}\n"


def files_for(version):
    files = dict(FILES)
    if version >= (2, 0):
        semantic_v2(files)
    if version >= (1, 9):
        files["snapshots/orders.yml"] = SNAPSHOT_YAML
    if version >= (1, 11):
        files.update(FUNCTIONS)
    if version < (1, 10):
        staging = files["models/staging/staging.yml"]
        files["models/staging/staging.yml"] = staging.replace(
            "              arguments: {values: ['placed', 'shipped']}", "              values: ['placed', 'shipped']")
    if version < (1, 8):  # the older word for it
        files = {path: text.replace("data_tests:", "tests:") if path.endswith(".yml") else text for path, text in files.items()}
    if version < (1, 9):
        files["models/marts/marts.yml"] = files["models/marts/marts.yml"].replace(
            "    time_spine: {standard_granularity_column: date_day}\n", "").replace(", granularity: day", "")
    return files
