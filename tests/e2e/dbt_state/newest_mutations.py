"""Mutations of what dbt 1.10 to 1.12 and the Rust engine brought, of the semantic layer as it is written since 1.12, and of
renamed parts of either semantic layer. A dbt that does not know one of them refuses the project.
"""
from mutations import DIM, FCT, MARTS, METRICS, PROJECT, SOURCES, STG, UNIT, add, both, swap
from project import SEMANTIC_V2, semantic_v2


def v2(*mutations):
    """(base, head) where both sides are written the new way."""
    def base(files):
        if files.get(METRICS) != SEMANTIC_V2:
            semantic_v2(files)
    return base, both(*mutations)


LOADED = swap(SOURCES, "        loaded_at_field: updated_at\n", "        loaded_at_query: select max(at) from {{ this }}\n")
FOREIGN = swap(MARTS, "{name: user_id, data_type: integer}",
               "{name: user_id, data_type: integer, constraints: [{type: foreign_key, to: ref('stg_users'), to_columns: [user_id]}]}")
MICROBATCH = swap(FCT, "config(", "config(incremental_strategy='microbatch', event_time='ordered_at', begin='2026-01-01', batch_size='day', ")
BUILD_AFTER = swap(FCT, "config(", "config(freshness={'build_after': {'count': 1, 'period': 'day'}}, ")
DISPATCHED = both(add("dbt_packages/tools/macros/d.sql",
                      "{% macro third(x) %}{{ return(adapter.dispatch('third', 'tools')(x)) }}{% endmacro %}\n"
                      "{% macro default__third(x) %}{{ x }} / 3{% endmacro %}\n"),
                  swap(DIM, "email", "{{ tools.third(1) }} as email"))
PYTHON_CONFIG = add("models/marts/py.py", "def model(dbt, session):\n    dbt.config(materialized='table', packages=['numpy'])\n    return dbt.ref('stg_users')\n")
VERSIONED_TEST = add(UNIT, "  - name: plan\n    model: dim_plan\n    versions: {include: [1]}\n    given: []\n    expect: {rows: [{plan_id: 1}]}\n")

NEWEST = {
    "new_quoting_of_project": add(PROJECT, "quoting: {identifier: true}\n"),
    "new_constraint_not_enforced": swap(MARTS, "{name: user_id, data_type: integer}",
                                        "{name: user_id, data_type: integer, constraints: [{type: not_null, warn_unenforced: false}]}"),
    "new_version_defined_in": both(swap(MARTS, "      - v: 1\n", "      - v: 1\n        defined_in: dim_plan_v1\n")),
    "new_hook_of_package": add("dbt_packages/tools/dbt_project.yml", "on-run-start: [\"select 7\"]\n"),
    "new_column_of_version": swap(MARTS, "      - v: 1\n", "      - v: 1\n        columns: [{name: plan_id, description: Key}]\n"),
    "new_semantic_model_renamed": swap(METRICS, "  - name: orders\n    model:", "  - name: order_facts\n    model:"),
    "new_metric_renamed": both(swap(METRICS, "  - name: orders_de\n", "  - name: german_orders\n"),
                               swap(METRICS, "numerator: orders_de", "numerator: german_orders")),
}

