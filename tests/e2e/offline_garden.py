"""A dbt project that has one of everything, and single edits of it, for offline_test.py.

Folders have other names than dbt's own, a package lies in the repository, configs come from every place that dbt knows.
"""
PROJECT = {
    ".gitignore": "target/\nlogs/\ndbt_packages/\npackage-lock.yml\n.user.yml\n",
    "dbt_project.yml": """name: garden
version: 1.0.0
profile: garden
model-paths: [transform, extra_models]
macro-paths: [jinja]
test-paths: [checks]
seed-paths: [data]
snapshot-paths: [history]
analysis-paths: [looks]
function-paths: [udfs]
docs-paths: [transform, texts]
vars:
  rate: 100
  garden:
    region: eu
  util:
    util_offset: 3
dispatch:
  - macro_namespace: util
    search_order: [garden, util]
on-run-start: ["select 1"]
on-run-end: "{{ log('done') }}"
models:
  +meta: {team: core}
  garden:
    +tags: [garden]
    stage:
      +materialized: view
      +meta: {tier: bronze}
    mart:
      +materialized: table
      +schema: mart
      +tags: [nightly]
      +meta: {tier: gold}
      +post-hook: "select 'mart'"
      secret:
        +enabled: "{{ target.name == 'dev' }}"
        +tags: private
    optional:
      +enabled: "{{ var('with_optional', true) | as_bool }}"
  util:
    +materialized: view
    +schema: util
seeds:
  garden:
    +quote_columns: false
    codes:
      +column_types: {code: varchar}
snapshots:
  garden:
    +tags: [snap]
data_tests:
  garden:
    +severity: warn
    +tags: [check]
sources:
  garden:
    +meta: {from: outside}
exposures:
  garden:
    +meta: {tool: bi}
metrics:
  garden:
    +enabled: true
unit_tests:
  garden:
    +tags: [unit]
""",
    "profiles.yml": """garden:
  target: dev
  outputs:
    dev: {type: duckdb, path: ':memory:', schema: main}
    prod: {type: duckdb, path: ':memory:', schema: prod}
""",
    "packages.yml": "packages:\n  - local: packages/util\n",
    "packages/util/dbt_project.yml": """name: util
version: 1.0.0
vars:
  util_offset: 1
  util_scale: 2
models:
  util:
    +tags: [from_util]
    deep:
      +materialized: table
""",
    "packages/util/models/util_days.sql": "select {{ var('util_offset') }} as day_number, {{ var('util_scale') }} as scale\n",
    "packages/util/models/deep/util_deep.sql": "select * from {{ ref('util_days') }} where {{ util.is_set('scale') }}\n",
    "packages/util/models/util.yml": """version: 2
groups:
  - name: util_team
    owner: {name: util}
models:
  - name: util_days
    description: '{{ doc("util_days_text") }}'
    config: {group: util_team, access: public}
    columns:
      - name: day_number
        data_tests: [not_null, util.positive]
exposures:
  - name: util_report
    type: analysis
    owner: {name: util}
    depends_on: [ref('util_days')]
""",
    "packages/util/models/texts.md": "{% docs util_days_text %}\nDays of the package.\n{% enddocs %}\n",
    "packages/util/macros/util.sql": """{% macro is_set(c) %}{{ return(adapter.dispatch('is_set', 'util')(c)) }}{% endmacro %}
{% macro default__is_set(c) %}{{ c }} is not null{% endmacro %}

{% test positive(model, column_name) %}
select * from {{ model }} where {{ column_name }} < 0
{% endtest %}
""",
    "jinja/money.sql": """{#- Money, in euros -#}
{% macro euros(c, rate=var('rate')) -%}
({{ c }} / {{ rate }})
{%- endmacro %}

{% macro region_filter(c) %}{{ c }} = '{{ var('region') }}'{% endmacro %}
""",
    "jinja/names.sql": """{% macro generate_schema_name(custom_schema_name, node) -%}
{%- if custom_schema_name is none -%}{{ target.schema }}{%- else -%}{{ custom_schema_name | trim }}{%- endif -%}
{%- endmacro %}
""",
    "jinja/macros.yml": """version: 2
macros:
  - name: euros
    description: to euros
    arguments:
      - {name: c, type: string, description: the column}
""",
    "checks/generic/at_least.sql": "{% test at_least(model, column_name, least=0) %}\nselect * from {{ model }} where {{ column_name }} < {{ least }}\n{% endtest %}\n",
    "checks/fixtures/orders_fixture.csv": "id,amount\n1,100\n",
    "checks/orders_positive.sql": "{{ config(severity='error', tags=['finance']) }}\nselect * from {{ ref('orders') }} where amount < 0\n",
    "checks/checks.yml": """version: 2
data_tests:
  - name: orders_positive
    description: no order is negative
    config: {meta: {owner: finance}}
""",
    "data/countries.csv": "id,name,region\n1,de,eu\n2,us,na\n",
    "data/codes/codes.csv": "code\n1\n",
    "data/seeds.yml": """version: 2
seeds:
  - name: countries
    description: '{{ doc("countries_text") }}'
    config: {column_types: {id: integer}, tags: [static]}
    columns:
      - name: id
        data_tests: [unique]
      - {name: name, description: name of the country}
""",
    "texts/texts.md": """{% docs countries_text %}
Countries we sell to.
{% enddocs %}

{% docs amount_text %}
What was paid, in euros.
{% enddocs %}

{% docs unused_text %}
Nobody reads it.
{% enddocs %}
""",
    "transform/groups.yml": """version: 2
groups:
  - name: finance
    owner: {name: Finance, email: f@example.com}
""",
    "transform/stage/sources.yml": """version: 2
sources:
  - name: shop
    database: memory
    schema: raw
    description: the shop's tables
    config:
      meta: {owner: shop}
      tags: [shop]
      freshness: {warn_after: {count: 12, period: hour}}
      loaded_at_field: loaded_at
    tables:
      - name: orders
        description: orders
        columns:
          - name: id
            description: key
            data_tests: [unique, not_null]
          - name: customer_id
            data_tests:
              - relationships: {arguments: {to: "source('shop', 'customers')", field: id}}
      - name: customers
        identifier: customers_v1
        config: {tags: [people], meta: {pii: true}}
      - name: payments
        config: {enabled: true}
        columns:
          - name: kind
            data_tests:
              - accepted_values: {arguments: {values: [card, cash]}}
""",
    "transform/stage/stg_orders.sql": "select id, customer_id, amount, kind, ordered_at from {{ source('shop', 'orders') }}\n",
    "transform/stage/stg_customers.sql": "{{ config(tags=['people'], meta={'owner': 'crm'}) }}\nselect id, email, country_id\nfrom {{ source('shop', 'customers') }}\n",
    "transform/stage/stg_eph.sql": "{{ config(materialized='ephemeral') }}\nselect id, amount from {{ ref('stg_orders') }}\n",
    "transform/stage/stage.yml": """version: 2
models:
  - name: stg_orders
    description: Orders as they come
    config: {tags: [raw]}
    columns:
      - name: id
        description: key
        data_tests:
          - unique
          - not_null:
              config: {severity: error}
      - name: customer_id
        data_tests:
          - relationships: {arguments: {to: ref('stg_customers'), field: id}}
      - name: amount
        description: '{{ doc("amount_text") }}'
        data_tests:
          - at_least: {arguments: {least: 0}, config: {where: id > 0}}
  - name: stg_customers
    columns:
      - name: id
        data_tests: [unique]
      - name: email
        config: {meta: {pii: true}, tags: [pii]}
""",
    "transform/mart/orders.sql": "select o.id, o.customer_id, {{ euros('o.amount') }} as amount, o.ordered_at\nfrom {{ ref('stg_orders') }} o\njoin {{ ref('stg_eph') }} e on e.id = o.id\n",
    "transform/mart/customers.sql": "select c.id, c.email, k.name from {{ ref('stg_customers') }} c join {{ ref('countries') }} k on k.id = c.country_id where {{ region_filter('k.region') }}\n",
    "transform/mart/totals.sql": """{{ config(materialized='incremental', unique_key='id', on_schema_change='append_new_columns') }}
select * from {{ ref('orders') }}
{% if is_incremental() %}where ordered_at > (select max(ordered_at) from {{ this }}){% endif %}
""",
    "transform/mart/priced_v1.sql": "select id, amount from {{ ref('orders') }}\n",
    "transform/mart/priced_v2.sql": "select id, amount, 1 as extra from {{ ref('orders') }}\n",
    "transform/mart/uses_priced.sql": "select * from {{ ref('priced') }} union all select id, amount, 0 from {{ ref('priced', v=1) }}\n",
    "transform/mart/days.sql": "select cast('2026-01-01' as date) as date_day\n",
    "transform/mart/secret/salaries.sql": "select 1 as id, 2 as salary\n",
    "transform/optional/bonus.sql": "select 1 as id\n",
    "extra_models/more.sql": "select * from {{ ref('util_days') }} where {{ util.is_set('scale') }}\n",
    "transform/mart/mart.yml": """version: 2
models:
  - name: orders
    description: Facts
    access: public
    config:
      group: finance
      persist_docs: {relation: true, columns: true}
      contract: {enforced: true}
      meta: {sla: 4h}
    columns:
      - {name: id, data_type: integer, constraints: [{type: not_null}], data_tests: [not_null]}
      - {name: customer_id, data_type: integer}
      - name: amount
        data_type: integer
        description: in euros
        data_tests:
          - not_null: {config: {severity: warn}}
      - {name: ordered_at, data_type: date}
    data_tests:
      - unique: {name: orders_are_unique, arguments: {column_name: id}}
  - name: customers
    config: {meta: {owner: crm}, grants: {select: [reader]}, docs: {show: false}}
  - name: priced
    latest_version: 2
    description: priced orders
    columns:
      - {name: id, data_tests: [not_null]}
      - {name: amount}
    versions:
      - v: 1
        deprecation_date: 2027-01-01
      - v: 2
        config: {tags: [v2]}
        columns:
          - include: all
          - {name: extra, data_tests: [not_null]}
  - name: days
    time_spine: {standard_granularity_column: date_day}
    columns:
      - {name: date_day, granularity: day}
unit_tests:
  - name: orders_are_priced
    model: orders
    given:
      - input: ref('stg_orders')
        rows:
          - {id: 1, amount: 100, customer_id: 1}
      - input: ref('stg_eph')
        rows: [{id: 1, amount: 100}]
    expect:
      rows: [{id: 1, amount: 1}]
  - name: customers_are_there
    model: customers
    description: one
    given:
      - {input: ref('stg_customers'), rows: [{id: 1}]}
      - {input: ref('countries'), rows: []}
    expect: {rows: []}
    config: {tags: [slow]}
""",
    "transform/mart/semantics.yml": """version: 2
semantic_models:
  - name: sem_orders
    description: orders
    model: ref('orders')
    defaults: {agg_time_dimension: ordered_at}
    entities:
      - {name: order, type: primary, expr: id}
      - {name: customer, type: foreign, expr: customer_id}
    dimensions:
      - {name: ordered_at, type: time, type_params: {time_granularity: day}}
    measures:
      - {name: revenue, agg: sum, expr: amount, description: paid}
      - {name: order_count, agg: count, expr: '1'}
metrics:
  - name: revenue
    label: Revenue
    description: all of it
    type: simple
    type_params: {measure: revenue}
    config: {meta: {owner: finance}}
  - name: big_revenue
    label: Big
    type: simple
    type_params:
      measure: {name: revenue, filter: "{{ Dimension('order__ordered_at') }} > '2026-01-01'"}
  - name: per_order
    label: Per order
    type: ratio
    type_params: {numerator: revenue, denominator: orders_total}
  - name: orders_total
    label: Orders
    type: simple
    filter: "{{ Dimension('order__ordered_at') }} > '2025-01-01'"
    type_params: {measure: order_count}
saved_queries:
  - name: weekly
    description: for monday
    query_params:
      metrics: [revenue]
      group_by: ["TimeDimension('metric_time', 'day')"]
    exports:
      - {name: weekly_export, config: {export_as: table}}
exposures:
  - name: board
    label: Board
    type: dashboard
    maturity: high
    url: https://example.com/board
    owner: {email: a@example.com}
    depends_on: [ref('orders'), metric('revenue')]
    config: {tags: [bi]}
""",
    "history/history.yml": """version: 2
snapshots:
  - name: orders_history
    relation: ref('stg_orders')
    description: what orders were
    config: {unique_key: id, strategy: check, check_cols: all, tags: [audit]}
    columns:
      - {name: id, data_tests: [not_null]}
""",
    "history/customers_history.sql": "{% snapshot customers_history %}\n{{ config(target_schema='snap', unique_key='id', strategy='check', check_cols=['email']) }}\nselect * from {{ ref('stg_customers') }}\n{% endsnapshot %}\n",
    "looks/look.sql": "select count(*) from {{ ref('orders') }}\n",
    "udfs/double_it.sql": "x * 2\n",
    "udfs/udfs.yml": """functions:
  - name: double_it
    description: doubles
    config: {volatility: deterministic}
    arguments: [{name: x, data_type: integer}]
    returns: {data_type: integer}
""",
}


