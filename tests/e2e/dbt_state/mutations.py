"""What happens to the project in a pull request: name -> function that changes a dict of files in place."""
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


def rename_in_snapshot(files):
    if "snapshots/orders.yml" in files:
        swap("snapshots/orders.yml", "ref('stg_orders')", "ref('stg_shop_orders')")(files)


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
                          swap(STG, "name: stg_orders", "name: stg_shop_orders"), rename_in_snapshot),
    "model_disabled": swap("analyses/top.sql", "select", "{{ config(enabled=false) }} select"),
    "project_renamed": both(swap(PROJECT, "name: shop", "name: store"), swap(PROJECT, "  shop:\n    staging:", "  store:\n    staging:"),
                            swap(PROJECT, "seeds:\n  shop:", "seeds:\n  store:")),
    "new_macro_in_model": swap("models/staging/stg_users.sql", "country from", "{{ divide('country', 1) }} as country from"),
}

TOOLS = "dbt_packages/tools/"
UNIT = "models/marts/unit.yml"
SNAPSHOT, SNAPSHOT_YAML = "snapshots/users_snapshot.sql", "snapshots/orders.yml"

MUTATIONS.update({
    # Models: hooks of the project, descriptions from doc blocks, groups, versions, constraints.
    "operation": swap(PROJECT, '["select 1"]', '["select 2"]'),
    "doc_block": swap("models/marts/docs.md", "The country", "A country"),
    "group_owner": swap(MARTS, "owner: {name: Finance}", "owner: {name: Money}"),
    "model_group": swap(MARTS, "    access: public", "    access: public\n    group: finance"),
    "model_enabled_explicitly": swap(DIM, "select", "{{ config(enabled=true) }}\nselect"),
    "config_meta_in_sql": swap(DIM, "select", "{{ config(meta={'a': 1}) }}\nselect"),
    "config_in_yaml": swap(MARTS, "    config:\n      contract:", "    config:\n      materialized: view\n      contract:"),
    "config_persist_docs": swap(DIM, "select", "{{ config(persist_docs={'relation': false}) }}\nselect"),
    "config_database": swap(DIM, "select", "{{ config(database='other') }}\nselect"),
    "config_from_variable": swap(DIM, "select", "{{ config(materialized=var('kind', 'table')) }}\nselect"),
    "config_to_environment": swap(PROJECT, "+materialized: view", "+materialized: \"{{ env_var('KIND', 'view') }}\""),
    "config_dict_order": swap(PROJECT, "{relation: true, columns: true}", "{columns: true, relation: true}"),
    "config_docs_show": swap(DIM, "select", "{{ config(docs={'show': false}) }}\nselect"),
    "columns_reordered": swap(MARTS, "      - {name: user_id, data_type: integer}\n      - {name: email, data_type: varchar, description: Address}",
                              "      - {name: email, data_type: varchar, description: Address}\n      - {name: user_id, data_type: integer}"),
    "column_added_persisted": swap(MARTS, "      - name: country\n", "      - name: ordered_at\n        description: When\n      - name: country\n"),
    "column_added_without_text": swap(MARTS, "      - name: country\n", "      - name: ordered_at\n      - name: country\n"),
    "column_quote": swap(STG, "        meta: {pii: true}", "        meta: {pii: true}\n        quote: true"),
    "column_type_without_contract": swap(MARTS, "        description: Country", "        description: Country\n        data_type: text"),
    "version_added": both(add("models/marts/dim_plan_v3.sql", "select 3 as plan_id\n"), swap(MARTS, "      - v: 2\n", "      - v: 2\n      - v: 3\n")),
    "version_removed": both(drop("models/marts/dim_plan_v1.sql"), swap(MARTS, "      - v: 1\n", "")),
    "version_config": swap(MARTS, "      - v: 1\n", "      - v: 1\n        config: {materialized: view}\n"),
    "version_description": swap(MARTS, "      - v: 1\n", "      - v: 1\n        description: Old\n"),
    "version_renamed_file": both(move("models/marts/dim_plan_v1.sql", "models/marts/plan_old.sql"),
                                 swap(MARTS, "      - v: 1\n", "      - v: 1\n        defined_in: plan_old\n")),
    "version_deprecated": swap(MARTS, "      - v: 1\n", "      - v: 1\n        deprecation_date: 2030-01-01\n"),
    "contract_on_incremental": swap(FCT, "materialized='incremental'", "materialized='incremental', contract={'enforced': false}"),
    "contract_description": swap(MARTS, "data_type: varchar, description: Address", "data_type: varchar, description: Mail"),
    "model_constraint": swap(MARTS, "    config:\n      contract:", "    constraints: [{type: primary_key, columns: [user_id]}]\n    config:\n      contract:"),
    "contract_view": swap(MARTS, "    config:\n      contract:", "    config:\n      materialized: view\n      contract:"),
    "model_to_other_folder_in_marts": move(DIM, "models/marts/people/dim_users.sql"),
    "yaml_moved": move(STG, "models/staging/more.yml"),
    "model_ref_package": swap(FCT, "ref('stg_orders')", "ref('shop', 'stg_orders')"),
    "crlf": swap(DIM, "\n", "\r\n"),
    "non_ascii": add(DIM, "-- \u00e9t\u00e9 \U0001f600\n"),
    # Macros.
    "macro_moved": move("macros/divide.sql", "macros/arithmetic/divide.sql"),
    "macro_whitespace": swap("macros/divide.sql", "{{ a }} / {{ b }}", "{{ a }}  /  {{ b }}"),
    "macro_documented": add("macros/macros.yml", "macros: [{name: divide, description: Divides}]\n"),
    "macro_of_dbt_overridden": add("macros/over.sql", "{% macro test_unique(model, column_name) %}select 1 where false{% endmacro %}\n"),
    "macro_calls_more": swap("macros/money.sql", "{{ divide(column, 100) }}", "{{ divide(column, 100) }}{{ unused() }}"),
    "macro_cycle": both(swap("macros/divide.sql", "{% endmacro %}", "{% if false %}{{ cents(a) }}{% endif %}{% endmacro %}")),
    "generic_test_macro": swap("tests/generic/positive.sql", "< 0", "<= 0"),
    "materialization": add("macros/kind.sql", "{% materialization odd, default %}{{ return({'relations': []}) }}{% endmaterialization %}\n"),
    # A package.
    "package_model": swap(TOOLS + "models/tool_numbers.sql", "as n", "as n, 1 as one"),
    "package_macro": swap(TOOLS + "macros/half.sql", "/ 2", "* 0.5"),
    "package_config": swap(TOOLS + "dbt_project.yml", "from: tools", "from: toolbox"),
    "package_config_from_root": swap(PROJECT, "  tools:\n", "  tools:\n    +materialized: table\n"),
    "package_description": swap(TOOLS + "models/tools.yml", "description: Numbers", "description: Some"),
    "package_source": swap(TOOLS + "models/tools.yml", "{name: things}", "{name: things, identifier: t2}"),
    "package_test": swap(TOOLS + "models/tools.yml", "[not_null]", "[not_null, unique]"),
    "package_gone": lambda files: [files.pop(path) for path in list(files) if path.startswith(TOOLS) or path == "packages.yml"],
    # Seeds.
    "seed_whitespace": add("seeds/countries.csv", "\n\n"),
    "seed_new": add("seeds/colours.csv", "name\nred\n"),
    "seed_moved": move("seeds/countries.csv", "seeds/world/countries.csv"),
    "seed_types": swap(PROJECT, "+quote_columns: false", "+quote_columns: false\n    countries:\n      +column_types: {code: varchar}"),
    "seed_description": add("seeds/seeds.yml", "seeds: [{name: countries, description: All}]\n"),
    "seed_meta": add("seeds/seeds.yml", "seeds: [{name: countries, config: {meta: {a: 1}}}]\n"),
    "seed_delimiter": swap(PROJECT, "+quote_columns: false", "+quote_columns: false\n    +delimiter: ';'"),
    "seed_schema": swap(PROJECT, "+quote_columns: false", "+quote_columns: false\n    +schema: seeds"),
    # Snapshots.
    "snapshot_strategy": swap(SNAPSHOT, "strategy='check', check_cols='all'", "strategy='timestamp', updated_at='user_id'"),
    "snapshot_schema": swap(SNAPSHOT, "target_schema='snap'", "target_schema='snapshots'"),
    "snapshot_new_block": add(SNAPSHOT, "{% snapshot second %}\n{{ config(target_schema='s', unique_key='user_id', strategy='check', check_cols='all') }}\nselect 1 as user_id\n{% endsnapshot %}\n"),
    "snapshot_comment_outside": add(SNAPSHOT, "{# a remark #}\n"),
    "snapshot_yaml_key": swap(SNAPSHOT_YAML, "unique_key: order_id", "unique_key: id"),
    "snapshot_yaml_relation": swap(SNAPSHOT_YAML, "ref('stg_orders')", "ref('stg_users')"),
    "snapshot_yaml_description": swap(SNAPSHOT_YAML, "Orders over time", "Orders"),
    "snapshot_yaml_schema": swap(SNAPSHOT_YAML, "schema: snap,", "schema: snapshots,"),
    # Tests.
    "test_limit": swap(MARTS, "severity: error", "severity: error, limit: 10"),
    "test_error_if": swap(MARTS, "severity: error", "severity: error, error_if: '> 10'"),
    "test_warn_if": swap(MARTS, "severity: error", "severity: error, warn_if: '> 10'"),
    "test_fail_calc": swap(MARTS, "severity: error", "severity: error, fail_calc: 'sum(1)'"),
    "test_store_failures": swap(MARTS, "severity: error", "severity: error, store_failures: true"),
    "test_schema": swap(MARTS, "severity: error", "severity: error, schema: audit"),
    "test_meta": swap(MARTS, "severity: error", "severity: error, meta: {a: 1}"),
    "test_disabled": swap(MARTS, "severity: error", "severity: error, enabled: false"),
    "test_added": swap(STG, "[unique, not_null]", "[unique, not_null, {relationships: {to: ref('stg_users'), field: user_id}}]"),
    "test_named": swap(STG, "[unique, not_null]", "[unique, {not_null: {name: key_is_there}}]"),
    "test_severity_of_folder": add(PROJECT, "data_tests:\n  shop:\n    +severity: warn\n"),
    "test_singular_config": swap("tests/assert_positive.sql", "select", "{{ config(severity='warn') }}\nselect"),
    "test_singular_moved": move("tests/assert_positive.sql", "tests/more/assert_positive.sql"),
    "test_singular_new": add("tests/second.sql", "select * from {{ ref('dim_users') }} where false\n"),
    "test_singular_macro": swap("tests/assert_positive.sql", "amount", "{{ divide('amount', 1) }}"),
    "analysis_moved": move("analyses/top.sql", "analyses/more/top.sql"),
    "analysis_new": add("analyses/second.sql", "select 1\n"),
    "analysis_description": add("analyses/a.yml", "analyses: [{name: top, description: The top}]\n"),
    # Sources.
    "source_database": swap(SOURCES, "    schema: raw_data", "    database: lake\n    schema: raw_data"),
    "source_freshness_off": swap(SOURCES, "freshness: {warn_after: {count: 12, period: hour}}", "freshness: null"),
    "source_freshness_filter": swap(SOURCES, "period: hour}}", "period: hour}, filter: 'x > 1'}"),
    "source_external": swap(SOURCES, "        identifier: app_users", "        identifier: app_users\n        external: {location: 's3://x'}"),
    "source_loader": swap(SOURCES, "    schema: raw_data", "    loader: airbyte\n    schema: raw_data"),
    "source_tags": swap(SOURCES, "    schema: raw_data", "    tags: [x]\n    schema: raw_data"),
    "source_columns": swap(SOURCES, "[{name: id, description: Id}]", "[{name: id, description: Id, data_type: text}]"),
    "source_tests": swap(SOURCES, "[{name: id, description: Id}]", "[{name: id, description: Id, data_tests: [unique]}]"),
    "source_quoting_of_all": swap(SOURCES, "    schema: raw_data", "    quoting: {schema: true}\n    schema: raw_data"),
    "source_disabled": swap(SOURCES, "        identifier: app_users", "        identifier: app_users\n        config: {enabled: true}"),
    "source_event_time": swap(SOURCES, "        identifier: app_users", "        identifier: app_users\n        config: {event_time: updated_at}"),
    "source_file_moved": move(SOURCES, "models/staging/raw/sources.yml"),
    "source_project_config": add(PROJECT, "sources:\n  shop:\n    +meta: {a: 1}\n"),
    "source_renamed": both(swap(SOURCES, "name: users", "name: people"), swap("models/staging/stg_users.sql", "'users'", "'people'")),
    # Exposures.
    "exposure_type": swap(MARTS, "type: dashboard", "type: ml"),
    "exposure_url": swap(MARTS, "maturity: high", "maturity: high\n    url: https://example.com"),
    "exposure_label": swap(MARTS, "maturity: high", "maturity: high\n    label: Weekly"),
    "exposure_maturity": swap(MARTS, "maturity: high", "maturity: low"),
    "exposure_description": swap(MARTS, "maturity: high", "maturity: high\n    description: Numbers"),
    "exposure_tags": swap(MARTS, "maturity: high", "maturity: high\n    tags: [x]"),
    "exposure_config_meta": swap(MARTS, "maturity: high", "maturity: high\n    config: {meta: {a: 1}}"),
    "exposure_enabled": swap(MARTS, "maturity: high", "maturity: high\n    config: {enabled: true}"),
    "exposure_metric": swap(MARTS, "[ref('fct_orders')]", "[ref('fct_orders'), metric('revenue')]"),
    "exposure_source": swap(MARTS, "[ref('fct_orders')]", "[ref('fct_orders'), \"source('raw', 'users')\"]"),
    "exposure_removed": lambda files: files.update({MARTS: files[MARTS][:files[MARTS].index("exposures:")]}),
    # Metrics, semantic models, saved queries.
    "metric_type": swap(METRICS, "    type: simple\n    type_params: {measure: revenue}", "    type: cumulative\n    type_params: {measure: revenue}"),
    "metric_ratio": swap(METRICS, "numerator: orders_de", "numerator: revenue"),
    "metric_expression": swap(METRICS, "expr: now - before", "expr: now / before"),
    "metric_window": swap(METRICS, "offset_window: 1 month", "offset_window: 1 week"),
    "metric_cumulative_window": swap(METRICS, "    type: cumulative\n    type_params: {measure: revenue}", "    type: cumulative\n    type_params: {measure: revenue, window: 7 days}"),
    "metric_filter_removed": swap(METRICS, "    filter: \"{{ Dimension('order__country') }} = 'de'\"\n", ""),
    "metric_fill_nulls": swap(METRICS, "type_params: {measure: order_count}", "type_params: {measure: {name: order_count, fill_nulls_with: 0}}"),
    "metric_config_meta": swap(METRICS, "    label: German orders", "    label: German orders\n    config: {meta: {a: 1}}"),
    "metric_config_group": swap(METRICS, "    label: German orders", "    label: German orders\n    config: {group: finance}"),
    "metric_enabled": swap(METRICS, "    label: German orders", "    label: German orders\n    config: {enabled: true}"),
    "metric_tags": swap(METRICS, "    label: German orders", "    label: German orders\n    tags: [x]"),
    "metric_removed": swap(METRICS, "  - name: revenue_to_date\n    label: To date\n    type: cumulative\n    type_params: {measure: revenue}\n", ""),
    "metric_project_config": add(PROJECT, "metrics:\n  shop:\n    +meta: {a: 1}\n"),
    "semantic_description": swap(METRICS, "    model: ref('fct_orders')", "    model: ref('fct_orders')\n    description: Orders"),
    "semantic_label": swap(METRICS, "    model: ref('fct_orders')", "    model: ref('fct_orders')\n    label: Orders"),
    "semantic_meta": swap(METRICS, "    model: ref('fct_orders')", "    model: ref('fct_orders')\n    config: {meta: {a: 1}}"),
    "semantic_group": swap(METRICS, "    model: ref('fct_orders')", "    model: ref('fct_orders')\n    config: {group: finance}"),
    "semantic_model_of": swap(METRICS, "    model: ref('fct_orders')", "    model: ref('stg_orders')"),
    "semantic_entity": swap(METRICS, "      - {name: order, type: primary, expr: order_id}\n", "      - {name: order, type: primary, expr: order_id}\n      - {name: user, type: foreign, expr: user_id}\n"),
    "semantic_time_granularity": swap(METRICS, "type_params: {time_granularity: day}}", "type_params: {time_granularity: month}}"),
    "measure_description": swap(METRICS, "agg: sum, expr: amount}", "agg: sum, expr: amount, description: All}"),
    "measure_new": swap(METRICS, "      - {name: order_count,", "      - {name: largest, agg: max, expr: amount}\n      - {name: order_count,"),
    "saved_query_description": swap(METRICS, "  - name: by_day\n", "  - name: by_day\n    description: Daily\n"),
    "saved_query_label": swap(METRICS, "  - name: by_day\n", "  - name: by_day\n    label: Daily\n"),
    "saved_query_metrics": swap(METRICS, "      metrics: [revenue]\n", "      metrics: [revenue, orders_de]\n"),
    "saved_query_group_by": swap(METRICS, "'day')", "'month')"),
    "saved_query_export": swap(METRICS, "export_as: table", "export_as: view"),
    "saved_query_export_schema": swap(METRICS, "schema: exports", "schema: exported"),
    "saved_query_export_alias": swap(METRICS, "schema: exports", "schema: exports, alias: days"),
    "saved_query_export_new": swap(METRICS, "      - name: by_day_table\n", "      - name: more\n        config: {export_as: view}\n      - name: by_day_table\n"),
    "saved_query_tags": swap(METRICS, "  - name: by_day\n", "  - name: by_day\n    tags: [x]\n"),
    "saved_query_meta": swap(METRICS, "  - name: by_day\n", "  - name: by_day\n    config: {meta: {a: 1}}\n"),
    "saved_query_enabled": swap(METRICS, "  - name: by_day\n", "  - name: by_day\n    config: {enabled: true}\n"),
    "saved_query_new": add(METRICS, "  - name: another\n    query_params: {metrics: [revenue], group_by: [\"TimeDimension('metric_time', 'day')\"]}\n"),
    # Unit tests.
    "unit_test_input": swap(UNIT, "rows: [{user_id: 1, email: a}]\n    expect", "rows: [{user_id: 3, email: a}]\n    expect"),
    "unit_test_override": add(UNIT, "    overrides: {vars: {floor: 3}}\n"),
    "unit_test_tags": add(UNIT, "    config: {tags: [x]}\n"),
    "unit_test_meta": add(UNIT, "    config: {meta: {a: 1}}\n"),
    "unit_test_renamed": swap(UNIT, "users_pass", "users_go_through"),
    "unit_test_moved": move(UNIT, "models/marts/tests/unit.yml"),
    "unit_test_fixture": both(swap(UNIT, "        rows: [{user_id: 1, email: a}]\n    expect", "        format: csv\n        fixture: people\n    expect"),
                              add("tests/fixtures/people.csv", "user_id,email\n1,a\n")),
    # Functions.
    "function_body": swap("functions/area.sql", "w * h", "h * w"),
    "function_arguments": swap("functions/functions.yml", "name: h, data_type: integer", "name: h, data_type: bigint"),
    "function_returns": swap("functions/functions.yml", "returns: {data_type: integer}", "returns: {data_type: bigint}"),
    "function_description": swap("functions/functions.yml", "Width by height", "Area"),
    "function_config": swap("functions/functions.yml", "volatility: deterministic", "volatility: stable"),
    "function_new": both(add("functions/two.sql", "2\n"), add("functions/functions.yml", "  - name: two\n    returns: {data_type: integer}\n")),
})

