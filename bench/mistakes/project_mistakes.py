"""Operators of mistakes outside of a query: marks of personal data, refs, metrics, tests, contracts, hooks.

An operator gets a project and gives pull requests: what the base holds besides the project (marks that the project
lacks), what the head changes, which node is judged, and what should be said about it.
"""
import re
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp

from manifests import edited, with_sql
from mistakes import Expect, body, final_select, outputs

PERSONAL = {"meta": {"pii": True}}


@dataclass
class PullRequest:
    subject: str
    expect: object = None  # Expect, or None for an honest change
    head: dict = field(default_factory=dict)
    base: dict = field(default_factory=dict)  # laid under both sides


OPERATORS = {}


def operator(name):
    def register(function):
        OPERATORS[name] = function
        return function
    return register


def expect(*names, column=""):
    return Expect(tuple(names), column)


# --- personal data -------------------------------------------------------------------------------

def marked(node, column):
    node = edited(node)
    column = next((name for name in node["columns"] if name.lower() == column.lower()), column)
    entry = node["columns"].setdefault(column, {"name": column, "description": "", "meta": {}, "data_type": None,
                                                "quote": None, "tags": [], "constraints": []})
    entry["meta"] = dict(entry.get("meta") or {}, pii=True)
    if "config" in entry:
        entry["config"] = dict(entry["config"] or {}, meta=dict((entry["config"] or {}).get("meta") or {}, pii=True))
    return node


def carried(project):
    """(parent, parent's column, model, output): a model passes on a column of one of its parents as it is."""
    for node in project.models():
        try:
            tree = sqlglot.parse_one(node["compiled_code"], read=project.dialect)
        except Exception:
            continue
        select = final_select(tree)
        from_ = select.args.get("from_") if select else None
        if from_ is None or tree.args.get("with_") or select.args.get("joins") or not isinstance(from_.this, exp.Table):
            continue
        parent_id = project.by_relation.get(".".join(p.name for p in from_.this.parts).lower())
        parent = project.node(parent_id) if parent_id else None
        if parent is None or select.args.get("group") or select.args.get("distinct"):
            continue
        for projection in outputs(tree):
            column = body(projection)
            if isinstance(column, exp.Column) and not column.args.get("db"):
                yield parent, column.name, node, projection.alias_or_name


def section_of(node):
    return "sources" if node["resource_type"] == "source" else "nodes"


def marks(parent, column, node, output, and_node=True):
    base = {(section_of(parent), parent["unique_id"]): marked(parent, column)}
    if and_node:
        base[("nodes", node["unique_id"])] = marked(node, output)
    return base


@operator("a mark taken off")
def _(project):
    for parent, column, node, output in carried(project):
        head = {("nodes", node["unique_id"]): edited(node)}
        yield PullRequest(node["unique_id"], expect("pii_carry_over.mark_removed", "pii_carry_over.lost_mark", column=output),
                          head, marks(parent, column, node, output))


def sql_of(project, node):
    return sqlglot.parse_one(node["compiled_code"], read=project.dialect)


@operator("a marked column renamed, its mark left behind")
def _(project):
    for parent, column, node, output in carried(project):
        tree = sql_of(project, node)
        for projection in outputs(tree):
            if projection.alias_or_name == output:
                projection.replace(exp.alias_(body(projection).copy(), "contact_ref"))
                break
        changed = with_sql(marked(node, output), tree.sql(project.dialect, pretty=True))
        yield PullRequest(node["unique_id"], expect("pii_carry_over.lost_mark", column="contact_ref"),
                          {("nodes", node["unique_id"]): changed}, marks(parent, column, node, output))


def exposed(project, make, said="pii_carry_over.lost_mark"):
    for parent, column, node, output in carried(project):
        tree = sql_of(project, node)
        value = [body(p) for p in outputs(tree) if p.alias_or_name == output][0]
        final_select(tree).append("expressions", exp.alias_(make(value.copy()), "extra_info"))
        changed = with_sql(marked(node, output), tree.sql(project.dialect, pretty=True))
        yield PullRequest(node["unique_id"], expect(said, column="extra_info"),
                          {("nodes", node["unique_id"]): changed}, marks(parent, column, node, output))


@operator("personal data under a second name")
def _(project):
    yield from exposed(project, lambda c: c)


@operator("personal data in upper case")
def _(project):
    yield from exposed(project, lambda c: exp.Upper(this=exp.Cast(this=c, to=exp.DataType.build("text"))))


@operator("personal data in a concatenation")
def _(project):
    yield from exposed(project, lambda c: exp.DPipe(this=exp.Literal.string("x-"), expression=exp.Cast(this=c, to=exp.DataType.build("text"))))


