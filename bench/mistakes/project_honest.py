"""Operators of honest changes outside of a query. None of them may block."""
import hashlib

import sqlglot
from sqlglot import exp

from manifests import edited, with_sql
from project_mistakes import PullRequest, attached

OPERATORS = {}


def operator(name):
    def register(function):
        OPERATORS[name] = function
        return function
    return register


def model_edits(project, change):
    for node in project.models():
        changed = edited(node)
        if change(changed) is not False:
            yield PullRequest(node["unique_id"], head={("nodes", node["unique_id"]): changed})


@operator("a model's description")
def _(project):
    def change(node):
        node["description"] = (node.get("description") or "") + " Reviewed by the data team; amounts are in euros."
    yield from model_edits(project, change)


@operator("columns described")
def _(project):
    def change(node):
        if not node["columns"]:
            return False
        for column in node["columns"].values():
            column["description"] = f"{column['name']}, as the source gives it."
    yield from model_edits(project, change)


@operator("columns of the YAML in another order")
def _(project):
    def change(node):
        if len(node["columns"]) < 2:
            return False
        node["columns"] = dict(reversed(list(node["columns"].items())))
    yield from model_edits(project, change)


@operator("a tag and an owner")
def _(project):
    def change(node):
        node["tags"] = list(node.get("tags") or []) + ["finance"]
        node["config"]["tags"] = node["tags"]
        node["meta"] = dict(node.get("meta") or {}, owner="finance")
        node["config"]["meta"] = node["meta"]
    yield from model_edits(project, change)


@operator("a comment in the template")
def _(project):
    def change(node):
        node["raw_code"] = "{# the grain is one row a key #}\n" + node["raw_code"]
    yield from model_edits(project, change)


@operator("a macro pulled out")
def _(project):
    for node in project.models():
        changed = edited(node)
        changed["raw_code"] = "-- {{ house_style() }}\n" + node["raw_code"]
        macro_id = f"macro.{node['package_name']}.house_style"
        changed["depends_on"]["macros"] = list(node["depends_on"].get("macros", [])) + [macro_id]
        macro = {"name": "house_style", "resource_type": "macro", "package_name": node["package_name"], "path": "macros/house_style.sql",
                 "original_file_path": "macros/house_style.sql", "unique_id": macro_id,
                 "macro_sql": "{% macro house_style() %}see the style guide{% endmacro %}", "depends_on": {"macros": []},
                 "description": "", "meta": {}, "docs": {"show": True}, "patch_path": None, "arguments": [], "supported_languages": None}
        yield PullRequest(node["unique_id"], head={("nodes", node["unique_id"]): changed, ("macros", macro_id): macro})


def test_of(node, kind, column):
    digest = hashlib.md5(f"{node['name']}{kind}{column}".encode()).hexdigest()[:10]
    name = f"{kind}_{node['name']}_{column}"
    return {"database": node["database"], "schema": node["schema"] + "_dbt_test__audit", "name": name, "resource_type": "test",
            "package_name": node["package_name"], "path": name + ".sql", "original_file_path": "models/schema.yml",
            "unique_id": f"test.{node['package_name']}.{name}.{digest}", "fqn": [node["package_name"], name], "alias": name,
            "checksum": {"name": "none", "checksum": ""}, "config": {"severity": "ERROR", "enabled": True}, "tags": [], "description": "",
            "columns": {}, "meta": {}, "unrendered_config": {}, "raw_code": "{{ test_%s(**_dbt_generic_test_kwargs) }}" % kind,
            "language": "sql", "refs": [{"name": node["name"], "package": None, "version": None}], "sources": [], "metrics": [],
            "depends_on": {"macros": [f"macro.dbt.test_{kind}"], "nodes": [node["unique_id"]]}, "column_name": column,
            "file_key_name": f"models.{node['name']}", "attached_node": node["unique_id"],
            "test_metadata": {"name": kind, "kwargs": {"column_name": column, "model": "{{ get_where_subquery(ref('%s')) }}" % node["name"]}, "namespace": None}}


@operator("a test more")
def _(project):
    for node in project.models():
        columns = list(node["columns"]) or project.columns.get(node["unique_id"], [])
        if columns:
            test = test_of(node, "not_null", columns[-1].lower())
            if test["unique_id"] not in project.manifest["nodes"] and not any(
                    attached(t) == node["unique_id"] and t.get("column_name") == test["column_name"] for t in project.tests()):
                yield PullRequest(node["unique_id"], head={("nodes", test["unique_id"]): test})


