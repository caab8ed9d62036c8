// What differs between two nodes and dbt's selectors do not say: columns and their marks, tags,
// meta, hooks, grants, constraints, and rendered configs.
#include <algorithm>

#include <fmt/format.h>

#include "change/rules.h"
#include "change/text_diff.h"
#include "core/text.h"

namespace layergate::change {
namespace {

using Lookup = std::map<std::string, const dbt::Column*>;

Lookup ByName(const dbt::Node& node) {
  Lookup columns;
  for (const dbt::Column& column : node.columns) columns.emplace(ToLower(column.name), &column);
  return columns;
}

// dbt 1.12's semantic models on columns: compared as semantic models.
bool IsSemantic(std::string_view key) {
  return key == "dimension" || key == "entity" || key == "granularity";
}

// What governance reads from a column, as one value; null members left out.
Value Marks(const dbt::Column& column) {
  Value marks = Value::MakeObject();
  if (!column.meta.empty()) marks.Set("meta", column.meta);
  if (!column.tags.empty()) marks.Set("tags", Value::FromStrings(column.tags));
  if (!column.policy_tags.empty()) marks.Set("policy_tags", column.policy_tags);
  if (!column.databricks_tags.empty()) marks.Set("databricks_tags", column.databricks_tags);
  for (const auto& [key, value] : column.extra.members()) {
    if (!value.empty() && !IsSemantic(key)) marks.Set(key, value);
  }
  return marks;
}

// A test's tags without the one that dbt gave every test up to 0.21, when it also put tests into a
// folder of its own making.
std::vector<std::string> OwnTags(const dbt::Node& node) {
  std::vector<std::string> tags = node.tags;
  if (node.resource_type != "test" || node.fqn.size() < 2) return tags;
  if (node.fqn[1] == "schema_test") std::erase(tags, "schema");
  if (node.fqn[1] == "data_test") std::erase(tags, "data");
  return tags;
}

bool IsSpace(char c) { return std::string_view(" \t\r\n\f\v").find(c) != std::string_view::npos; }

// Where a quoted text or a comment that begins at `at` ends; `at` itself when none begins there.
size_t EndOfVerbatim(std::string_view text, size_t at) {
  std::string_view rest = text.substr(at);
  std::string_view end;
  if (rest[0] == '\'' || rest[0] == '"' || rest[0] == '`') end = rest.substr(0, 1);
  if (rest.starts_with("--")) end = "\n";
  if (rest.starts_with("/*")) end = "*/";
  if (rest.starts_with("{#")) end = "#}";
  if (end.empty()) return at;
  size_t found = text.find(end, at + (rest[0] == '/' || rest[0] == '{' ? 2 : 1));
  return found == std::string_view::npos ? text.size() : found + end.size();
}

// The text with white space between words made one space, and with quoted texts and the ends of
// comments as they are: other white space there is another text, or ends a comment elsewhere.
std::string WithoutLayout(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    if (size_t end = EndOfVerbatim(text, i); end != i) {
      bool comment = text[i] == '-' || text[i] == '/' || text[i] == '{';
      std::string_view part = text.substr(i, end - i);
      out += comment ? CollapseWhitespace(part) : std::string(part);
      if (text[i] == '-') out += '\n';
      i = end;
    } else if (IsSpace(text[i])) {
      if (!out.empty() && !IsSpace(out.back())) out += ' ';
      ++i;
    } else {
      out += text[i++];
    }
  }
  while (!out.empty() && IsSpace(out.back())) out.pop_back();
  return out;
}

class Unseen {
 public:
  Unseen(const Pair& pair, const StateContext& context, Findings& findings)
      : base_(*pair.base), head_(*pair.head), context_(context), findings_(findings) {}

  void Apply() {
    if (!context_.no_columns) {
      Columns();
      Text("description", base_.description, head_.description);
    }
    std::vector<std::string> base_tags = OwnTags(base_), head_tags = OwnTags(head_);
    // The Rust engine tags no operation.
    bool untagged = context_.engines_differ && head_.resource_type == "operation";
    if (base_tags != head_tags && !untagged) {
      Tell("tags", "tags", Value::FromStrings(base_tags), Value::FromStrings(head_tags));
    }
    Members("meta", "meta", base_.meta, head_.meta);
    Text("group", base_.group, head_.group);
    if (head_.is_model()) Model();
    if (context_.collapse_whitespace) Layout();
    Configs();
    if (head_.resource_type == "exposure") Exposure();
    if (head_.resource_type == "source") Source();
  }

