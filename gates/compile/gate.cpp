// Every name that a changed model uses exists: refs, sources, macros, columns. What dbt compiled
// holds most of this; what it did not compile is looked up here, with the nearest real name, since
// a made-up name is usually close to a real one.
#include "gate/gate.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "core/text.h"
#include "dbt/project.h"
#include "dbt/unique_id.h"
#include "gates/compile/calls.h"
#include "lineage/project_lineage.h"

namespace layergate {
namespace {

const GateInfo kInfo{
    .id = "compile",
    .title = "Compile",
    .summary = "Every ref, source, macro and column that a changed model names exists",
    .subject = SubjectKind::kNode,
    .resource_types = {"model", "snapshot", "analysis"},
    .needs = {Evidence::kHeadManifest, Evidence::kCompiledSql},
    .uses = {Evidence::kCatalog},
    .rules =
        {
            {"compile.unresolved_ref", "a ref() names no model, seed or snapshot", "fail", true},
            {"compile.unresolved_source", "a source() names no declared table", "fail", true},
            {"compile.unresolved_macro", "a macro is called that does not exist", "fail", true},
            {"compile.missing_parent", "the model depends on a node that is gone or disabled",
             "fail", true},
            {"compile.unknown_column", "the SQL names a column that its tables do not have", "fail",
             true},
            {"compile.hard_coded_relation",
             "the SQL names a table of the project without ref() or source()", "fail", true},
            {"compile.undeclared_relation",
             "the SQL names a table that no model or source stands for", "warn", true},
            {"compile.unknown_var",
             "var() names a variable that nothing else uses, without a default", "warn", true},
            {"compile.duplicate_macro", "a new macro does what another one does", "warn", true},
            {"compile.shadowed_macro",
             "a new macro takes the place of one that another package has", "warn", true},
        },
    .options = {},
};

std::string NameOf(std::string_view id) { return std::string(dbt::NameOf(id)); }
// The same, and "source.shop.raw.orders" -> "orders", "db.raw.orders" -> "orders".
std::string TableOf(std::string_view id) {
  return id.rfind("model.", 0) == 0 ? NameOf(id) : std::string(id.substr(id.rfind('.') + 1));
}
bool IsRefable(std::string_view id) {
  return id.rfind("model.", 0) == 0 || id.rfind("seed.", 0) == 0 || id.rfind("snapshot.", 0) == 0;
}
bool Contains(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

std::set<std::string> WordsOf(std::string_view name) {
  std::set<std::string> words;
  for (std::string_view word : Split(name, '_')) {
    if (!word.empty()) words.insert(ToLower(word));
  }
  return words;
}

// "; did you mean `stg_orders`?". A made-up name is a letter off, or has the real one's words in
// it: stg__shopify__orders for stg_orders.
std::string WithNearest(std::string_view word, const std::vector<std::string>& candidates) {
  std::string nearest(NearestName(word, candidates));
  size_t most = 1;  // one word in common says nothing: half the project has "orders"
  std::set<std::string> words = WordsOf(word);
  for (const std::string& candidate : nearest.empty() ? candidates : std::vector<std::string>()) {
    std::set<std::string> others = WordsOf(candidate);
    size_t common = static_cast<size_t>(
        std::count_if(others.begin(), others.end(),
                      [&](const std::string& other) { return words.count(other) > 0; }));
    if (common > most) {
      most = common;
      nearest = candidate;
    }
  }
  return nearest.empty() ? std::string() : fmt::format("; did you mean `{}`?", nearest);
}

// What Jinja and dbt bring themselves. Only names that are called matter.
constexpr std::string_view kBuiltins[] = {"ref",
                                          "source",
                                          "config",
                                          "var",
                                          "env_var",
                                          "is_incremental",
                                          "this",
                                          "log",
                                          "print",
                                          "return",
                                          "run_query",
                                          "statement",
                                          "load_result",
                                          "range",
                                          "dict",
                                          "namespace",
                                          "cycler",
                                          "joiner",
                                          "lipsum",
                                          "caller",
                                          "fromjson",
                                          "tojson",
                                          "fromyaml",
                                          "toyaml",
                                          "set",
                                          "set_strict",
                                          "zip",
                                          "zip_strict",
                                          "local_md5",
                                          "should_full_refresh",
                                          "adapter_macro",
                                          "doc",
                                          "debug",
                                          "diff_of_two_dicts",
                                          "super",
                                          "selected_resources",
                                          "metric",
                                          "submit_python_job",
                                          "function",
                                          "type_string",
                                          "builtins",
                                          "int",
                                          "in",
                                          "not",
                                          "and",
                                          "or",
                                          "if",
                                          "else",
                                          "is",
                                          "elif",
                                          "call",
                                          "do",
                                          "macro",
                                          "for",
                                          "filter"};

class Names {
 public:
  Names(GateContext& context, const dbt::Node& node) : context_(context), node_(node) {}

  void Judge() {
    JudgeRefs();
    JudgeSources();
    JudgeParents();
    JudgeMacros();
    if (!node_.compiled_code && node_.language != "python") {
      JudgeCalls();
      JudgeVars();
      if (NothingFailed()) {
        context_.CannotTell(
            "no_compiled_sql",
            fmt::format("the head manifest holds no compiled SQL of {}", node_.name),
            "run `dbt compile` (or `dbt build`) at the head commit and use the "
            "manifest that it writes");
      }
      return;
    }
    JudgeSql();
  }

 private:
  Location PlaceOf(std::string_view text) const {
    Location location = context_.LocationOf(node_);
    size_t at = node_.raw_code.find(text);
    if (at == std::string::npos) return location;
    LineColumn found = Locate(node_.raw_code, at);
    location.line = found.line;
    location.column = found.column;
    return location;
  }

  void Report(std::string_view rule, std::string message, std::string_view text, std::string fix) {
    Finding finding;
    finding.rule = fmt::format("compile.{}", rule);
    finding.message = std::move(message);
    finding.location = PlaceOf(text);
    finding.fix = std::move(fix);
    context_.Report(std::move(finding));
  }

  void JudgeRefs() {
    for (const dbt::Ref& ref : node_.refs) {
      bool depends = std::any_of(
          node_.depends_on_nodes.begin(), node_.depends_on_nodes.end(),
          [&](const std::string& id) { return IsRefable(id) && NameOf(id) == ref.name; });
      if (depends) continue;  // whether that node is there is JudgeParents' to say
      std::vector<std::string> names;
      bool exists = false;
      for (const std::string& id : context_.head().ids()) {
        if (!IsRefable(id)) continue;
        names.push_back(NameOf(id));
        exists = exists || names.back() == ref.name;
      }
      if (exists) continue;
      Report("unresolved_ref",
             fmt::format("ref('{}') names no model, seed or snapshot{}", ref.name,
                         WithNearest(ref.name, names)),
             ref.name, "name a model that exists");
    }
  }

  void JudgeSources() {
    for (const std::vector<std::string>& source : node_.sources) {
      if (source.size() != 2) continue;
      std::string tail = fmt::format(".{}.{}", source[0], source[1]);
      std::vector<std::string> names;
      bool exists = false;
      for (const std::string& id : context_.head().ids()) {
        if (id.rfind("source.", 0) != 0) continue;
        exists = exists || (id.size() > tail.size() &&
                            id.compare(id.size() - tail.size(), tail.size(), tail) == 0);
        std::vector<std::string_view> parts = Split(id, '.');
        if (parts.size() >= 4) names.push_back(fmt::format("{}.{}", parts[2], parts[3]));
      }
      if (exists) continue;
      Report("unresolved_source",
             fmt::format("source('{}', '{}') is not declared{}", source[0], source[1],
                         WithNearest(tail.substr(1), names)),
             source[1], "declare the table under sources:, or name one that is declared");
    }
  }

  void JudgeParents() {
    for (const std::string& id : node_.depends_on_nodes) {
      if (context_.head().Contains(id)) continue;
      bool disabled = Contains(context_.head().disabled_ids(), id);
      Report("missing_parent",
             fmt::format("{} depends on {}, which is {}", node_.name, id,
                         disabled ? "disabled" : "not in the head manifest"),
             NameOf(id), disabled ? "enable it, or stop reading it" : "run dbt again at the head");
    }
  }

  void JudgeMacros() {
    std::vector<std::string> before = context_.base().macro_ids();
    std::vector<std::string> now;
    for (const std::string& id : node_.depends_on_macros) {
      if (Contains(before, id)) continue;
      if (now.empty()) now = context_.head().macro_ids();
      if (!Contains(now, id)) {
        Report("unresolved_macro", fmt::format("macro {} does not exist", id), NameOf(id),
               "call a macro that exists, or run `dbt deps`");
        continue;
      }
      JudgeShadowing(id, before);
      JudgeDuplicate(id, before);
    }
  }

  // The same body under another name: the project has that already.
  void JudgeDuplicate(const std::string& id, const std::vector<std::string>& before) {
    const dbt::Macro* fresh = context_.head().FindMacro(id);
    if (!fresh) return;
    const std::string body = compile::BodyOf(*fresh);
    if (body.size() < 12) return;  // too little to be told apart
    for (const std::string& other : before) {
      const dbt::Macro* known = context_.base().FindMacro(other);
      if (!known || NameOf(other) == NameOf(id) || compile::BodyOf(*known) != body) continue;
      return Report("duplicate_macro",
                    fmt::format("the new macro {} does what {} does", NameOf(id), other),
                    NameOf(id), fmt::format("call {}", known->name));
    }
  }

  void JudgeShadowing(const std::string& id, const std::vector<std::string>& before) {
    std::string name = NameOf(id);
    for (const std::string& other : before) {
      if (NameOf(other) != name) continue;
      return Report("shadowed_macro",
                    fmt::format("the new macro {} takes the place of {}", id, other), name,
                    "call the macro that exists, or choose another name");
    }
  }

  // The raw code's own calls, when nothing was compiled that would prove that they exist.
  void JudgeCalls() {
    std::set<std::string> known;
    std::vector<std::string> names;
    for (const std::string& id : context_.head().macro_ids()) {
      std::vector<std::string_view> parts = Split(id, '.');
      if (parts.size() < 3) continue;
      known.emplace(parts[2]);
      known.insert(fmt::format("{}.{}", parts[1], parts[2]));
      names.emplace_back(parts[2]);
    }
    std::set<std::string> said;
    for (const auto& [name, at] : compile::CallsIn(node_.raw_code)) {
      bool builtin =
          std::find(std::begin(kBuiltins), std::end(kBuiltins), name) != std::end(kBuiltins);
      size_t dot = name.find('.');
      // x.y() is a method unless x is a package that the manifest knows.
      if (dot != std::string::npos && !IsPackage(name.substr(0, dot))) continue;
      if (builtin || name.rfind("dbt.", 0) == 0 || known.count(name)) continue;
      if (!said.insert(name).second) continue;
      Report("unresolved_macro",
             fmt::format("macro `{}` does not exist{}", name, WithNearest(name, names)), name,
             "call a macro that exists, or add its package and run `dbt deps`");
    }
  }

  // Only where nothing was compiled: dbt stops at a variable that has no value.
  void JudgeVars() {
    std::set<std::string> wanted;
    for (const compile::VarUse& use : compile::VarsIn(node_.raw_code)) {
      if (!use.has_default) wanted.insert(use.name);
    }
    if (wanted.empty()) return;
    std::set<std::string> known;
    const auto learn = [&](std::string_view text) {
      for (const compile::VarUse& use : compile::VarsIn(text)) known.insert(use.name);
    };
    for (const std::string& id : context_.base().ids()) {
      const dbt::Node* node = context_.base().Find(id);
      if (node) learn(node->raw_code);
    }
    for (const std::string& id : context_.base().macro_ids()) {
      const dbt::Macro* macro = context_.base().FindMacro(id);
      if (macro) learn(macro->macro_sql);
    }
    const std::vector<std::string> names(known.begin(), known.end());
    for (const std::string& name : wanted) {
      if (known.count(name) > 0) continue;
      Report("unknown_var",
             fmt::format("var('{}') has no default, and nothing in the project uses a variable of "
                         "that name{}",
                         name, WithNearest(name, names)),
             name, "declare it under vars: in dbt_project.yml, or give it a default");
    }
  }

  // Told already why the model did not compile.
  bool NothingFailed() const {
    const std::vector<Finding>& findings = context_.outcome().findings;
    return std::all_of(findings.begin(), findings.end(), [](const Finding& finding) {
      return finding.rule == "compile.unknown_var" || finding.rule == "compile.shadowed_macro" ||
             finding.rule == "compile.duplicate_macro";
    });
  }

  bool IsPackage(std::string_view name) const {
    std::string prefix = fmt::format("macro.{}.", name);
    for (const std::string& id : context_.head().macro_ids()) {
      if (id.rfind(prefix, 0) == 0) return true;
    }
    return false;
  }

  // --- compiled SQL ----------------------------------------------------------------------------

  void JudgeSql() {
    if (!context_.head_lineage()) return;
    const lineage::ModelLineage& now = context_.head_lineage()->Model(node_.unique_id);
    if (!now.unavailable.empty()) return;
    for (const lineage::Diagnostic& diagnostic : now.statement.diagnostics) {
      // `o.amont` is an unresolved field where an alias is also a value (the whole row).
      const bool column =
          diagnostic.code == "unresolved_column" || diagnostic.code == "unresolved_field";
      if (column && !WasSo(diagnostic)) JudgeColumn(now, diagnostic);
    }
    JudgeRelations(now);
  }

  bool WasSo(const lineage::Diagnostic& diagnostic) const {
    if (!context_.base_node() || !context_.base_lineage()) return false;
    const auto& before =
        context_.base_lineage()->Model(context_.base_node()->unique_id).statement.diagnostics;
    return std::any_of(before.begin(), before.end(), [&](const lineage::Diagnostic& old) {
      return old.code == diagnostic.code && old.message == diagnostic.message;
    });
  }

  void JudgeColumn(const lineage::ModelLineage& now, const lineage::Diagnostic& diagnostic) {
    std::string column(Trim(Slice(now.sql, diagnostic.span)));
    std::string name =
        column.substr(column.rfind('.') == std::string::npos ? 0 : column.rfind('.') + 1);
    std::vector<std::string> columns;
    for (const std::string& relation : now.statement.relations) {
      for (std::string& known :
           context_.head_lineage()->Columns(relation).value_or(std::vector<std::string>())) {
        columns.push_back(std::move(known));
      }
    }
    Finding finding;
    finding.rule = "compile.unknown_column";
    finding.column = name;
    const bool one = now.statement.relations.size() == 1;
    finding.message = fmt::format("there is no column `{}`{}{}", name,
                                  one ? " in " + TableOf(now.statement.relations[0]) : "",
                                  WithNearest(name, columns));
    finding.location = context_.LocationIn(node_, now.sql, diagnostic.span);
    finding.fix = "name a column that exists";
    context_.Report(std::move(finding));
  }

  // Tables that the SQL reads without dbt knowing. What was so before is not of this change.
  void JudgeRelations(const lineage::ModelLineage& now) {
    std::vector<std::string> before, declared_before;
    if (context_.base_node() && context_.base_lineage()) {
      before = context_.base_lineage()->Model(context_.base_node()->unique_id).statement.relations;
      declared_before = context_.base_node()->depends_on_nodes;
    }
    for (const std::string& relation : now.statement.relations) {
      const bool was_so = Contains(before, relation) && !Contains(declared_before, relation);
      if (was_so || relation == node_.unique_id || IsMissingParent(relation)) continue;
      if (Contains(node_.depends_on_nodes, relation) || ThroughEphemeral(relation)) continue;
      const dbt::Node* known = context_.head().Find(relation);
      if (known) {
        bool source = known->resource_type == "source";
        Report("hard_coded_relation",
               fmt::format("the SQL reads {} by its table name, without {}()", known->name,
                           source ? "source" : "ref"),
               known->name,
               source ? fmt::format("write {{{{ source('{}', '{}') }}}}", known->source_name,
                                    known->name)
                      : fmt::format("write {{{{ ref('{}') }}}}", known->name));
      } else if (const dbt::Node* meant = NoLongerRead(declared_before, relation)) {
        const bool source = meant->resource_type == "source";
        Report("hard_coded_relation",
               fmt::format("the SQL reads {} where it read {}(): every environment reads that one "
                           "table, whatever {} is called there",
                           relation, source ? "source" : "ref", meant->name),
               relation,
               source ? fmt::format("write {{{{ source('{}', '{}') }}}}", meant->source_name,
                                    meant->name)
                      : fmt::format("write {{{{ ref('{}') }}}}", meant->name));
      } else {
        Report("undeclared_relation",
               fmt::format("the SQL reads {}, which no model or source stands for", relation),
               relation, "declare it as a source and read it with source()");
      }
    }
  }

  // The parent that the base declared, the head does not, and that has a table of this name.
  const dbt::Node* NoLongerRead(const std::vector<std::string>& declared_before,
                                const std::string& relation) const {
    const std::string_view table = std::string_view(relation).substr(relation.rfind('.') + 1);
    for (const std::string& id : declared_before) {
      const dbt::Node* node =
          Contains(node_.depends_on_nodes, id) ? nullptr : context_.head().Find(id);
      if (!node) continue;
      const std::string& called = node->resource_type == "source" ? node->identifier : node->alias;
      if (EqualsIgnoreCase(called.empty() ? node->name : called, table)) return node;
    }
    return nullptr;
  }

  // The table of a parent that is gone or disabled: told as that.
  bool IsMissingParent(const std::string& relation) const {
    const std::string_view table = std::string_view(relation).substr(relation.rfind('.') + 1);
    return std::any_of(node_.depends_on_nodes.begin(), node_.depends_on_nodes.end(),
                       [&](const std::string& id) {
                         return !context_.head().Find(id) && EqualsIgnoreCase(NameOf(id), table);
                       });
  }

  // Ephemeral parents stand in the SQL as CTEs, and bring what they read with them.
  bool ThroughEphemeral(const std::string& relation) const {
    std::vector<std::string> waiting = node_.depends_on_nodes;
    std::set<std::string> seen;
    while (!waiting.empty()) {
      std::string id = std::move(waiting.back());
      waiting.pop_back();
      const dbt::Node* parent = seen.insert(id).second ? context_.head().Find(id) : nullptr;
      if (!parent || parent->materialized != "ephemeral") continue;
      if (Contains(parent->depends_on_nodes, relation)) return true;
      waiting.insert(waiting.end(), parent->depends_on_nodes.begin(),
                     parent->depends_on_nodes.end());
    }
    return false;
  }

  GateContext& context_;
  const dbt::Node& node_;
};

class Compile final : public Gate {
 public:
  const GateInfo& info() const override { return kInfo; }

  void Run(GateContext& context) const override {
    const dbt::Node* head = context.head_node();
    if (!head) return context.NotApplicable("the node is removed");
    Names(context, *head).Judge();
  }
};

}  // namespace

std::unique_ptr<Gate> Make_compile() { return std::make_unique<Compile>(); }

}  // namespace layergate