@operator("personal data behind an unkeyed hash")
def _(project):
    yield from exposed(project, lambda c: exp.MD5(this=exp.Cast(this=c, to=exp.DataType.build("text"))))


@operator("personal data in a CASE")
def _(project):
    yield from exposed(project, lambda c: exp.Case(ifs=[exp.If(this=exp.Not(this=exp.Is(this=c.copy(), expression=exp.Null())), true=c)]))


@operator("a hash taken off")
def _(project):
    for parent, column, node, output in carried(project):
        tree = sql_of(project, node)
        value = [p for p in outputs(tree) if p.alias_or_name == output][0]
        hashed = exp.Anonymous(this="sha256", expressions=[body(value).copy()])
        value.replace(exp.alias_(hashed, output))
        before = with_sql(node, tree.sql(project.dialect, pretty=True))
        base = {(section_of(parent), parent["unique_id"]): marked(parent, column), ("nodes", node["unique_id"]): before}
        yield PullRequest(node["unique_id"], expect("pii_carry_over.lost_mark", column=output),
                          {("nodes", node["unique_id"]): edited(node)}, base)


# --- refs and sources ----------------------------------------------------------------------------

REF = re.compile(r"\{\{\s*ref\(\s*['\"]([\w]+)['\"]\s*\)\s*\}\}")
SOURCE = re.compile(r"\{\{\s*source\(\s*['\"]([\w]+)['\"]\s*,\s*['\"]([\w]+)['\"]\s*\)\s*\}\}")


def parent_by_name(project, node, name):
    for unique_id in node["depends_on"]["nodes"]:
        parent = project.node(unique_id)
        if parent is not None and parent["name"] == name and parent.get("relation_name"):
            return parent
    return None


@operator("a relation written out for a ref")
def _(project):
    for node in project.models():
        match = REF.search(node["raw_code"])
        parent = match and parent_by_name(project, node, match.group(1))
        if not parent or parent["resource_type"] == "source":
            continue
        changed = edited(node)
        changed["raw_code"] = node["raw_code"].replace(match.group(0), parent["relation_name"])
        if REF.search(changed["raw_code"]) and match.group(1) in REF.findall(changed["raw_code"]):
            continue
        changed["refs"] = [r for r in node["refs"] if (r["name"] if isinstance(r, dict) else r[-1]) != match.group(1)]
        changed["depends_on"]["nodes"] = [i for i in node["depends_on"]["nodes"] if i != parent["unique_id"]]
        yield PullRequest(node["unique_id"], expect("compile.hard_coded_relation"), {("nodes", node["unique_id"]): changed})


@operator("a ref to a model that does not exist")
def _(project):
    for node in project.models():
        match = REF.search(node["raw_code"])
        if not match:
            continue
        changed, made_up = edited(node), match.group(1).replace("stg_", "stg__") + "_final"
        changed["raw_code"] = node["raw_code"].replace(match.group(0), "{{ ref('%s') }}" % made_up)
        changed["refs"] = [{"name": made_up, "package": None, "version": None}]
        changed["depends_on"]["nodes"] = []
        for key in ("compiled_code", "compiled"):
            changed.pop(key, None)
        yield PullRequest(node["unique_id"], expect("compile.unresolved_ref"), {("nodes", node["unique_id"]): changed})


@operator("a source that is not declared")
def _(project):
    for node in project.models():
        match = SOURCE.search(node["raw_code"])
        if not match:
            continue
        changed, table = edited(node), match.group(2) + "_raw"
        changed["raw_code"] = node["raw_code"].replace(match.group(0), "{{ source('%s', '%s') }}" % (match.group(1), table))
        changed["sources"] = [[match.group(1), table]]
        changed["depends_on"]["nodes"] = []
        for key in ("compiled_code", "compiled"):
            changed.pop(key, None)
        yield PullRequest(node["unique_id"], expect("compile.unresolved_source"), {("nodes", node["unique_id"]): changed})


@operator("a macro that does not exist")
def _(project):
    for node in project.models():
        if "{{" not in node["raw_code"]:
            continue
        changed = edited(node)
        changed["raw_code"] = node["raw_code"] + "\n-- {{ safe_divide_by('a', 'b') }}\nwhere {{ only_live_rows('x') }}"
        for key in ("compiled_code", "compiled"):
            changed.pop(key, None)
        yield PullRequest(node["unique_id"], expect("compile.unresolved_macro"), {("nodes", node["unique_id"]): changed})


