"""Differential test: `layergate render` against what dbt itself compiles.

A small project with the widest Jinja we could think of, compiled by real dbt with DuckDB, then rendered from the
manifest with the compiled code as the measure. Needs a dbt with DuckDB in LAYERGATE_PEERS (or build/peers); without one
it says so and is skipped (exit 77).
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEERS = pathlib.Path(os.environ.get("LAYERGATE_PEERS", ROOT / "build" / "peers"))
BINARY = os.environ.get("LAYERGATE_BINARY", "")

PROJECT = {
    "dbt_project.yml": """
name: wide
version: 1.0.0
profile: wide
vars:
  cents: 100
  names: [a, b]
  nested: "{{ target.name }}_x"
  wide: {own: mine}
models:
  wide:
    marts: {+materialized: table, +schema: marts}
""",
    "profiles.yml": """
wide:
  target: dev
  outputs:
    dev: {type: duckdb, path: "wide.db", schema: main}
""",
    "macros/wide.sql": """
{% macro cents_to_euros(c, digits=2) -%} round({{ c }} / {{ var('cents') }}, {{ digits }}) {%- endmacro %}
{% macro pair() %}{{ return({'k': varargs, 'n': kwargs}) }}{% endmacro %}
{% macro wrap(open='(') %}{{ open }}{{ caller('x', 1) }}){% endmacro %}
{% macro shout(s) %}{{ return(adapter.dispatch('shout', 'wide')(s)) }}{% endmacro %}
{% macro default__shout(s) %}default {{ s | upper }}{% endmacro %}
{% macro duckdb__shout(s) %}duck {{ s | upper }}{% endmacro %}
""",
    "models/src.yml": "version: 2\nsources:\n  - name: raw\n    schema: main\n    tables: [{name: orders}]\n",
    "models/base.sql": "select 1 as id, 'x' as name from {{ source('raw', 'orders') }}",
    "models/eph.sql": "{{ config(materialized='ephemeral') }}\nselect * from {{ ref('base') }}",
    "models/eph2.sql": "{{ config(materialized='ephemeral', alias='other') }}\nselect * from {{ ref('eph') }}",
    "models/uses_eph.sql": "-- first\nwith a as (select 1) select * from {{ ref('eph2') }} join {{ ref('eph') }} using (id)",
    "models/recursive_eph.sql": "with recursive r as (select 1) select * from {{ ref('eph') }}",
    "models/marts/mart.sql": "select {{ cents_to_euros('id') }} as e, '{{ this }}', '{{ this.schema }}' from {{ ref('wide', 'base') }}",
    "models/vars.sql": "select {{ var('cents') + 1 }}, '{{ var('nested') }}', '{{ var('own') }}', '{{ var('none_such', 'd') }}' {% for n in var('names') %}, '{{ n }}'{% endfor %}",
    "models/calls.sql": "{% set p = pair(1, 2, z=3) %}select '{{ p.k | join('-') }}', '{{ p.n }}' {% call(a, b) wrap() %}{{ a }}{{ b }}{% endcall %} {{ shout('s') }}",
    "models/loops.sql": """
{%- set ns = namespace(total=0) -%}
{%- for i in range(1, 10, 3) if i != 4 -%}
{%- set ns.total = ns.total + i -%}
{{ loop.index }}/{{ loop.length }}/{{ loop.revindex }}/{{ loop.first }}/{{ loop.cycle('o', 'e') }}{% if not loop.last %},{% endif %}
{% else %}none{% endfor %}
select {{ ns.total }}
{% for k, v in {'b': 2, 'a': 1} | dictsort %}{{ k }}={{ v }} {% endfor %}
{% for g in [{'t': 1, 'n': 'x'}, {'t': 1, 'n': 'y'}] | groupby('t') %}{{ g.grouper }}:{{ g.list | map(attribute='n') | list }}{% endfor %}
""",
    "models/filters.sql": """select