def at(path, old, new):
    def edit(files):
        if old not in files.get(path, ""):
            return False
        files[path] = files[path].replace(old, new, 1)
        return True
    return edit


def put(path, text):
    def edit(files):
        files[path] = text
        return True
    return edit


def gone(*paths):
    return lambda files: all([files.pop(path, None) is not None for path in paths])


def moved(old, new):
    def edit(files):
        if old not in files:
            return False
        files[new] = files.pop(old)
        return True
    return edit


def all_of(*edits):
    return lambda files: all([edit(files) for edit in edits])


DBT, MART, STAGE, SEMANTIC, SOURCES = ("dbt_project.yml", "transform/mart/mart.yml", "transform/stage/stage.yml",
                                       "transform/mart/semantics.yml", "transform/stage/sources.yml")
EDITS = {
    # metrics and their kin
    "metric measure": at(SEMANTIC, "type_params: {measure: revenue}", "type_params: {measure: order_count}"),
    "metric filter": at(SEMANTIC, "2025-01-01", "2024-01-01"),
    "metric filter gone": at(SEMANTIC, "    filter: \"{{ Dimension('order__ordered_at') }} > '2025-01-01'\"\n", ""),
    "metric filter new": at(SEMANTIC, "    description: all of it\n", "    description: all of it\n    filter: \"{{ Dimension('order__ordered_at') }} > '2020-01-01'\"\n"),
    "metric measure filter": at(SEMANTIC, "'2026-01-01'\"", "'2026-02-01'\""),
    "metric label": at(SEMANTIC, "label: Revenue", "label: Turnover"),
    "metric description": at(SEMANTIC, "all of it", "most of it"),
    "metric config": at(SEMANTIC, "{meta: {owner: finance}}", "{meta: {owner: sales}, tags: [kpi]}"),
    "metric ratio": at(SEMANTIC, "denominator: orders_total", "denominator: big_revenue"),
    "metric ratio object": at(SEMANTIC, "numerator: revenue", "numerator: {name: revenue, alias: r}"),
    "metric type": at(SEMANTIC, "    type: simple\n    type_params: {measure: revenue}", "    type: cumulative\n    type_params: {measure: revenue, cumulative_type_params: {window: 7 days}}"),
    "new metric": at(SEMANTIC, "metrics:\n", "metrics:\n  - name: more\n    label: More\n    type: derived\n    type_params: {expr: revenue * 2, metrics: [revenue]}\n"),
    "metric gone": all_of(at(SEMANTIC, "  - name: big_revenue\n    label: Big\n    type: simple\n    type_params:\n      measure: {name: revenue, filter: \"{{ Dimension('order__ordered_at') }} > '2026-01-01'\"}\n", "")),
    "metric renamed": at(SEMANTIC, "name: big_revenue", "name: large_revenue"),
    "metric disabled": at(SEMANTIC, "    label: Big\n", "    label: Big\n    config: {enabled: false}\n"),
    "measure expr": at(SEMANTIC, "expr: amount", "expr: amount * 2"),
    "measure agg": at(SEMANTIC, "agg: sum", "agg: max"),
    "new measure": at(SEMANTIC, "    measures:\n", "    measures:\n      - {name: biggest, agg: max, expr: amount}\n"),
    "measure as metric": at(SEMANTIC, "agg: count, expr: '1'", "agg: count, expr: '1', create_metric: true"),
    "dimension": at(SEMANTIC, "    dimensions:\n", "    dimensions:\n      - {name: customer_id, type: categorical}\n"),
    "granularity": at(SEMANTIC, "time_granularity: day", "time_granularity: week"),
    "entity": at(SEMANTIC, "type: foreign, expr: customer_id", "type: foreign, expr: id"),
    "semantic model of another": at(SEMANTIC, "model: ref('orders')", "model: ref('totals')"),
    "semantic description": at(SEMANTIC, "description: orders\n", "description: all orders\n"),
    "saved query": at(SEMANTIC, "metrics: [revenue]\n", "metrics: [revenue, orders_total]\n"),
    "saved query where": at(SEMANTIC, "    exports:\n", "      where: [\"{{ Dimension('order__ordered_at') }} > '2026-01-01'\"]\n    exports:\n"),
    "saved query export": at(SEMANTIC, "export_as: table", "export_as: view"),
    "saved query description": at(SEMANTIC, "for monday", "for friday"),
    "saved query gone": lambda files: at(SEMANTIC, files[SEMANTIC][files[SEMANTIC].index("saved_queries:"):files[SEMANTIC].index("exposures:")], "")(files),
    "new saved query": at(SEMANTIC, "saved_queries:\n", "saved_queries:\n  - name: daily\n    query_params: {metrics: [revenue]}\n"),
    # exposures
    "exposure owner": at(SEMANTIC, "a@example.com", "b@example.com"),
    "exposure parents": at(SEMANTIC, "[ref('orders'), metric('revenue')]", "[ref('orders'), ref('customers')]"),
    "exposure tags": at(SEMANTIC, "tags: [bi]", "tags: [bi, weekly]"),
    "exposure url": at(SEMANTIC, "com/board", "com/boards"),
    "exposure maturity": at(SEMANTIC, "maturity: high", "maturity: low"),
    "new exposure": at(SEMANTIC, "exposures:\n", "exposures:\n  - name: notebook\n    type: notebook\n    owner: {email: n@example.com, name: N}\n    depends_on: [ref('customers')]\n    meta: {a: 1}\n"),
    "exposure gone": lambda files: at(SEMANTIC, files[SEMANTIC][files[SEMANTIC].index("exposures:"):], "")(files),
    "exposure disabled": at(SEMANTIC, "config: {tags: [bi]}", "config: {tags: [bi], enabled: false}"),
    "exposure renamed": at(SEMANTIC, "name: board", "name: panel"),
    "semantic model renamed": at(SEMANTIC, "name: sem_orders", "name: sem_sales"),
    "new simple metric": at(SEMANTIC, "metrics:\n", "metrics:\n  - name: paid\n    label: Paid\n    type: simple\n    type_params: {measure: {name: revenue, fill_nulls_with: 0}}\n"),
    "new ratio": at(SEMANTIC, "metrics:\n", "metrics:\n  - name: ratio\n    label: Ratio\n    type: ratio\n    type_params: {numerator: revenue, denominator: {name: orders_total, alias: n}}\n"),
    # groups, access, contracts
    "group owner": at("transform/groups.yml", "f@example.com", "g@example.com"),
    "new group": at("transform/groups.yml", "groups:\n", "groups:\n  - name: crm\n    owner: {name: CRM}\n"),
    "model group": all_of(at("transform/groups.yml", "groups:\n", "groups:\n  - name: crm\n    owner: {name: CRM}\n"), at(MART, "group: finance", "group: crm")),
    "model group and test": all_of(at("transform/groups.yml", "groups:\n", "groups:\n  - name: crm\n    owner: {name: CRM}\n"), at(MART, "group: finance", "group: crm"), at(MART, "name: orders_are_unique, ", "")),
    "access": at(MART, "access: public", "access: protected"),
    "contract type": at(MART, "{name: customer_id, data_type: integer}", "{name: customer_id, data_type: bigint}"),
    "contract off": at(MART, "contract: {enforced: true}", "contract: {enforced: false}"),
    "constraint": at(MART, "[{type: not_null}]", "[{type: not_null}, {type: unique}]"),
    "model constraint": at(MART, "    access: public\n", "    access: public\n    constraints: [{type: primary_key, columns: [id]}]\n"),
    "contract column gone": at(MART, "      - {name: customer_id, data_type: integer}\n", ""),
    # versions
    "v1 body": at("transform/mart/priced_v1.sql", "select id, amount", "select id, amount + 1 as amount"),
    "v2 body": at("transform/mart/priced_v2.sql", "1 as extra", "2 as extra"),
    "latest version": at(MART, "latest_version: 2", "latest_version: 1"),
    "deprecation": at(MART, "2027-01-01", "2028-01-01"),
    "version tags": at(MART, "{tags: [v2]}", "{tags: [v2, new]}"),
    "version column": at(MART, "{name: extra, data_tests: [not_null]}", "{name: extra, description: more}"),
    "versions' shared column": at(MART, "      - {name: amount}\n", "      - {name: amount, description: euros, data_tests: [not_null]}\n"),
    "versions' description": at(MART, "description: priced orders", "description: orders with prices"),
    "new version": all_of(put("transform/mart/priced_v3.sql", "select id from {{ ref('orders') }}\n"), at(MART, "      - v: 2\n", "      - v: 3\n      - v: 2\n")),
    "version gone": all_of(gone("transform/mart/priced_v1.sql"), at(MART, "      - v: 1\n        deprecation_date: 2027-01-01\n", ""), at("transform/mart/uses_priced.sql", ", v=1", "")),
    "defined in": all_of(moved("transform/mart/priced_v1.sql", "transform/mart/priced_old.sql"), at(MART, "      - v: 1\n", "      - v: 1\n        defined_in: priced_old\n")),
    "ref without version": at("transform/mart/uses_priced.sql", "ref('priced', v=1)", "ref('priced', version=2)"),
    # unit tests
    "unit given": at(MART, "{id: 1, amount: 100, customer_id: 1}", "{id: 2, amount: 100, customer_id: 1}"),
    "unit expect": at(MART, "rows: [{id: 1, amount: 1}]", "rows: [{id: 1, amount: 2}]"),
    "unit description": at(MART, "description: one", "description: two"),
    "unit tags": at(MART, "tags: [slow]", "tags: [quick]"),
    "unit gone": lambda files: at(MART, files[MART][files[MART].index("  - name: customers_are_there"):], "")(files),
    "new unit": at(MART, "unit_tests:\n", "unit_tests:\n  - name: days_are_there\n    model: days\n    given: []\n    expect: {rows: [{date_day: '2026-01-01'}]}\n"),
    "unit of another model": at(MART, "    model: customers\n", "    model: totals\n    overrides: {macros: {is_incremental: false}}\n"),
    "unit overrides": at(MART, "    description: one\n", "    description: one\n    overrides: {vars: {region: na}}\n"),
    "unit disabled": at(MART, "{tags: [slow]}", "{tags: [slow], enabled: false}"),
    # snapshots
    "yaml snapshot relation": at("history/history.yml", "ref('stg_orders')", "ref('orders')"),
    "yaml snapshot check": at("history/history.yml", "check_cols: all", "check_cols: [amount]"),
    "yaml snapshot tags": at("history/history.yml", "tags: [audit]", "tags: [audit, law]"),
    "yaml snapshot description": at("history/history.yml", "what orders were", "orders as they were"),
    "yaml snapshot gone": gone("history/history.yml"),
    "new yaml snapshot": at("history/history.yml", "snapshots:\n", "snapshots:\n  - name: countries_history\n    relation: ref('countries')\n    config: {unique_key: id, strategy: check, check_cols: [name], schema: snap}\n"),
    "sql snapshot": at("history/customers_history.sql", "select *", "select id, email"),
    "sql snapshot config": at("history/customers_history.sql", "['email']", "['email', 'country_id']"),
    "second sql snapshot": at("history/customers_history.sql", "{% snapshot customers", "{% snapshot c2 %}\n{{ config(target_schema='snap', unique_key='id', strategy='check', check_cols='all') }}\nselect * from {{ ref('orders') }}\n{% endsnapshot %}\n{% snapshot customers"),
    "snapshot folder": at(DBT, "[snap]", "[snap, slow]"),
    # seeds
    "seed": at("data/countries.csv", "2,us", "2,mx"),
    "seed types": at("data/seeds.yml", "{id: integer}", "{id: bigint}"),
    "seed tags": at("data/seeds.yml", "[static]", "[static, geo]"),
    "seed folder types": at(DBT, "{code: varchar}", "{code: integer}"),
    "seed folder config": at(DBT, "+quote_columns: false", "+quote_columns: true"),
    "seed description": at("data/seeds.yml", "name of the country", "its name"),
    "seed moved": moved("data/codes/codes.csv", "data/codes.csv"),
    "seed gone": gone("data/codes/codes.csv"),
    "new seed": put("data/codes/extra_codes.csv", "code\n7\n"),
    "seed crlf": put("data/codes/codes.csv", "code\r\n1\r\n"),
    # functions
    "function body": at("udfs/double_it.sql", "x * 2", "x + x"),
    "function argument": at("udfs/udfs.yml", "[{name: x, data_type: integer}]", "[{name: x, data_type: bigint}]"),
    "function config": at("udfs/udfs.yml", "deterministic", "stable"),
    "function gone": gone("udfs/double_it.sql", "udfs/udfs.yml"),
    "new function": all_of(put("udfs/half.sql", "x / 2\n"), at("udfs/udfs.yml", "functions:\n", "functions:\n  - name: half\n    arguments: [{name: x, data_type: integer}]\n    returns: {data_type: integer}\n")),
    # tests
    "generic test": at("checks/generic/at_least.sql", "< {{ least }}", "<= {{ least }}"),
    "generic test argument": at(STAGE, "{least: 0}", "{least: 1}"),
    "generic test where": at(STAGE, "where: id > 0", "where: id > 1"),
    "generic test severity": at(STAGE, "config: {severity: error}", "config: {severity: warn}"),
    "generic test of model": at(MART, "orders_are_unique", "orders_stay_unique"),
    "test config gone": at(STAGE, "          - not_null:\n              config: {severity: error}\n", "          - not_null\n"),
    "test disabled": at(STAGE, "config: {severity: error}", "config: {enabled: false}"),
    "test tags": at(STAGE, "config: {severity: error}", "config: {severity: error, tags: [key], meta: {a: 1}}"),
    "test gone": at(STAGE, "          - unique\n", ""),
    "source test gone": at(SOURCES, "data_tests: [unique, not_null]", "data_tests: [not_null]"),
    "source test values": at(SOURCES, "[card, cash]", "[card, cash, coin]"),
    "new relationship": at(STAGE, "      - name: email\n", "      - name: country_id\n        data_tests:\n          - relationships: {arguments: {to: ref('countries'), field: id}}\n      - name: email\n"),
    "new package test": at(STAGE, "      - name: email\n", "      - name: country_id\n        data_tests: [util.positive]\n      - name: email\n"),
    "new old-style test": at(STAGE, "  - name: stg_customers\n    columns:\n      - name: id\n        data_tests: [unique]\n", "  - name: stg_customers\n    columns:\n      - name: id\n        tests:\n          - unique\n          - not_null:\n              where: id > 0\n"),
    "tests folder config": at(DBT, "+severity: warn", "+severity: error"),
    "tests folder tags": at(DBT, "[check]", "[check, slow]"),
    "singular test": at("checks/orders_positive.sql", "< 0", "<= 0"),
    "singular test severity": at("checks/orders_positive.sql", "severity='error'", "severity='warn'"),
    "singular test description": at("checks/checks.yml", "no order is negative", "orders are positive"),
    "singular test meta": at("checks/checks.yml", "{owner: finance}", "{owner: sales}"),
    "singular test gone": gone("checks/orders_positive.sql", "checks/checks.yml"),
    "new singular test": put("checks/more/none.sql", "select * from {{ ref('customers') }} where id is null\n"),
    "package test": at("packages/util/macros/util.sql", "< 0", "<= 0"),
    # dbt_project.yml
    "model-paths": all_of(at(DBT, "[transform, extra_models]", "[transform]"), moved("extra_models/more.sql", "transform/more.sql")),
    "model-paths more": all_of(at(DBT, "[transform, extra_models]", "[transform, extra_models, new_models]"), put("new_models/fresh.sql", "select 1 as id\n")),
    "macro-paths": all_of(at(DBT, "[jinja]", "[jinja, more_jinja]"), put("more_jinja/m.sql", "{% macro m() %}1{% endmacro %}\n"), at("transform/mart/customers.sql", "select c.id", "select {{ m() }} as one, c.id")),
    "folder enabled by target": at(DBT, "target.name == 'dev'", "target.name == 'prod'"),
    "folder enabled by var": at(DBT, "var('with_optional', true)", "var('with_optional', false)"),
    "folder tags": at(DBT, "[nightly]", "[nightly, hourly]"),
    "folder tags text": at(DBT, "+tags: private", "+tags: secret"),
    "folder meta": at(DBT, "{tier: gold}", "{tier: platinum, cost: high}"),
    "project meta": at(DBT, "{team: core}", "{team: data}"),
    "folder materialized": at(DBT, "+materialized: view\n      +meta", "+materialized: table\n      +meta"),
    "folder schema": at(DBT, "+schema: mart\n", "+schema: gold\n"),
    "folder hook": at(DBT, "select 'mart'", "select 'marts'"),
    "folder for one model": at(DBT, "      secret:\n", "      totals:\n        +alias: sums\n      secret:\n"),
    "folder with plus": at(DBT, "      +tags: [nightly]\n", "      tags: [nightly]\n      +docs: {show: false}\n"),
    "package folder": at(DBT, "  util:\n    +materialized: view\n", "  util:\n    +materialized: table\n"),
    "package off": at(DBT, "  util:\n    +materialized: view\n", "  util:\n    +materialized: view\n    deep:\n      +enabled: false\n"),
    "package schema": at(DBT, "+schema: util", "+schema: tools"),
    "var": at(DBT, "rate: 100", "rate: 1000"),
    "own var": at(DBT, "region: eu", "region: na"),
    "package var": at(DBT, "util_offset: 3", "util_offset: 4"),
    "var made global": at(DBT, "  garden:\n    region: eu\n", "  region: eu\n"),
    "source meta": at(DBT, "{from: outside}", "{from: inside}"),
    "exposure meta": at(DBT, "{tool: bi}", "{tool: tableau}"),
    "metrics off": at(DBT, "metrics:\n  garden:\n    +enabled: true", "metrics:\n  garden:\n    +meta: {a: 1}"),
    "unit folder tags": at(DBT, "[unit]", "[unit, quick]"),
    "run hooks": at(DBT, '["select 1"]', '["select 2"]'),
    "dispatch": at(DBT, "search_order: [garden, util]", "search_order: [util, garden]"),
    "project version": at(DBT, "version: 1.0.0", "version: 1.0.1"),
    "query comment": at(DBT, "profile: garden\n", "profile: garden\nquery-comment: null\n"),
    "flags": at(DBT, "profile: garden\n", "profile: garden\nflags: {send_anonymous_usage_stats: false}\n"),
    "vars file": all_of(at(DBT, "vars:\n  rate: 100\n  garden:\n    region: eu\n  util:\n    util_offset: 3\n", ""), put("vars.yml", "vars:\n  rate: 100\n  garden:\n    region: na\n  util:\n    util_offset: 3\n")),
    # macros and docs
    "macro": at("jinja/money.sql", "({{ c }} / {{ rate }})", "(1.0 * {{ c }} / {{ rate }})"),
    "macro comment": at("jinja/money.sql", "Money, in", "Money in"),
    "macro default": at("jinja/money.sql", "rate=var('rate')", "rate=1"),
    "macro moved": all_of(moved("jinja/money.sql", "jinja/deep/money.sql")),
    "macro gone": all_of(gone("jinja/money.sql"), at("transform/mart/orders.sql", "{{ euros('o.amount') }}", "o.amount"), at("transform/mart/customers.sql", " where {{ region_filter('k.region') }}", ""), gone("jinja/macros.yml")),
    "schema macro": at("jinja/names.sql", "{{ custom_schema_name | trim }}", "{{ target.schema }}_{{ custom_schema_name | trim }}"),
    "schema macro gone": gone("jinja/names.sql"),
    "alias macro": put("jinja/alias.sql", "{% macro generate_alias_name(custom_alias_name=none, node=none) -%}x_{{ node.name }}{{ node.version or '' }}{%- endmacro %}\n"),
    "overriding macro": put("jinja/over.sql", "{% macro garden__is_set(c) %}{{ c }} <> 0{% endmacro %}\n"),
    "dispatched macro": put("jinja/over.sql", "{% macro default__is_set(c) %}{{ c }} <> 0{% endmacro %}\n"),
    "macro description": at("jinja/macros.yml", "to euros", "into euros"),
    "ref override": put("jinja/ref.sql", "{% macro ref() %}{{ return(builtins.ref(*varargs, **kwargs)) }}{% endmacro %}\n"),
    "where subquery": put("jinja/where.sql", "{% macro get_where_subquery(relation) %}{{ relation }}{% endmacro %}\n"),
    "docs": at("texts/texts.md", "What was paid", "What is paid"),
    "docs of a seed": at("texts/texts.md", "Countries we sell to", "Countries"),
    "docs unused": at("texts/texts.md", "Nobody reads it", "No reader"),
    "docs moved": moved("texts/texts.md", "transform/texts.md"),
    "package docs": at("packages/util/models/texts.md", "Days of the package", "Its days"),
    "docs of persisted": all_of(at(MART, "description: in euros", "description: '{{ doc(\"amount_text\") }}'")),
    # packages
    "package model": at("packages/util/models/util_days.sql", "as scale", "as scale, 1 as one"),
    "package yaml": at("packages/util/models/util.yml", "[not_null, util.positive]", "[not_null]"),
    "package group": at("packages/util/models/util.yml", "owner: {name: util}\nmodels", "owner: {name: tools}\nmodels"),
    "package project": at("packages/util/dbt_project.yml", "[from_util]", "[from_util, more]"),
    "package macro": at("packages/util/macros/util.sql", "{{ c }} is not null", "{{ c }} > 0"),
    "package gone": all_of(gone("packages.yml"), gone("extra_models/more.sql"), at(DBT, "  util:\n    +materialized: view\n    +schema: util\n", "")),
    # models
    "body": at("transform/mart/orders.sql", "o.ordered_at\n", "o.ordered_at -- now\n"),
    "ephemeral body": at("transform/stage/stg_eph.sql", "select id, amount", "select id, amount, 1 as one"),
    "filter": at("transform/stage/stg_orders.sql", "}}\n", "}} where amount > 0\n"),
    "staging in-file": at("transform/stage/stg_customers.sql", "tags=['people']", "tags=['people', 'crm']"),
    "in-file meta": at("transform/stage/stg_customers.sql", "{'owner': 'crm'}", "{'owner': 'sales'}"),
    "in-file gone": at("transform/stage/stg_customers.sql", "{{ config(tags=['people'], meta={'owner': 'crm'}) }}\n", ""),
    "in-file schema": at("transform/stage/stg_customers.sql", "tags=['people']", "schema='people'"),
    "in-file key": at("transform/mart/totals.sql", "unique_key='id'", "unique_key=['id', 'ordered_at']"),
    "in-file hook": at("transform/mart/totals.sql", "unique_key='id'", "unique_key='id', pre_hook=['select 3', {'sql': 'select 4', 'transaction': false}]"),
    "in-file var": at("transform/mart/totals.sql", "unique_key='id'", "unique_key='id', tags=[var('region')]"),
    "in-file target": at("transform/mart/totals.sql", "unique_key='id'", "unique_key='id', enabled=(target.name == 'prod')"),
    "in-file grants": at("transform/mart/totals.sql", "unique_key='id'", "unique_key='id', grants={'select': ['bi']}"),
    "meta by yaml": at(MART, "{sla: 4h}", "{sla: 2h, team: finance}"),
    "tags by yaml": at(STAGE, "config: {tags: [raw]}", "config: {tags: [raw, hot]}"),
    "grants": at(MART, "{select: [reader]}", "{select: [reader, bi], +insert: [etl]}"),
    "docs config": at(MART, "docs: {show: false}", "docs: {show: true, node_color: red}"),
    "yaml config gone": at(MART, "    config: {meta: {owner: crm}, grants: {select: [reader]}, docs: {show: false}}\n", ""),
    "yaml materialized": at(STAGE, "config: {tags: [raw]}", "config: {tags: [raw], materialized: table, schema: raw_stage}"),
    "yaml alias": at(STAGE, "config: {tags: [raw]}", "config: {alias: stg_o}"),
    "column meta": at(STAGE, "{meta: {pii: true}, tags: [pii]}", "{meta: {pii: false}}"),
    "column meta old place": at(STAGE, "        config: {meta: {pii: true}, tags: [pii]}\n", "        meta: {pii: true}\n        tags: [pii]\n"),
    "yaml moved": moved("transform/stage/stage.yml", "transform/stage/_stage.yml"),
    "yaml split": all_of(at(STAGE, "  - name: stg_customers\n    columns:\n      - name: id\n        data_tests: [unique]\n      - name: email\n        config: {meta: {pii: true}, tags: [pii]}\n", ""),
                         put("transform/stage/customers.yml", "version: 2\nmodels:\n  - name: stg_customers\n    columns:\n      - name: id\n        data_tests: [unique]\n      - name: email\n        config: {meta: {pii: true}, tags: [pii]}\n")),
    "yaml anchors": at(STAGE, "  - name: stg_customers\n", "  - &c\n    name: stg_customers\n"),
    "time spine": at(MART, "{name: date_day, granularity: day}", "{name: date_day, granularity: hour}"),
    "model moved": moved("transform/mart/customers.sql", "transform/stage/customers.sql"),
    "model moved to secret": moved("transform/mart/customers.sql", "transform/mart/secret/customers.sql"),
    "model renamed": all_of(moved("transform/mart/totals.sql", "transform/mart/sums.sql")),
    "model gone": gone("transform/mart/totals.sql"),
    "new model": put("transform/mart/fresh.sql", "select * from {{ ref('orders') }} join {{ ref('util', 'util_days') }} on true\n"),
    "new model with yaml": all_of(put("transform/mart/fresh.sql", "{{ config(tags=['x']) }}\nselect id from {{ ref('orders') }}\n"),
                                  put("transform/mart/fresh.yml", "version: 2\nmodels:\n  - name: fresh\n    description: '{{ doc(\"amount_text\") }}'\n    config: {meta: {owner: me}, group: finance, access: private}\n    columns:\n      - {name: id, data_tests: [unique, {at_least: {arguments: {least: 3}}}]}\n")),
    "new model on new source": all_of(put("transform/stage/stg_new.sql", "select * from {{ source('crm', 'people') }}\n"),
                                      put("transform/stage/crm.yml", "version: 2\nsources:\n  - name: crm\n    schema: crm_raw\n    tables:\n      - name: people\n        columns: [{name: id, data_tests: [unique]}]\n")),
    "new python model": put("transform/mart/py.py", "def model(dbt, session):\n    dbt.config(materialized='table', tags=['py'])\n    return dbt.ref('orders')\n"),
    "new function use": at("transform/mart/customers.sql", "select c.id", "select {{ function('double_it') }}(c.id) as twice, c.id"),
    "new disabled": put("transform/mart/off.sql", "{{ config(enabled=false) }}\nselect 1 as id\n"),
    "new in optional": put("transform/optional/bonus_2.sql", "select 2 as id\n"),
    "disabled in yaml": at(STAGE, "config: {tags: [raw]}\n", "config: {tags: [raw], enabled: true}\n"),
    "off in yaml": at(MART, "  - name: days\n", "  - name: uses_priced\n    config: {enabled: false}\n  - name: days\n"),
    "analysis": at("looks/look.sql", "count(*)", "count(1)"),
    "analysis moved": moved("looks/look.sql", "looks/deep/look.sql"),
    "crlf": lambda files: put("transform/mart/orders.sql", files["transform/mart/orders.sql"].replace("\n", "\r\n"))(files),
    # sources
    "freshness": at(SOURCES, "count: 12", "count: 24"),
    "source schema": at(SOURCES, "schema: raw\n", "schema: raw_2\n"),
    "source identifier": at(SOURCES, "customers_v1", "customers_v2"),
    "source identifier gone": at(SOURCES, "        identifier: customers_v1\n", ""),
    "source tags": at(SOURCES, "tags: [shop]", "tags: [shop, core]"),
    "source table meta": at(SOURCES, "meta: {pii: true}", "meta: {pii: false}"),
    "source description": at(SOURCES, "the shop's tables", "tables of the shop"),
    "source table description": at(SOURCES, "description: orders\n", "description: all orders\n"),
    "source column": at(SOURCES, "description: key\n", "description: its key\n"),
    "source table off": at(SOURCES, "config: {enabled: true}", "config: {enabled: false}"),
    "source table gone": lambda files: at(SOURCES, files[SOURCES][files[SOURCES].index("      - name: payments"):], "")(files),
    "source table new": at(SOURCES, "      - name: payments\n", "      - name: refunds\n        columns: [{name: id, data_tests: [unique]}]\n      - name: payments\n"),
    "source quoting": at(SOURCES, "    schema: raw\n", "    schema: raw\n    quoting: {identifier: false}\n"),
    "source loader": at(SOURCES, "    schema: raw\n", "    schema: raw\n    loader: airbyte\n"),
    "source schema by var": at(SOURCES, "schema: raw\n", "schema: \"{{ var('raw_schema', 'raw') }}\"\n"),
    "source by target": at(SOURCES, "schema: raw\n", "schema: \"{{ target.name }}_raw\"\n"),
}

# On dbt 1.12 and later the vars may lie in a file of their own.
VARS_FILE = "vars:\n  rate: 100\n  garden:\n    region: eu\n  util:\n    util_offset: 3\n"


def with_vars_file():
    """The project with its vars in vars.yml, and edits of that file."""
    files = dict(PROJECT)
    assert EDITS["vars file"](files)
    files["vars.yml"] = VARS_FILE
    edits = {"vars.yml: rate": at("vars.yml", "rate: 100", "rate: 1000"), "vars.yml: own": at("vars.yml", "region: eu", "region: na"),
             "vars.yml: package": at("vars.yml", "util_offset: 3", "util_offset: 4"),
             "vars.yml: switch": at("vars.yml", "vars:\n", "vars:\n  with_optional: false\n"),
             "vars.yml: gone": lambda f: all([gone("vars.yml")(f), at(DBT, "dispatch:\n", VARS_FILE + "dispatch:\n")(f)]),
             "vars.yml: unused": at("vars.yml", "vars:\n", "vars:\n  nobody: 1\n")}
    return files, edits