@operator("a ref to another model")
def _(project):
    for node in project.models():
        names = [p for p in node["depends_on"]["nodes"] if p.startswith("model.")]
        for old_id in names[:1]:
            old = project.node(old_id)
            for other in project.models():
                if other["unique_id"] in names or other["unique_id"] == node["unique_id"]:
                    continue
                if other["relation_name"] and old["relation_name"] and old["relation_name"] in node["compiled_code"]:
                    changed = edited(node)
                    changed["compiled_code"] = node["compiled_code"].replace(old["relation_name"], other["relation_name"])
                    changed["raw_code"] = changed["compiled_code"]
                    changed["depends_on"]["nodes"] = [other["unique_id"] if i == old_id else i for i in node["depends_on"]["nodes"]]
                    yield PullRequest(node["unique_id"], expect(
                        "lineage_diff.column_resourced", "lineage_diff.relation_changed", "compile.unknown_column",
                        "lineage_diff.row_set_changed", "lineage_diff.join_condition_changed", "lineage_diff.join_added"),
                        {("nodes", node["unique_id"]): changed})
                    break


# --- metrics -------------------------------------------------------------------------------------

def metric_edits(project, section, change, *said):
    for unique_id, node in project.manifest.get(section, {}).items():
        changed = edited(node)
        if change(changed):
            yield PullRequest(unique_id, expect(*said), {(section, unique_id): changed})


@operator("a measure with another aggregate")
def _(project):
    def change(node):
        for measure in node["measures"]:
            measure["agg"] = "average" if measure["agg"] == "sum" else "sum"
            return True
    yield from metric_edits(project, "semantic_models", change, "metric_definition_review.changed")


@operator("a measure over another column")
def _(project):
    def change(node):
        for measure in node["measures"]:
            measure["expr"] = (measure["expr"] or measure["name"]) + "_v2"
            return True
    yield from metric_edits(project, "semantic_models", change, "metric_definition_review.changed")


@operator("a measure on another clock")
def _(project):
    def change(node):
        if node.get("defaults") and node["defaults"].get("agg_time_dimension"):
            node["defaults"]["agg_time_dimension"] = "updated_at"
            return True
    yield from metric_edits(project, "semantic_models", change, "metric_definition_review.changed")


@operator("a metric's filter dropped")
def _(project):
    def change(node):
        if node.get("filter"):
            node["filter"] = None
            return True
    yield from metric_edits(project, "metrics", change, "metric_definition_review.changed")


@operator("a metric's filter turned round")
def _(project):
    def change(node):
        for each in (node.get("filter") or {}).get("where_filters", []):
            text = each["where_sql_template"]
            each["where_sql_template"] = text.replace("<>", "=") if "<>" in text else text.replace("=", "<>", 1)
            return each["where_sql_template"] != text
    yield from metric_edits(project, "metrics", change, "metric_definition_review.changed")


@operator("a metric of another measure")
def _(project):
    def change(node):
        measure = node["type_params"].get("measure")
        if measure:
            measure["name"] = measure["name"] + "_gross"
            node["type_params"]["input_measures"] = [dict(measure)]
            return True
    yield from metric_edits(project, "metrics", change, "metric_definition_review.changed")


@operator("a ratio upside down")
def _(project):
    def change(node):
        parameters = node["type_params"]
        if parameters.get("numerator"):
            parameters["numerator"], parameters["denominator"] = parameters["denominator"], parameters["numerator"]
            return True
    yield from metric_edits(project, "metrics", change, "metric_definition_review.changed")


@operator("a window of a metric")
def _(project):
    def change(node):
        parameters = node["type_params"]
        if node["type"] == "cumulative":
            parameters["cumulative_type_params"] = dict(parameters.get("cumulative_type_params") or {}, window={"count": 7, "granularity": "day"})
            parameters["window"] = {"count": 7, "granularity": "day"}
            return True
    yield from metric_edits(project, "metrics", change, "metric_definition_review.changed")


@operator("a metric's column from another column")
def _(project):
    for unique_id, semantic in project.manifest.get("semantic_models", {}).items():
        for model_id in semantic["depends_on"]["nodes"]:
            node = project.node(model_id)
            if node is None or not node.get("compiled_code"):
                continue
            measured = {(m["expr"] or m["name"]).lower() for m in semantic["measures"]}
            tree = sql_of(project, node)
            plain = [p for p in outputs(tree) if isinstance(body(p), exp.Column)]
            for projection in plain:
                if projection.alias_or_name.lower() not in measured:
                    continue
                for other in plain:
                    if body(other).name != body(projection).name and body(other).table == body(projection).table:
                        projection.replace(exp.alias_(body(other).copy(), projection.alias_or_name))
                        changed = with_sql(node, tree.sql(project.dialect, pretty=True))
                        yield PullRequest(model_id, expect("metric_definition_review.changed_underneath",
                                                           "metric_definition_review.recomputed_underneath"),
                                          {("nodes", model_id): changed})
                        break
                break