'{{ ' a b ' | trim | title }}', '{{ 'a,b' .split(',') }}', '{{ [3, 1, 2] | sort(reverse=true) }}', {{ 3.7 | round | int }},
'{{ 'abc'[1:] }}{{ 'abc'[::-1] }}{{ 'abc'[-1] }}', '{{ {'a': [1, none, true]} | tojson }}', '{{ "%s-%03d" | format('a', 7) }}',
'{{ ['a', 'B'] | map('lower') | join }}', '{{ '{} {x}'.format(1, x=2) }}', {{ [1, 2] + [3] }}, '{{ (1, 2) }}', {{ 7 // 2 }}, {{ 7 / 2 }}, {{ 2 ** 3 }},
'{{ 'x' if 1 is odd else 'y' }}', '{{ none is none }}', '{{ undefined_thing }}', '{{ undefined_thing is defined }}', '{{ 1 in [1] and 'a' not in 'b' }}',
'{{ "a" ~ 1 ~ none }}', '{{ [1, 2, 3] | batch(2) | list }}', '{{ 'a' * 3 }}', '{{ ['x', 'y'] | last }}', '{{ {'a': 1}.items() | list }}', '{{ 1e3 }}', '{{ 10 | string | length }}'
""",
    "models/space.sql": "a  {%- if true -%}  b  {%- endif +%}  c\n{# note #}\n{% raw %}{{ raw }}{% endraw %}\n{%- set block -%}  in  {%- endset -%}\n[{{ block }}]{% filter upper %}low{% endfilter %}",
    "models/cross.sql": "select {{ dbt.dateadd('day', 1, 'x') }}, {{ dbt.datediff('a', 'b', 'month') }}, {{ dbt.type_string() }}, {{ dbt.concat(['a', 'b']) }}, {{ dbt.hash('a') }}, {{ dbt.safe_cast('a', api.Column.translate_type('integer')) }}, {{ dbt.listagg('a', \"','\") }}, {{ dbt.date_trunc('day', 'd') }}, {{ dbt.split_part('a', \"'-'\", 1) }}, {{ dbt.any_value('a') }}, {{ dbt.bool_or('a') }}, {{ dbt.last_day('d', 'month') }}, {{ dbt.right('a', 2) }}, {{ dbt.position(\"'a'\", 'b') }}, {{ dbt.string_literal('q') }}, {{ dbt.except() }}, {{ dbt.current_timestamp() }}, {{ dbt.length('a') }}, {{ dbt.replace('a', \"'b'\", \"'c'\") }}, {{ dbt.type_timestamp() }}, {{ dbt.type_numeric() }}",
    "models/incremental.sql": "{{ config(materialized='incremental', unique_key='id') }}\nselect * from {{ ref('base') }} {% if is_incremental() %}where id > (select max(id) from {{ this }}){% endif %} -- {{ config.get('unique_key') }} {{ config.get('nothing', 'd') }} {{ model.name }} {{ execute }}",
    "models/asks.sql": "{% set r = run_query('select 1 as x') %}select {{ r.columns[0].values()[0] if execute else 0 }}",
    "models/bits.sql": "select '{{ target.name }}' as t, '{{ adapter.quote('q') }}', {{ ref('base').include(database=false) }}, {{ ref('base').identifier }}, '{{ ref('base').is_view }}', '{{ ref('base').type }}' {% do log('x') %} {% if flags.FULL_REFRESH %}full{% endif %} {{ modules.datetime.datetime(2020, 1, 2).strftime('%Y') if false else 1 }}",
}


def main():
    dbt = next(iter(sorted(PEERS.glob("dbt*/bin/dbt"))), None)
    if dbt is None:
        print(f"SKIPPED: there is no dbt in {PEERS} (scripts/install_peers dbt)")
        return 77
    with tempfile.TemporaryDirectory(prefix="layergate-render-") as folder:
        for name, text in PROJECT.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        compiled = subprocess.run([dbt, "compile", "--profiles-dir", ".", "--no-version-check"], cwd=folder, text=True,
                                  capture_output=True, check=False)
        if compiled.returncode != 0:
            print(compiled.stdout, compiled.stderr)
            return 1
        got = subprocess.run([BINARY, "render", "--manifest", "target/manifest.json", "--project-dir", ".", "--target",
                              "dev", "--against-compiled"], cwd=folder, text=True, capture_output=True, check=False)
        print(got.stdout, got.stderr)
        models = sum(name.startswith("models/") and name.endswith(".sql") for name in PROJECT)
        not_rendered = re.findall(r"^not rendered +(\S+):", got.stdout, re.M)
        right = (got.returncode == 0 and not_rendered == ["model.wide.asks"]
                 and f"{models - 1} equal, 0 different, 1 not rendered" in got.stdout)
        return 0 if right and as_compiled(folder) else 1


def as_compiled(folder):
    """Without a flag `render` gives each model in the way in which dbt ran: here no incremental table was there."""
    got = subprocess.run([BINARY, "render", "--manifest", "target/manifest.json", "--project-dir", ".", "--target", "dev",
                          "--format", "json"], cwd=folder, text=True, capture_output=True, check=False)
    nodes = json.loads((pathlib.Path(folder) / "target" / "manifest.json").read_text())["nodes"]
    models = json.loads(got.stdout)["models"]
    others = [m["unique_id"] for m in models if m["status"] == "rendered" and
              m["sql"].split() != nodes[m["unique_id"]]["compiled_code"].split()]
    print(f"{len(models)} models rendered as they are, {len(others)} in another way than dbt compiled them: {others}")
    return not others and len(models) > 10


if __name__ == "__main__":
    sys.exit(main())