 private:
  void Tell(std::string_view word, std::string detail, Value base, Value head) {
    findings_.Also(word);
    findings_.Because(word, findings_.YamlOf(head_), std::move(detail), Small(std::move(base)),
                      Small(std::move(head)));
  }
  void Text(std::string_view word, const std::string& base, const std::string& head) {
    if (base == head) return;
    findings_.Also(word);
    // dbt compares the descriptions of some types itself: then the reason is there.
    for (const Reason& reason : findings_.change().reasons) {
      if (reason.kind == word) return;
    }
    Tell(word, std::string(word), base, head);
  }
  // One reason per member that differs.
  void Members(std::string_view word, const std::string& place, const Value& base,
               const Value& head) {
    std::set<std::string> keys;
    for (const auto& [key, value] : base.members()) keys.insert(key);
    for (const auto& [key, value] : head.members()) keys.insert(key);
    for (const std::string& key : keys) {
      if (base[key] == head[key]) continue;
      Tell(word, fmt::format("{}.{}", place, key), base[key], head[key]);
    }
  }

  void Columns() {
    Lookup base = ByName(base_), head = ByName(head_);
    for (const auto& [name, column] : base) {
      auto found = head.find(name);
      if (found == head.end()) {
        Value marks = Marks(*column);
        Tell("columns", fmt::format("columns.{} is no longer described", column->name),
             marks.empty() ? Value() : marks, {});
        if (!marks.empty()) findings_.Also("column_meta");
      } else {
        CompareColumn(*column, *found->second);
      }
    }
    for (const auto& [name, column] : head) {
      if (base.count(name)) continue;
      Value marks = Marks(*column);
      Tell("columns", fmt::format("columns.{} is newly described", column->name), {},
           marks.empty() ? Value() : marks);
      if (!marks.empty()) findings_.Also("column_meta");
    }
  }

  void CompareColumn(const dbt::Column& base, const dbt::Column& head) {
    std::string place = "columns." + head.name;
    if (!EqualsIgnoreCase(base.data_type, head.data_type)) {
      Tell("columns", place + ".data_type", base.data_type, head.data_type);
    }
    if (base.description != head.description) {
      Tell("columns", place + ".description", base.description, head.description);
    }
    if (base.quote != head.quote) Tell("columns", place + ".quote", base.quote, head.quote);
    Members("column_meta", place + ".meta", base.meta, head.meta);
    if (base.tags != head.tags) {
      Tell("column_meta", place + ".tags", Value::FromStrings(base.tags),
           Value::FromStrings(head.tags));
    }
    auto mark = [&](std::string_view key, const Value& old_value, const Value& new_value) {
      if (old_value == new_value || (old_value.empty() && new_value.empty())) return;
      Tell("column_meta", fmt::format("{}.{}", place, key), old_value, new_value);
    };
    mark("policy_tags", base.policy_tags, head.policy_tags);
    mark("databricks_tags", base.databricks_tags, head.databricks_tags);
    std::set<std::string> keys;
    for (const auto& [key, value] : base.extra.members()) keys.insert(key);
    for (const auto& [key, value] : head.extra.members()) keys.insert(key);
    for (const std::string& key : keys) {
      if (!IsSemantic(key)) mark(key, base.extra[key], head.extra[key]);
    }
    if (base.constraints != head.constraints) {
      Tell("constraints", place + ".constraints", ConstraintTypes(base.constraints),
           ConstraintTypes(head.constraints));
    }
  }

  // The Rust engine looks at no white space, not even where it means something.
  void Layout() {
    if (base_.raw_code == head_.raw_code || base_.raw_code.empty() || head_.raw_code.empty() ||
        base_.language == "python" || head_.test_metadata ||
        CollapseWhitespace(base_.raw_code) != CollapseWhitespace(head_.raw_code) ||
        WithoutLayout(base_.raw_code) == WithoutLayout(head_.raw_code)) {
      return;
    }
    auto [before, after] = FirstDifferingLines(base_.raw_code, head_.raw_code);
    Tell("compiled",
         "white space differs inside a quoted text or at the end of a comment, which dbt's Rust "
         "engine does not compare",
         before, after);
  }

  // dbt compares most of it; the word stands for all.
  void Exposure() {
    std::set<std::string> before(base_.depends_on_nodes.begin(), base_.depends_on_nodes.end());
    std::set<std::string> now(head_.depends_on_nodes.begin(), head_.depends_on_nodes.end());
    bool renamed = base_.unique_id != head_.unique_id;  // with the project, and so its parents
    if (before != now && !renamed) findings_.Also("exposures");
    std::set<std::string> keys;
    for (const dbt::Node* node : {&base_, &head_}) {
      for (const auto& [key, value] : node->definition.members()) keys.insert(key);
    }
    for (const std::string& key : keys) {
      const Value& base = base_.definition[key];
      const Value& head = head_.definition[key];
      if (base == head || (base.empty() && head.empty())) continue;
      findings_.Also("exposures");
      bool told = std::any_of(findings_.change().reasons.begin(), findings_.change().reasons.end(),
                              [&](const Reason& reason) { return reason.kind == key; });
      if (!told) Tell("exposures", key, base, head);
    }
  }

  void Source() {
    Text("loader", base_.loader, head_.loader);
    // dbt compares the other two things that freshness is made of.
    if (base_.loaded_at_query != head_.loaded_at_query) {
      Tell("freshness", "loaded_at_query", base_.loaded_at_query, head_.loaded_at_query);
    }
  }

