"""More of what happens to the project in a pull request: features that came with dbt 1.8 and later, the less usual places
of a setting, and several ways of writing the same thing. A dbt that does not know one of them refuses the project, and the
mutation is left out for it.
"""
from mutations import DIM, FCT, MARTS, METRICS, PROJECT, SNAPSHOT, SNAPSHOT_YAML, SOURCES, STG, UNIT, add, both, drop, swap

STAGED = "models/staging/stg_users.sql"
COUNTRY = "      - name: country\n        description: Country\n"
CONVERSION = ("  - name: converted\n    label: Converted\n    type: conversion\n    type_params:\n      conversion_type_params:\n"
              "        entity: order\n        calculation: conversion_rate\n        base_measure: {name: revenue}\n"
              "        conversion_measure: {name: order_count}\n        window: 7 days\nsaved_queries:")
PYTHON = add("models/marts/py.py", "def model(dbt, session):\n    dbt.config(materialized='table')\n    return dbt.ref('stg_users')\n")


def config(file, text):
    """One more argument of the file's config()."""
    return swap(file, "config(", f"config({text}, ")


MORE = {
    # Models: settings and the places where they may stand.
    "more_event_time": config(FCT, "event_time='ordered_at'"),
    "more_microbatch": config(FCT, "incremental_strategy='microbatch', event_time='ordered_at', begin='2026-01-01', batch_size='day'"),
    "more_model_freshness": config(FCT, "freshness={'build_after': {'count': 1, 'period': 'day'}}"),
    "more_on_schema_change": config(FCT, "on_schema_change='fail'"),
    "more_full_refresh": config(FCT, "full_refresh=false"),
    "more_sql_header": config(FCT, "sql_header='set a = 1;'"),
    "more_docs_colour": swap(STG, "    meta: {owner: data}", "    meta: {owner: data}\n    docs: {node_color: red}"),
    "more_alias_in_yaml": swap(STG, "    meta: {owner: data}", "    meta: {owner: data}\n    config: {alias: orders_staged}"),
    "more_schema_in_yaml": swap(STG, "    meta: {owner: data}", "    meta: {owner: data}\n    config: {schema: other}"),
    "more_meta_to_config": swap(STG, "    meta: {owner: data}", "    config: {meta: {owner: data}}"),
    "more_meta_in_both": swap(STG, "    meta: {owner: data}", "    meta: {owner: data}\n    config: {meta: {more: 1}}"),
    "more_tags_as_text": swap(STAGED, "tags=['nightly']", "tags='nightly'"),
    "more_access_in_config": swap(MARTS, "    access: public\n    config:\n", "    config:\n      access: public\n"),
    "more_group_in_config": swap(MARTS, "      contract: {enforced: true}", "      contract: {enforced: true}\n      group: finance"),
    "more_enabled_folder": swap(PROJECT, "+materialized: view", "+materialized: view\n      +enabled: true"),
    "more_hook_of_folder": swap(PROJECT, "+materialized: view", "+materialized: view\n      +pre-hook: select 1"),
    "more_hook_as_list": swap(FCT, 'post_hook="select 1"', 'post_hook=["select 1"]'),
    "more_hook_without_transaction": swap(FCT, 'post_hook="select 1"', 'post_hook={"sql": "select 1", "transaction": false}'),
    "more_two_configs": swap(DIM, "select", "{{ config(materialized='view') }}{{ config(tags=['a']) }}\nselect"),
    "more_config_in_if": swap(DIM, "select", "{% if true %}{{ config(materialized='view') }}{% endif %}\nselect"),
    "more_config_from_macro": swap(DIM, "select", "{{ config(materialized=unused()) }}\nselect"),
    "more_unknown_config": swap(MARTS, "      contract: {enforced: true}", "      contract: {enforced: true}\n      my_own_key: {a: [1, 2.5, null]}"),
    "more_config_number": config(FCT, "partitions=3"),
    "more_config_null": config(FCT, "cluster_by=none"),
    "more_description_of_lines": swap(MARTS, "description: Orders of users", "description: |\n      Orders\n      of users"),
    "more_description_quotes": swap(MARTS, "description: Country", "description: \"Country \\u201cof\\u201d\""),
    "more_description_spaces": swap(MARTS, "description: Country", "description: \"Country \""),
    "more_column_twice": swap(MARTS, COUNTRY, COUNTRY + "      - name: Country\n        description: Land\n"),
    "more_foreign_key": swap(MARTS, "{name: user_id, data_type: integer}", "{name: user_id, data_type: integer, constraints: [{type: foreign_key, to: ref('stg_users'), to_columns: [user_id]}]}"),
    "more_type_with_length": swap(MARTS, "data_type: varchar,", "data_type: varchar(20),"),
    "more_type_in_capitals": swap(MARTS, "data_type: varchar,", "data_type: VARCHAR,"),
    "more_alias_types": swap(MARTS, "contract: {enforced: true}", "contract: {enforced: true, alias_types: false}"),
    "more_group_new": add(MARTS, "  - name: monthly\n    type: notebook\n    owner: {email: a@example.com}\n"),
    "more_python": PYTHON,
    "more_ref_of_version": swap(FCT, "where", "and (select count(*) from {{ ref('dim_plan', v=1) }}) > 0 where"),
    "more_time_spine": swap(MARTS, "{name: date_day, granularity: day}", "{name: date_day, granularity: month}"),
    "more_tests_for_data_tests": swap(STG, "data_tests: [unique, not_null]", "tests: [unique, not_null]"),
    "more_yaml_reordered": swap(STG, "  - name: stg_orders\n    description: Orders, one row each\n    meta: {owner: data}\n", "  - meta: {owner: data}\n    description: Orders, one row each\n    name: stg_orders\n"),
    "more_policy_tags": swap(STG, "meta: {pii: true}", "meta: {pii: true}\n        policy_tags: ['projects/p/taxonomies/1/policyTags/2']"),
    "more_masking_policy": swap(STG, "meta: {pii: true}", "meta: {pii: true, masking_policy: mask_text}"),
    "more_masking_in_config": swap(STG, "meta: {pii: true}", "meta: {pii: true}\n        config: {meta: {masking_policy: mask_text}}"),
    "more_classifier": swap(STG, "meta: {pii: true}", "meta: {pii: true}\n        classifiers: [pii.email]"),
    "more_marked_column_new": swap(STG, "      - name: email\n", "      - name: phone\n        meta: {pii: true}\n      - name: email\n"),
    # Tests of everything that can have some.
    "more_test_of_seed": add("seeds/seeds.yml", "seeds: [{name: countries, columns: [{name: code, data_tests: [unique]}]}]\n"),
    "more_test_of_snapshot": add("snapshots/s.yml", "snapshots: [{name: users_snapshot, columns: [{name: user_id, data_tests: [not_null]}]}]\n"),
    "more_test_of_model": swap(MARTS, "    description: Orders of users\n", "    description: Orders of users\n    data_tests: [{positive: {column_name: amount}}]\n"),
    "more_test_description": swap(MARTS, "config: {severity: error}", "config: {severity: error}, description: Always there"),
    "more_test_store_failures_as": swap(MARTS, "severity: error", "severity: error, store_failures_as: view"),
    "more_test_sql_header": swap(MARTS, "severity: error", "severity: error, sql_header: 'set a = 1;'"),
    "more_test_severity_in_capitals": swap(MARTS, "severity: error", "severity: ERROR"),
    "more_test_enabled": swap(MARTS, "severity: error", "severity: error, enabled: true"),
    "more_test_of_folder": add(PROJECT, "data_tests:\n  shop:\n    marts:\n      +store_failures: true\n"),
    "more_test_singular_described": add("tests/t.yml", "data_tests: [{name: assert_positive, description: No debts}]\n"),
    # Sources.
    "more_source_freshness_in_config": swap(SOURCES, "      - name: orders\n", "      - name: orders\n        config: {freshness: {error_after: {count: 1, period: day}}}\n"),
    "more_source_loaded_at_query": swap(SOURCES, "        loaded_at_field: updated_at\n", "        loaded_at_query: select max(updated_at) from {{ this }}\n"),
    "more_source_loaded_at_in_config": swap(SOURCES, "        loaded_at_field: updated_at\n", "        config: {loaded_at_field: updated_at}\n"),
    "more_source_freshness_default": swap(SOURCES, "    schema: raw_data", "    freshness: {error_after: {count: 2, period: day}}\n    loaded_at_field: at\n    schema: raw_data"),
    "more_source_column_tags": swap(SOURCES, "[{name: id, description: Id}]", "[{name: id, description: Id, tags: [pii]}]"),
    "more_source_meta_outside": swap(SOURCES, "    schema: raw_data", "    meta: {a: 1}\n    schema: raw_data"),
    "more_source_external_columns": swap(SOURCES, "        identifier: app_users", "        identifier: app_users\n        external: {location: x, partitions: [{name: p, data_type: date}]}"),
    # Seeds and snapshots.
    "more_seed_types_in_yaml": add("seeds/seeds.yml", "seeds: [{name: countries, config: {column_types: {code: varchar(2)}}}]\n"),
    "more_seed_crlf": swap("seeds/countries.csv", "de,Germany\n", "de,Germany\r\n"),
    "more_seed_without_last_newline": lambda files: files.update({"seeds/countries.csv": files["seeds/countries.csv"].rstrip("\n")}),
    "more_seed_cells_padded": swap("seeds/countries.csv", "de,Germany", "de,  Germany"),
    "more_snapshot_hard_deletes": swap(SNAPSHOT, "check_cols='all'", "check_cols='all', hard_deletes='invalidate'"),
    "more_snapshot_valid_to": swap(SNAPSHOT, "check_cols='all'", "check_cols='all', dbt_valid_to_current=\"date '9999-01-01'\""),
    "more_snapshot_meta_columns": swap(SNAPSHOT, "check_cols='all'", "check_cols='all', snapshot_meta_column_names={'dbt_valid_to': 'ends'}"),
    "more_snapshot_yaml_filter": swap(SNAPSHOT_YAML, "check_cols: [status]", "check_cols: [status, user_id]"),
    # Macros.
    "more_macro_alias_name": add("macros/names.sql", "{% macro generate_alias_name(custom_alias_name=none, node=none) %}{{ node.name }}_x{% endmacro %}\n"),
    "more_macro_dispatched": both(add("macros/d.sql", "{% macro one() %}{{ return(adapter.dispatch('one', 'shop')()) }}{% endmacro %}{% macro default__one() %}1{% endmacro %}\n"),
                                  swap(DIM, "email", "{{ one() }} as email")),
    "more_macro_order": add(PROJECT, "dispatch: [{macro_namespace: dbt, search_order: [shop, dbt]}]\n"),
    "more_macro_materialization": add("macros/view.sql", "{% materialization view, default %}{{ return({'relations': []}) }}{% endmaterialization %}\n"),
    "more_macro_arguments": add("macros/macros.yml", "macros: [{name: divide, arguments: [{name: a, type: integer}]}]\n"),
    # Hooks of the project.
    "more_run_end": add(PROJECT, "on-run-end: [\"select 3\"]\n"),
    "more_run_start_two": swap(PROJECT, '["select 1"]', '["select 1", "select 2"]'),
    "more_run_start_macro": swap(PROJECT, '["select 1"]', '["{{ cents(1) }}"]'),
    # The semantic layer.
    "more_metric_conversion": swap(METRICS, "saved_queries:", CONVERSION),
    "more_metric_join_to_timespine": swap(METRICS, "type_params: {measure: order_count}", "type_params: {measure: {name: order_count, join_to_timespine: true}}"),
    "more_metric_granularity": swap(METRICS, "    label: Growth", "    label: Growth\n    time_granularity: month"),
    "more_metric_grain_to_date": swap(METRICS, "    type: cumulative\n    type_params: {measure: revenue}", "    type: cumulative\n    type_params: {measure: revenue, grain_to_date: month}"),
    "more_metric_filter_list": swap(METRICS, "    filter: \"{{ Dimension('order__country') }} = 'de'\"", "    filter: [\"{{ Dimension('order__country') }} = 'de'\"]"),
    "more_measure_creates_metric": swap(METRICS, "agg: sum, expr: amount}", "agg: sum, expr: amount, create_metric: true}"),
    "more_measure_percentile": swap(METRICS, "agg: sum, expr: amount}", "agg: percentile, expr: amount, agg_params: {percentile: 0.5}}"),
    "more_measure_non_additive": swap(METRICS, "agg: sum, expr: amount}", "agg: sum, expr: amount, non_additive_dimension: {name: ordered_at, window_choice: max}}"),
    "more_dimension_label": swap(METRICS, "{name: country, type: categorical}", "{name: country, type: categorical, label: Country}"),
    "more_dimension_meta": swap(METRICS, "{name: country, type: categorical}", "{name: country, type: categorical, config: {meta: {a: 1}}}"),
    "more_semantic_enabled": swap(METRICS, "    model: ref('fct_orders')", "    model: ref('fct_orders')\n    config: {enabled: true}"),
    "more_semantic_default_time": swap(METRICS, "      - {name: country, type: categorical}\n", "      - {name: day, type: time, expr: ordered_at, type_params: {time_granularity: day}}\n      - {name: country, type: categorical}\n"),
    "more_saved_query_cache": swap(METRICS, "  - name: by_day\n", "  - name: by_day\n    config: {cache: {enabled: true}}\n"),
    "more_saved_query_limit": swap(METRICS, "      metrics: [revenue]\n", "      metrics: [revenue]\n      limit: 10\n"),
    "more_saved_query_order": swap(METRICS, "      metrics: [revenue]\n", "      metrics: [revenue]\n      order_by: [\"Metric('revenue')\"]\n"),
    # Unit tests.
    "more_unit_test_enabled": add(UNIT, "    config: {enabled: true}\n"),
    "more_unit_test_of_version": add(UNIT, "  - name: plan\n    model: dim_plan\n    versions: {include: [1]}\n    given: []\n    expect: {rows: [{plan_id: 1}]}\n"),
    "more_unit_test_as_csv": swap(UNIT, "    expect:\n      rows: [{user_id: 1, email: a}]", "    expect:\n      format: csv\n      rows: |\n        user_id,email\n        1,a"),
    "more_unit_test_macro": add(UNIT, "    overrides: {macros: {divide: 1}}\n"),
    # Exposures.
    "more_exposure_owner_meta": swap(MARTS, "owner: {name: Ann, email: ann@example.com}", "owner: {name: Ann, email: ann@example.com, slack: '#a'}"),
    "more_exposure_parents_reordered": swap(MARTS, "[ref('fct_orders')]", "[ref('fct_orders'), ref('fct_orders')]"),
    # Functions.
    "more_function_default": swap("functions/functions.yml", "{name: h, data_type: integer}", "{name: h, data_type: integer, default_value: '1'}"),
    "more_function_moved": lambda files: files.update({"functions/more/area.sql": files.pop("functions/area.sql")}),
    "more_function_used": swap(DIM, "email", "{{ function('area') }}(1, 2) as email"),
    # Variables.
    "more_var_in_config": swap(PROJECT, "+materialized: view", "+materialized: view\n      +cluster_by: \"{{ var('floor') }}\""),
    "more_var_file": both(swap(PROJECT, "vars:\n  floor: 10\n", ""), add("vars.yml", "vars:\n  floor: 10\n")),
}