NEWEST_PAIRS = {
    "new_loaded_at_query": (LOADED, swap(SOURCES, "max(at)", "max(later)")),
    "new_foreign_key_elsewhere": (FOREIGN, swap(MARTS, "ref('stg_users'), to_columns", "ref('stg_orders'), to_columns")),
    "new_microbatch_size": (MICROBATCH, swap(FCT, "batch_size='day'", "batch_size='hour'")),
    "new_microbatch_lookback": (MICROBATCH, swap(FCT, "batch_size='day'", "batch_size='day', lookback=3")),
    "new_build_after": (BUILD_AFTER, swap(FCT, "'count': 1", "'count': 2")),
    "new_dispatch_overridden": (DISPATCHED, both(add("macros/mine.sql", "{% macro default__third(x) %}{{ x }} / 3.0{% endmacro %}\n"),
                                                 add(PROJECT, "dispatch: [{macro_namespace: tools, search_order: [shop, tools]}]\n"))),
    "new_dispatched_edited": (DISPATCHED, swap("dbt_packages/tools/macros/d.sql", "{{ x }} / 3", "{{ x }} / 3.0")),
    "new_python_packages": (PYTHON_CONFIG, swap("models/marts/py.py", "numpy", "pandas")),
    "new_unit_test_versions": (VERSIONED_TEST, swap(UNIT, "include: [1]", "include: [2]")),
    "v2_nothing": v2(),
    "v2_aggregation": v2(swap(METRICS, "agg: sum", "agg: average")),
    "v2_expression": v2(swap(METRICS, "expr: amount", "expr: amount * 2")),
    "v2_filter": v2(swap(METRICS, "= 'de'", "= 'fr'")),
    "v2_type": v2(swap(METRICS, "        type: simple\n        agg: sum\n        expr: amount", "        type: simple\n        agg: count\n        expr: amount")),
    "v2_label": v2(swap(METRICS, "label: Share", "label: Part")),
    "v2_description": v2(swap(METRICS, "Sum of amounts", "Sum")),
    "v2_ratio": v2(swap(METRICS, "numerator: orders_de", "numerator: revenue_to_date")),
    "v2_derived": v2(swap(METRICS, "expr: now - before", "expr: now / before")),
    "v2_offset": v2(swap(METRICS, "1 month", "2 months")),
    "v2_cumulative_window": v2(swap(METRICS, "input_metric: revenue", "input_metric: revenue\n        window: 7 days")),
    "v2_entity": v2(swap(METRICS, "{name: order, type: primary}", "{name: order, type: unique}")),
    "v2_dimension": v2(swap(METRICS, "        dimension: {type: categorical}", "        dimension: {type: categorical, name: land}")),
    "v2_granularity": v2(swap(METRICS, "granularity: day\n", "granularity: month\n")),
    "v2_time": v2(swap(METRICS, "agg_time_dimension: ordered_at", "agg_time_dimension: ordered_at\n    primary_entity: order_line")),
    "v2_metric_new": v2(swap(METRICS, "metrics:\n  - name: share_de", "metrics:\n  - name: share_all\n    label: All\n    type: ratio\n    numerator: revenue\n    denominator: revenue\n  - name: share_de")),
    "v2_metric_enabled": v2(swap(METRICS, "    label: Share\n", "    label: Share\n    config: {enabled: true}\n")),
    "v2_metric_meta": v2(swap(METRICS, "    label: Share\n", "    label: Share\n    config: {meta: {a: 1}}\n")),
    "v2_non_additive": v2(swap(METRICS, "        expr: amount\n", "        expr: amount\n        non_additive_dimension: {name: ordered_at, window_agg: max}\n")),
    "v2_fill_nulls": v2(swap(METRICS, "        expr: order_id\n", "        expr: order_id\n        fill_nulls_with: 1\n")),
    "v2_saved_query": v2(swap(METRICS, "metrics: [revenue]", "metrics: [revenue, orders_de]")),
    "v2_export": v2(swap(METRICS, "schema: exports", "schema: other")),
    "v2_semantic_renamed": v2(swap(METRICS, "{enabled: true, name: orders}", "{enabled: true, name: order_facts}")),
    "v2_metric_renamed": v2(swap(METRICS, "- name: orders_de", "- name: german_orders"), swap(METRICS, "numerator: orders_de", "numerator: german_orders")),
    "v2_semantic_off": v2(swap(METRICS, "{enabled: true, name: orders}", "{enabled: false}")),
    "v2_column_meta": v2(swap(METRICS, "      - name: country\n        dimension", "      - name: country\n        config: {meta: {pii: true}}\n        dimension")),
}

NEWEST_ALSO = {
    "new_loaded_at_query": ("source.shop.raw.users", "freshness"),
    "new_foreign_key_elsewhere": ("model.shop.dim_users", "constraints"),
    "new_metric_renamed": ("metric.shop.share_de", "metric_definition"),
    "more_time_spine": ("model.shop.metricflow_time_spine", "metric_definition"),
    "v2_aggregation": ("metric.shop.revenue", "metric_definition"),
    "v2_expression": ("metric.shop.revenue", "metric_definition"),
    "v2_filter": ("metric.shop.orders_de", "metric_definition"),
    "v2_type": ("metric.shop.revenue", "metric_definition"),
    "v2_ratio": ("metric.shop.share_de", "metric_definition"),
    "v2_derived": ("metric.shop.revenue_growth", "metric_definition"),
    "v2_offset": ("metric.shop.revenue_growth", "metric_definition"),
    "v2_cumulative_window": ("metric.shop.revenue_to_date", "metric_definition"),
    "v2_entity": ("semantic_model.shop.orders", "metric_definition"),
    "v2_dimension": ("semantic_model.shop.orders", "metric_definition"),
    "v2_granularity": ("semantic_model.shop.orders", "metric_definition"),
    "v2_non_additive": ("metric.shop.revenue", "metric_definition"),
    "v2_fill_nulls": ("metric.shop.orders_de", "metric_definition"),
    "v2_saved_query": ("saved_query.shop.by_day", "metric_definition"),
    "v2_column_meta": ("model.shop.fct_payments", "column_meta"),
}

NEWEST_TOLD = {
    "new_semantic_model_renamed": ("semantic_model.shop.order_facts", "renamed", False),
    "new_metric_renamed": ("metric.shop.german_orders", "renamed", False),
    "v2_semantic_renamed": ("semantic_model.shop.order_facts", "renamed", False),
    "v2_metric_renamed": ("metric.shop.german_orders", "renamed", False),
}