  static Value ConstraintTypes(const std::vector<dbt::Constraint>& constraints) {
    Value types = Value::MakeArray();
    for (const dbt::Constraint& constraint : constraints) {
      std::string text = constraint.type;
      if (!constraint.expression.empty()) text += ": " + constraint.expression;
      if (!constraint.to.empty()) text += " to " + constraint.to;
      types.Append(std::move(text));
    }
    return types;
  }

  void Model() {
    if (base_.constraints != head_.constraints) {
      Tell("constraints", "constraints", ConstraintTypes(base_.constraints),
           ConstraintTypes(head_.constraints));
    }
    if (base_.contract.enforced != head_.contract.enforced) findings_.Also("contract");
    // The Rust engine writes no checksum of a contract, and does not see what it cannot compare.
    bool no_checksum = base_.contract.checksum.empty() || head_.contract.checksum.empty();
    if (base_.contract.enforced && head_.contract.enforced && no_checksum &&
        !SameContract(base_, head_)) {
      bool told = findings_.change().Has("contract");  // with dbt's own reason
      findings_.Also("contract");
      if (!told) {
        Tell("contract", "the enforced contract's columns, types or constraints differ", {}, {});
      }
    }
    Value spine = WithoutNulls(base_.definition["time_spine"]);
    Value new_spine = WithoutNulls(head_.definition["time_spine"]);
    if (!(spine == new_spine)) Tell("metric_definition", "time_spine", spine, new_spine);
    for (const dbt::Column& column : head_.columns) {
      const dbt::Column* before = new_spine.empty() ? nullptr : base_.FindColumn(column.name);
      if (!before || before->extra["granularity"] == column.extra["granularity"]) continue;
      Tell("metric_definition", fmt::format("columns.{}.granularity", column.name),
           before->extra["granularity"], column.extra["granularity"]);
    }
    // The reasons for these two come with dbt's own rules.
    auto access = [](const dbt::Node& node) {
      return node.access.empty() ? std::string_view("protected") : std::string_view(node.access);
    };
    if (access(base_) != access(head_)) findings_.Also("access");
    if (base_.latest_version != head_.latest_version) findings_.Also("version");
  }

  // Hooks as the SQL that they run, whichever way they are written.
  static Value HookSql(const Value& hooks) {
    Value list = Value::MakeArray();
    if (hooks.is_string()) return list.Append(hooks);
    for (const Value& hook : hooks.items()) {
      list.Append(hook.is_object() ? hook["sql"] : hook);
    }
    return list;
  }

  void Configs() {
    for (std::string_view key : {"pre-hook", "post-hook"}) {
      Value base = HookSql(base_.config[key]), head = HookSql(head_.config[key]);
      if (!(base == head)) Tell("hooks", fmt::format("config.{}", key), base, head);
    }
    auto known = [&](std::string_view key) {
      if (base_.config[key] == head_.config[key]) return;
      if (base_.config[key].empty() && head_.config[key].empty()) return;
      Tell(key, fmt::format("config.{}", key), base_.config[key], head_.config[key]);
    };
    // Nobody writes how a test is materialized, and versions of dbt write down different things.
    // So do the two engines of what has no table.
    bool left_out = context_.engines_differ &&
                    (base_.config["materialized"].empty() || head_.config["materialized"].empty());
    if (head_.resource_type != "test" && !left_out) known("materialized");
    for (std::string_view key : {"unique_key", "grants"}) known(key);
    // Values in force that differ though they are written the same: a variable or the environment
    // moved them.
    for (const auto& [key, head] : head_.config.members()) {
      const Value* base = base_.config.Find(key);
      if (!base || *base == head || (base->empty() && head.empty()) || HandledElsewhere(key))
        continue;
      if (!(base_.unrendered_config[key] == head_.unrendered_config[key])) continue;
      if (key == "severity" && EqualsIgnoreCase(base->AsString(), head.AsString())) continue;
      // The two engines write down different defaults.
      bool default_of_one =
          base->empty() || head.empty() || WithoutNulls(*base) == WithoutNulls(head);
      if (context_.engines_differ && default_of_one) continue;
      Tell("config", fmt::format("config.{}: the value in force differs", key), *base, head);
    }
  }

  static bool HandledElsewhere(std::string_view key) {
    constexpr std::string_view kKeys[] = {
        "pre-hook", "post-hook", "materialized", "unique_key", "grants",   "tags",  "meta",
        "group",    "access",    "contract",     "schema",     "database", "alias", "docs"};
    return std::find(std::begin(kKeys), std::end(kKeys), key) != std::end(kKeys);
  }

  const dbt::Node& base_;
  const dbt::Node& head_;
  const StateContext& context_;
  Findings& findings_;
};

}  // namespace

void ApplyUnseenRules(const Pair& pair, const StateContext& context, Findings& findings) {
  Unseen(pair, context, findings).Apply();
}

}  // namespace layergate::change