# --- tests ---------------------------------------------------------------------------------------

def attached(test):
    return test.get("attached_node") or next((i for i in test["depends_on"]["nodes"] if i.startswith("model.")), "")


def test_edits(project, change, *said):
    for test in project.tests():
        if not attached(test).startswith("model."):
            continue
        changed = edited(test)
        if change(changed):
            yield PullRequest(attached(test), expect(*said), {("nodes", test["unique_id"]): changed})


@operator("a test removed")
def _(project):
    for test in project.tests():
        if attached(test).startswith("model."):
            yield PullRequest(attached(test), expect("test_weakening.removed", "test_weakening.key_unguarded"),
                              {("nodes", test["unique_id"]): None})


@operator("a test that only warns")
def _(project):
    def change(test):
        if str(test["config"].get("severity", "ERROR")).upper() == "ERROR":
            test["config"]["severity"] = "warn"
            test.setdefault("unrendered_config", {})["severity"] = "warn"
            return True
    yield from test_edits(project, change, "test_weakening.severity")


@operator("a test that passes over rows")
def _(project):
    def change(test):
        test["config"]["where"] = "created_at > '2024-01-01'"
        test.setdefault("unrendered_config", {})["where"] = "created_at > '2024-01-01'"
        return True
    yield from test_edits(project, change, "test_weakening.where", "test_weakening.body")


@operator("a test that lets some rows fail")
def _(project):
    def change(test):
        test["config"]["error_if"] = "> 100"
        test.setdefault("unrendered_config", {})["error_if"] = "> 100"
        return True
    yield from test_edits(project, change, "test_weakening.threshold")


@operator("one more accepted value")
def _(project):
    for test in project.tests():
        if test["test_metadata"]["name"] != "accepted_values" or not attached(test).startswith("model."):
            continue
        changed = edited(test)
        arguments = changed["test_metadata"]["kwargs"]
        arguments = arguments.get("arguments", arguments)
        arguments["values"] = list(arguments["values"]) + ["unknown_status"]
        new_id = test["unique_id"][:-3] + "abc"
        changed["unique_id"] = new_id
        yield PullRequest(attached(test), expect("test_weakening.values"),
                          {("nodes", test["unique_id"]): None, ("nodes", new_id): changed})


# --- promises and hooks --------------------------------------------------------------------------

def contract(node, enforced=True):
    node = edited(node)
    node["contract"] = {"enforced": enforced, "alias_types": True, "checksum": None}
    node["config"]["contract"] = {"enforced": enforced, "alias_types": True}
    node["access"] = "public"
    for column in node["columns"].values():
        column["data_type"] = column.get("data_type") or "numeric(18,2)"
    return node


@operator("a contract switched off")
def _(project):
    for node in project.models():
        if node["columns"]:
            base, head = contract(node), contract(node, enforced=False)
            yield PullRequest(node["unique_id"], expect("contract_break.contract_removed"),
                              {("nodes", node["unique_id"]): head}, {("nodes", node["unique_id"]): base})


@operator("a promised type narrowed")
def _(project):
    for node in project.models():
        if node["columns"]:
            base, head = contract(node), contract(node)
            column = next(iter(base["columns"]))
            base["columns"][column]["data_type"] = "numeric(18,2)"
            head["columns"][column]["data_type"] = "numeric(8,2)"
            yield PullRequest(node["unique_id"], expect("contract_break.type_narrowed"),
                              {("nodes", node["unique_id"]): head}, {("nodes", node["unique_id"]): base})


@operator("access narrowed")
def _(project):
    for node in project.models():
        base, head = contract(node), contract(node)
        head["access"] = "private"
        yield PullRequest(node["unique_id"], expect("contract_break.access_narrowed"),
                          {("nodes", node["unique_id"]): head}, {("nodes", node["unique_id"]): base})


def hooked(sql, said):
    def make(project):
        for node in project.models():
            changed = edited(node)
            changed["config"]["post-hook"] = [{"sql": sql, "transaction": True, "index": None}]
            changed.setdefault("unrendered_config", {})["post-hook"] = [sql]
            yield PullRequest("", expect(said), {("nodes", node["unique_id"]): changed})
    return make


operator("a hook that deletes")(hooked("delete from {{ this }} where 1 = 1", "destructive_sql.delete"))
operator("a hook that drops")(hooked("drop table if exists analytics.backup", "destructive_sql.drop"))
operator("a hook that grants to everybody")(hooked("grant select on {{ this }} to public", "destructive_sql.grant_public"))