@operator("a stricter test")
def _(project):
    for test in project.tests():
        if attached(test).startswith("model.") and str(test["config"].get("severity", "")).upper() == "WARN":
            changed = edited(test)
            changed["config"]["severity"] = "ERROR"
            yield PullRequest(attached(test), head={("nodes", test["unique_id"]): changed})


@operator("a new model on top")
def _(project):
    for node in project.models():
        if not node.get("relation_name"):
            continue
        new = edited(node)
        new["name"] = new["alias"] = node["name"] + "_weekly"
        new["unique_id"] = f"model.{node['package_name']}.{new['name']}"
        new["original_file_path"] = node["original_file_path"].replace(node["name"] + ".sql", new["name"] + ".sql")
        new["path"] = node["path"].replace(node["name"] + ".sql", new["name"] + ".sql")
        new["fqn"] = node["fqn"][:-1] + [new["name"]]
        new["relation_name"] = node["relation_name"].replace(node["name"], new["name"])
        new["raw_code"] = "select count(*) as row_count from {{ ref('%s') }}" % node["name"]
        new["compiled_code"] = f"select count(*) as row_count from {node['relation_name']}"
        new["columns"], new["patch_path"] = {}, None
        new["config"] = dict(node["config"], materialized="view", unique_key=None)
        new["refs"] = [{"name": node["name"], "package": None, "version": None}]
        new["sources"], new["depends_on"] = [], {"macros": [], "nodes": [node["unique_id"]]}
        test = test_of(new, "not_null", "row_count")
        yield PullRequest(new["unique_id"], head={("nodes", new["unique_id"]): new, ("nodes", test["unique_id"]): test})


@operator("an exposure more")
def _(project):
    for node in project.models():
        exposure_id = f"exposure.{node['package_name']}.weekly_board"
        exposure = {"name": "weekly_board", "resource_type": "exposure", "package_name": node["package_name"], "path": "exposures.yml",
                    "original_file_path": "models/exposures.yml", "unique_id": exposure_id, "fqn": [node["package_name"], "weekly_board"],
                    "type": "dashboard", "owner": {"name": "finance", "email": None}, "description": "", "label": None, "maturity": "high",
                    "meta": {}, "tags": [], "config": {"enabled": True}, "url": None, "refs": [], "sources": [], "metrics": [],
                    "depends_on": {"macros": [], "nodes": [node["unique_id"]]}, "created_at": 1.0}
        yield PullRequest(exposure_id, head={("exposures", exposure_id): exposure})


@operator("a metric's description and label")
def _(project):
    for unique_id, metric in project.manifest.get("metrics", {}).items():
        changed = edited(metric)
        changed["description"] = (metric.get("description") or "") + " Finance owns it."
        yield PullRequest(unique_id, head={("metrics", unique_id): changed})


@operator("a filter of a metric formatted")
def _(project):
    for unique_id, metric in project.manifest.get("metrics", {}).items():
        changed = edited(metric)
        for each in (changed.get("filter") or {}).get("where_filters", []):
            each["where_sql_template"] = "\n  " + each["where_sql_template"].replace("{{ ", "{{").replace(" }}", "}}") + "\n"
            yield PullRequest(unique_id, head={("metrics", unique_id): changed})
            break


@operator("another schema for the pull request's build")
def _(project):
    """The head is compiled for the pull request's own schema, as CI does; nothing else differs."""
    for node in list(project.models())[:4]:  # each copies the whole project
        renamed = {}
        for each in project.manifest["nodes"].values():
            name, schema = each.get("relation_name"), each.get("schema")
            if name and schema and len(schema) > 2 and each["resource_type"] == "model":
                parts = name.rsplit(schema, 1) if name.count(schema) == 1 else None
                if parts:
                    renamed[name] = f"{parts[0]}pr_7_{schema}{parts[1]}"
        if len(renamed) < 2 or node["relation_name"] not in renamed:
            continue
        head = {}
        for each in project.manifest["nodes"].values():
            changed = edited(each)
            if each.get("relation_name") in renamed:
                changed["schema"] = "pr_7_" + each["schema"]
                changed["relation_name"] = renamed[each["relation_name"]]
            sql = each.get("compiled_code")
            for name in sorted(renamed, key=len, reverse=True) if sql else []:
                if name in sql:
                    sql = sql.replace(name, renamed[name])
            if sql:
                changed["compiled_code"] = sql
            head[("nodes", each["unique_id"])] = changed
        target = head[("nodes", node["unique_id"])]
        target["raw_code"] += "\n-- reviewed"
        yield PullRequest(node["unique_id"], head=head)
