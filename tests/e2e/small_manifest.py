"""A manifest for a folder of plain models, made without dbt: enough for tests about git and not about SQL."""
import hashlib
import json
import re


def manifest(files, project="shop"):
    """`files`: path below the project's folder -> text. Knows models with ref('x') and nothing else."""
    nodes = {}
    for path, text in files.items():
        if not (path.startswith("models/") and path.endswith(".sql")):
            continue
        name = path.rsplit("/", 1)[-1][:-len(".sql")]
        raw = text.strip()
        refs = re.findall(r"ref\('(\w+)'\)", raw)
        nodes[f"model.{project}.{name}"] = {
            "unique_id": f"model.{project}.{name}", "resource_type": "model", "package_name": project, "name": name,
            "fqn": [project, *path[len("models/"):-len(".sql")].split("/")], "original_file_path": path,
            "path": path[len("models/"):], "database": "db", "schema": "main", "alias": name,
            "relation_name": f'"db"."main"."{name}"', "language": "sql", "raw_code": raw, "compiled": True,
            "compiled_code": re.sub(r"\{\{ *ref\('(\w+)'\) *\}\}", r'"db"."main"."\1"', raw),
            "checksum": {"name": "sha256", "checksum": hashlib.sha256(raw.encode()).hexdigest()},
            "config": {"materialized": "table", "enabled": True}, "unrendered_config": {}, "columns": {}, "tags": [],
            "meta": {}, "description": "", "refs": [{"name": ref, "package": None, "version": None} for ref in refs],
            "sources": [], "depends_on": {"macros": [], "nodes": [f"model.{project}.{ref}" for ref in refs]}}
    metadata = {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json", "dbt_version": "1.11.0",
                "project_name": project, "adapter_type": "duckdb", "generated_at": "2026-01-01T00:00:00Z",
                "invocation_id": "test"}
    return json.dumps({"metadata": metadata, "nodes": nodes, "sources": {}, "macros": {}, "exposures": {}, "metrics": {},
                       "disabled": {}})