FLAG = add(PROJECT, "flags: {state_modified_compare_more_unrendered_values: true}\n")
BIG = add("seeds/big.csv", "id\n" + "1\n" * (1 << 19) + "2\n")
V2_CONTRACT = both(swap(MARTS, "  - name: dim_plan\n", "  - name: dim_plan\n    config: {contract: {enforced: true}}\n    columns: [{name: plan_id, data_type: varchar(3)}]\n"))

# Mutations whose base differs from the plain project too: name -> (base, head on top of it).
PAIRS = {
    "big_seed_contents": (BIG, add("seeds/big.csv", "3\n")),
    "big_seed_shrinks": (BIG, lambda files: files.update({"seeds/big.csv": "id\n1\n"})),
    "big_seed_moves": (BIG, move("seeds/big.csv", "seeds/large/big.csv")),
    "small_seed_grows": (add("seeds/big.csv", "id\n1\n"), lambda files: BIG(files)),
    "versioned_contract_breaks": (V2_CONTRACT, swap(MARTS, "varchar(3)", "integer")),
    "versioned_contract_widens": (V2_CONTRACT, swap(MARTS, "varchar(3)", "varchar(10)")),
    "versioned_contract_goes": (V2_CONTRACT, both(drop("models/marts/dim_plan_v1.sql"), swap(MARTS, "      - v: 1\n", ""))),
    "contract_comes": (swap(MARTS, "enforced: true", "enforced: false"), swap(MARTS, "enforced: false", "enforced: true")),
    "persist_docs_comes": (swap(PROJECT, "relation: true, columns: true", "relation: false, columns: false"),
                           both(swap(PROJECT, "relation: false, columns: false", "relation: true, columns: true"),
                                swap(MARTS, "Orders of users", "All orders"))),
    "flag_config_expression": (FLAG, swap(FCT, "unique_key='order_id'", "unique_key='order' ~ '_id'")),
    "flag_config_variable": (both(FLAG, swap(FCT, "unique_key='order_id'", "unique_key=var('key', 'order_id')")),
                             swap(PROJECT, "floor: 10", "floor: 10\n  key: id")),
    "flag_variable_without": (swap(FCT, "unique_key='order_id'", "unique_key=var('key', 'order_id')"),
                              swap(PROJECT, "floor: 10", "floor: 10\n  key: id")),
    "flag_source_schema": (both(FLAG, swap(SOURCES, "schema: raw_data", "schema: \"{{ var('raw', 'raw_data') }}\"")),
                           swap(PROJECT, "floor: 10", "floor: 10\n  raw: other")),
    "flag_source_schema_same": (both(FLAG, swap(SOURCES, "schema: raw_data", "schema: \"{{ var('raw', 'raw_data') }}\"")),
                                swap(SOURCES, "\"{{ var('raw', 'raw_data') }}\"", "raw_data")),
    "without_flag_source_schema": (swap(SOURCES, "schema: raw_data", "schema: \"{{ var('raw', 'raw_data') }}\""),
                                   swap(PROJECT, "floor: 10", "floor: 10\n  raw: other")),
    "flag_source_database": (FLAG, swap(SOURCES, "    schema: raw_data", "    database: \"{{ target.database }}\"\n    schema: raw_data")),
    "flag_yaml_expression": (FLAG, swap(MARTS, "    config:\n      contract:", "    config:\n      materialized: \"{{ 'table' }}\"\n      contract:")),
    "flag_in_head_only": (lambda files: None, FLAG),
}
