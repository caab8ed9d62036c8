"""Pull requests as changes of a manifest: which nodes differ on which side."""
import copy
import json
import pathlib

DIALECTS = {"postgres": "postgres", "snowflake": "snowflake", "bigquery": "bigquery", "duckdb": "duckdb",
            "databricks": "databricks", "spark": "spark", "redshift": "redshift", "sqlite": "sqlite"}
SECTIONS = ("nodes", "sources", "metrics", "semantic_models", "exposures", "macros")


class Project:
    def __init__(self, name, manifest, catalog):
        self.name = name
        self.manifest = json.loads(pathlib.Path(manifest).read_text())
        for macro in self.manifest["macros"].values():
            macro["macro_sql"] = ""  # the same on both sides, and most of the bytes
        self.text_of = {s: {k: json.dumps(v) for k, v in self.manifest.get(s, {}).items()} for s in SECTIONS}
        self.rest_text = json.dumps({k: v for k, v in self.manifest.items() if k not in SECTIONS})
        self.manifest_path, self.catalog_path = manifest, catalog
        self.dialect = DIALECTS.get(self.manifest["metadata"].get("adapter_type", ""))
        self.root = self.manifest["metadata"].get("project_name") or next(iter(self.models()))["package_name"]
        self.columns = {}
        if catalog:
            tables = json.loads(pathlib.Path(catalog).read_text())
            for part in ("nodes", "sources"):
                for unique_id, table in tables.get(part, {}).items():
                    ordered = sorted(table["columns"].values(), key=lambda c: c["index"])
                    self.columns[unique_id] = [c["name"] for c in ordered]
        self.by_relation = {}
        for node in list(self.manifest["nodes"].values()) + list(self.manifest["sources"].values()):
            name = (node.get("relation_name") or "").replace('"', "").replace("`", "").lower()
            if name:
                self.by_relation[name] = node["unique_id"]

    def text(self, *changes):
        """The manifest, with the nodes of `changes` ({(section, id): node or None}) in place of its own."""
        body = []
        for section in SECTIONS:
            nodes = dict(self.text_of[section])
            for change in changes:
                for (where, unique_id), node in change.items():
                    if where != section:
                        continue
                    if node is None:
                        nodes.pop(unique_id, None)
                    else:
                        nodes[unique_id] = json.dumps(node)
            body.append(f"{json.dumps(section)}: {{" + ", ".join(f"{json.dumps(k)}: {v}" for k, v in nodes.items()) + "}")
        return self.rest_text[:-1] + ", " + ", ".join(body) + "}"

    def models(self):
        for node in self.manifest["nodes"].values():
            if node["resource_type"] == "model" and node.get("language", "sql") == "sql" and node.get("compiled_code"):
                yield node

    def tests(self):
        for node in self.manifest["nodes"].values():
            if node["resource_type"] == "test" and node.get("test_metadata"):
                yield node

    def node(self, unique_id):
        for section in SECTIONS:
            if unique_id in self.manifest.get(section, {}):
                return self.manifest[section][unique_id]
        return None

    def columns_of(self, table):
        path = ".".join(p.name for p in table.parts).lower()
        return self.columns.get(self.by_relation.get(path, ""), [])

    def children(self, unique_id):
        return [n["unique_id"] for n in self.manifest["nodes"].values()
                if unique_id in (n.get("depends_on") or {}).get("nodes", [])]


def with_sql(node, sql):
    """The model with other SQL, compiled and raw alike where its code lets that be."""
    changed = copy.deepcopy(node)
    raw = changed.get("raw_code", "")
    changed["compiled_code"] = sql
    changed["raw_code"] = raw + "\n-- changed" if "is_incremental" in raw else sql
    changed["checksum"] = {"name": "sha256", "checksum": str(hash(sql))}
    return changed


def edited(node):
    return copy.deepcopy(node)