MORE_PAIRS = {
    "more_python_edited": (PYTHON, swap("models/marts/py.py", "return dbt", "# all of them\n    return dbt")),
    "more_conversion_window": (swap(METRICS, "saved_queries:", CONVERSION), swap(METRICS, "window: 7 days", "window: 14 days")),
    "more_disabled_comes_back": (swap("analyses/top.sql", "select", "{{ config(enabled=false) }} select"),
                                 swap("analyses/top.sql", "{{ config(enabled=false) }} select", "select")),
    "more_naming_macro_edited": (add("macros/names.sql", "{% macro generate_schema_name(custom, node) %}a{% endmacro %}\n"),
                                 swap("macros/names.sql", "%}a{%", "%}b{%")),
    "more_view_macro_edited": (add("macros/view.sql", "{% materialization view, default %}{{ return({'relations': []}) }}{% endmaterialization %}\n"),
                               swap("macros/view.sql", "[]", "[ ]")),
    "more_two_groups": (add("models/g.yml", "groups: [{name: sales, owner: {name: S}}]\n"),
                        swap("models/g.yml", "owner: {name: S}", "owner: {name: T}, description: x")),
    "more_seed_becomes_model": (add("seeds/kinds.csv", "kind\na\n"), both(drop("seeds/kinds.csv"), add("models/kinds.sql", "select 'a' as kind\n"))),
    "more_flag_meta_jinja": (add(PROJECT, "flags: {state_modified_compare_more_unrendered_values: true}\n"),
                             swap(STG, "owner: data", "owner: \"{{ target.name }}\"")),
}
