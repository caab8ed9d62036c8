#include "change/change_set.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "change/pair_rules.h"
#include "change/rules.h"
#include "change/text_diff.h"
#include "core/text.h"

namespace layergate::change {
namespace {

constexpr size_t kSmallText = 400;  // longer values are not shown, or cut
constexpr size_t kManyNodes = 10;   // nodes with a reason in common that are worth a note

// Fields whose text may differ between two manifests without meaning anything for a node of that
// type. Where tables lie is judged for all nodes together.
bool MeansNothingAlone(std::string_view field, std::string_view id) {
  constexpr std::string_view kAlways[] = {"compiled_code",          "compiled_sql", "extra_ctes",
                                          "relation_name",          "doc_blocks",   "docs",
                                          "nodes_with_ref_location"};
  if (std::find(std::begin(kAlways), std::end(kAlways), field) != std::end(kAlways)) return true;
  if (id.starts_with("source.")) return false;
  if (field == "database" || field == "schema") return true;
  // Text is compared as text; the checksum counts where there is none.
  return field == "checksum" && !id.starts_with("seed.") && !id.starts_with("unit_test.");
}

// "1.11.2" -> 1011, "2.0.0-preview.173" -> 2000; 0 when it cannot be told.
int VersionNumber(std::string_view version) {
  int major = 0, minor = 0;
  const char* end = version.data() + version.size();
  auto read = std::from_chars(version.data(), end, major);
  if (read.ec != std::errc{} || read.ptr == end || *read.ptr != '.') return 0;
  if (std::from_chars(read.ptr + 1, end, minor).ec != std::errc{}) return 0;
  return major * 1000 + minor;
}

void SortUnique(std::vector<std::string>& words) {
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
}

class Comparison {
 public:
  Comparison(const dbt::Project& base, const dbt::Project& head, const CompareOptions& options)
      : base_(base), head_(head), options_(options) {}

  ChangeSet Compare() {
    SplitIds();
    renames_ = FindRenames(base_, head_, removed_, added_);
    PrepareState();
    RelationMap relations(base_, head_, same_, state_.changed_macros);
    Notes(relations);
    for (const auto& [base_id, head_id] : same_) CompareSame(base_id, relations);
    for (const std::string& id : removed_) Removed(id, relations);
    std::set<std::string> renamed_to;
    for (const auto& [from, to] : renames_.base_to_head) renamed_to.insert(to);
    for (const std::string& id : added_) {
      if (!renamed_to.count(id)) Added(id);
    }
    Tests();
    Finish();
    DanglingParents();
    SharedReasons();
    return std::move(set_);
  }

 private:
  void SplitIds() {
    const std::vector<std::string>& base = base_.ids();
    const std::vector<std::string>& head = head_.ids();
    std::set_difference(base.begin(), base.end(), head.begin(), head.end(),
                        std::back_inserter(removed_));
    std::set_difference(head.begin(), head.end(), base.begin(), base.end(),
                        std::back_inserter(added_));
    std::vector<std::string> both;
    std::set_intersection(base.begin(), base.end(), head.begin(), head.end(),
                          std::back_inserter(both));
    same_.reserve(both.size());
    for (std::string& id : both) same_.emplace_back(id, id);
  }

  void PrepareState() {
    int base = VersionNumber(base_.metadata().dbt_version);
    int head = VersionNumber(head_.metadata().dbt_version);
    bool by_default = head >= 1012;
    state_.unrendered_sources = options_.compare_more_unrendered_values.value_or(by_default);
    state_.rust_engine = head >= 2000;
    state_.engines_differ = (base >= 2000) != (head >= 2000);
    // The engine's previews wrote down neither columns nor descriptions.
    state_.no_columns = state_.engines_differ && ListsColumns(base_) != ListsColumns(head_);
    state_.collapse_whitespace = base >= 2000 || head >= 2000;
    auto family = [](int version) { return version >= 2000 ? 2 : version >= 1012 ? 1 : 0; };
    state_.values_written_differently = family(base) != family(head);
    auto hashing = [](int version) { return version >= 1012 ? 2 : version >= 1005 ? 1 : 0; };
    state_.hashed_differently = hashing(base) != hashing(head);
    state_.saved_queries = head == 0 || head >= 1009;
    state_.semantic_models = head == 0 || head >= 1008;
    FindChangedMacros(base_, head_, state_);
    // Unrendered places of sources exist since dbt 1.9.
    if (state_.unrendered_sources && base < 1009) state_.unrendered_sources = false;
  }

  static bool ListsColumns(const dbt::Project& project) {
    return std::any_of(project.ids().begin(), project.ids().end(), [&](const std::string& id) {
      return id.starts_with("model.") && project.RawField(id, "columns").size() > 2;
    });
  }

  void Notes(const RelationMap& relations) {
    set_.notes = renames_.notes;
    const dbt::ProjectMetadata& base = base_.metadata();
    const dbt::ProjectMetadata& head = head_.metadata();
    if (base.dbt_version != head.dbt_version) {
      set_.notes.push_back(fmt::format("the manifests were written by dbt {} and dbt {}",
                                       Printable(base.dbt_version), Printable(head.dbt_version)));
    }
    if (relations.environments_differ()) set_.notes.push_back(relations.note());
    if (state_.no_columns) {
      const dbt::ProjectMetadata& without = ListsColumns(base_) ? head : base;
      set_.unknown.push_back(
          {without.path,
           fmt::format("dbt {} wrote no column of any model into it: columns, their marks and "
                       "descriptions cannot be compared",
                       Printable(without.dbt_version))});
    }
    if (!base.adapter_type.empty() && !head.adapter_type.empty() &&
        base.adapter_type != head.adapter_type) {
      set_.unknown.push_back(
          {head.path, fmt::format("the manifests are for two warehouses: {} and {}",
                                  Printable(base.adapter_type), Printable(head.adapter_type))});
    }
    // Two projects may still share the nodes of a package that both use.
    bool two_names = !base.project_name.empty() && !head.project_name.empty() &&
                     base.project_name != head.project_name;
    if (!base_.ids().empty() && !head_.ids().empty() && (same_.empty() || two_names) &&
        renames_.base_to_head.empty()) {
      set_.unknown.push_back(
          {head.path,
           fmt::format("no node of the project is in both manifests: {} and {} are two projects",
                       base.project_name.empty() ? "base" : Printable(base.project_name),
                       head.project_name.empty() ? "head" : Printable(head.project_name))});
    }
  }

  std::string PathOf(const dbt::Node& node) const {
    NodeChange none;
    return FindingsFor(none).FileOf(node);
  }

  Findings FindingsFor(NodeChange& change) const {
    return Findings(change, options_, head_.metadata().project_name);
  }

  // A node that has the same id on both sides.
  void CompareSame(const std::string& id, const RelationMap& relations) {
    std::vector<std::string> fields = dbt::Project::DifferingFields(base_, id, head_, id);
    bool moved_field = false, alias_field = false, compiled_field = false, own_field = false;
    for (const std::string& field : fields) {
      if (field == "relation_name") moved_field = true;
      if (field == "alias") alias_field = true;
      if (field == "compiled_code" || field == "compiled_sql") compiled_field = true;
      if (!MeansNothingAlone(field, id)) own_field = true;
      if (field == "checksum" && state_.rust_engine && id.starts_with("snapshot.")) {
        own_field = true;  // of the file, of which the text is a part
      }
      if (field == "checksum" && head_.RawField(id, "raw_code") == "\"--placeholder--\"") {
        own_field = true;  // the only trace of the text
      }
    }
    moved_field = moved_field && relations.MayHaveMoved(base_, head_, id);
    // A metric may change through the measure that it names.
    bool metric = id.starts_with("metric.") && SemanticModelsDiffer();
    bool macros = CallsChangedMacro(id);
    bool not_looked_up = !state_.semantic_models && id.starts_with("semantic_model.");
    bool look_at_compiled =
        compiled_field && !relations.environments_differ() && id.starts_with("model.");
    if (!own_field && !moved_field && !alias_field && !metric && !macros && !look_at_compiled &&
        !not_looked_up) {
      return;
    }

    NodeChange change;
    Pair pair{base_.Find(id), head_.Find(id)};
    Begin(change, *pair.head, ChangeKind::kModified);
    Findings findings = FindingsFor(change);
    CompareTwo(pair, relations, findings);
    if (look_at_compiled) Compiled(pair, findings);
    if (SameSeedFile(pair, change)) {
      change.evidence = "git";
      findings.Because(
          "body", findings.FileOf(*pair.head),
          "the file is the same in both commits: two versions of dbt hash it in two ways");
    }
    change.cosmetic = not_looked_up ? !own_field : IsCosmetic(pair, change);
    if (id.starts_with("test.") || id.starts_with("unit_test.")) modified_tests_.push_back(id);
    Keep(std::move(change));
  }

  bool CallsChangedMacro(const std::string& id) const {
    if (state_.changed_macros.empty()) return false;
    std::string_view depends_on = head_.RawField(id, "depends_on");
    if (depends_on.find("macro.") == std::string_view::npos) return false;
    const dbt::Node* node = head_.Find(id);
    return std::any_of(
        node->depends_on_macros.begin(), node->depends_on_macros.end(),
        [&](const std::string& macro) { return state_.changed_macros.count(macro) > 0; });
  }

  bool SemanticModelsDiffer() {
    if (!semantic_models_differ_) {
      semantic_models_differ_ = false;
      for (const auto& [id, head_id] : same_) {
        if (id.starts_with("semantic_model.") &&
            !dbt::Project::DifferingFields(base_, id, head_, id).empty()) {
          semantic_models_differ_ = true;
        }
      }
    }
    return *semantic_models_differ_;
  }

  void CompareTwo(const Pair& pair, const RelationMap& relations, Findings& findings) {
    ApplyStateRules(pair, state_, findings);
    CompareUnseen(pair, relations, findings);
  }

  void CompareUnseen(const Pair& pair, const RelationMap& relations, Findings& findings) {
    ApplyUnseenRules(pair, state_, findings);
    std::string_view type = pair.head->resource_type;
    if (type == "metric" || type == "semantic_model" || type == "saved_query") {
      CompareMeaning(base_, head_, pair, findings);
    }
    bool has_table = type == "model" || type == "seed" || type == "snapshot";
    bool moved = has_table && relations.Moved(*pair.base, *pair.head);
    // A source lies where its own target puts it; with two targets that says nothing.
    if (type == "source" && !relations.environments_differ()) {
      moved = !pair.base->relation_name.empty() && !pair.head->relation_name.empty() &&
              pair.base->relation_name != pair.head->relation_name;
    }
    if (moved) {
      findings.Also("relation_name");
      findings.Because("relation_name", {}, "the table is another one", pair.base->relation_name,
                       pair.head->relation_name);
    }
  }

  // Puts the head's text of ephemeral models that are part of the SQL in the place of the base's:
  // that they changed is told of them. False: the text was not found, so nothing can be said.
  bool InlineAsHeadDoes(const dbt::Node& base, const dbt::Node& head, std::string& sql) {
    if (base.extra_ctes != head.extra_ctes) return false;
    for (const std::string& id : base.extra_ctes) {
      const dbt::Node* was = base_.Find(id);
      const dbt::Node* is = head_.Find(id);
      if (!was || !is || !was->compiled_code || !is->compiled_code) return false;
      const std::string old(Trim(*WithHeadRelations(*was).compiled_code));
      const std::string now(Trim(*is->compiled_code));
      if (CollapseWhitespace(old) == CollapseWhitespace(now)) continue;
      size_t at = sql.find(old);
      if (at == std::string::npos) return false;
      sql.replace(at, old.size(), now);
    }
    return true;
  }

  // The model's text is the same and what dbt made of it is not: a variable, an environment
  // variable or a macro.
  void Compiled(const Pair& pair, Findings& findings) {
    const dbt::Node& base = *pair.base;
    const dbt::Node& head = *pair.head;
    if (!base.compiled_code || !head.compiled_code || base.raw_code != head.raw_code) return;
    dbt::Node base_code = WithHeadRelations(base);
    if (!InlineAsHeadDoes(base, head, *base_code.compiled_code)) return;
    if (CollapseWhitespace(*base_code.compiled_code) == CollapseWhitespace(*head.compiled_code)) {
      return;
    }
    const NodeChange& change = findings.change();
    bool alone = change.dbt_state.empty() && change.also.empty();
    findings.Also("compiled");
    auto [before, after] = FirstDifferingLines(*base_code.compiled_code, *head.compiled_code);
    findings.Because(
        "compiled", findings.FileOf(head),
        "the compiled SQL differs though the model's text is the same; it does first in",
        Small(before), Small(after));
    if (alone) findings.change().evidence = "rendered";
  }

  void Removed(const std::string& id, const RelationMap& relations) {
    NodeChange change;
    auto renamed = renames_.base_to_head.find(id);
    const dbt::Node* base = base_.Find(id);
    if (renamed != renames_.base_to_head.end()) {
      Renamed(*base, *head_.Find(renamed->second), relations);
      return;
    }
    Begin(change, *base, ChangeKind::kRemoved);
    Findings findings = FindingsFor(change);
    bool disabled =
        std::binary_search(head_.disabled_ids().begin(), head_.disabled_ids().end(), id);
    findings.Because("removed", findings.FileOf(*base),
                     disabled ? "disabled in the head manifest" : "not in the head manifest");
    Keep(std::move(change));
  }

  void Renamed(const dbt::Node& base, const dbt::Node& head, const RelationMap& relations) {
    NodeChange change;
    Begin(change, head, ChangeKind::kRenamed);
    change.old_unique_id = base.unique_id;
    Findings findings = FindingsFor(change);
    // dbt pairs by id alone; the Rust engine also by what a test does and what a source is called.
    ApplyStateRules({PairedByEngine(base, head) ? &base : nullptr, &head}, state_, findings);
    change.reasons.clear();
    findings.Because("renamed", findings.FileOf(head), "renamed", base.unique_id, head.unique_id);
    // A generic test's text is a call that dbt wrote, each version in its own way.
    bool same_body = head.test_metadata.has_value() ||
                     (CollapseWhitespace(base.raw_code) == CollapseWhitespace(head.raw_code) &&
                      (head.resource_type != "seed" || base.checksum == head.checksum));
    if (!same_body) {
      findings.Because("body", findings.FileOf(head), "the text differs as well");
    }
    CompareUnseen({&base, &head}, relations, findings);
    // Only a project's new name is nothing; another name of a model is another table.
    change.cosmetic = base.name == head.name && same_body && change.also.empty() &&
                      base.config == head.config && SameMacros(head, change) &&
                      SameCompiled(base, head);
    Keep(std::move(change));
  }

  bool PairedByEngine(const dbt::Node& base, const dbt::Node& head) const {
    if (!state_.rust_engine || base.package_name != head.package_name) return false;
    if (head.resource_type == "source") {
      return base.source_name == head.source_name && base.name == head.name;
    }
    if (head.resource_type != "test") return false;
    return head.test_metadata ? base.attached_node == head.attached_node
                              : IsSameSingularTest(base.unique_id, head.unique_id);
  }

  // To dbt the macros of a renamed project are new; they may be what they were.
  bool SameMacros(const dbt::Node& head, const NodeChange& change) {
    if (!change.Has("macros")) return true;
    if (!macros_of_renamed_) macros_of_renamed_ = FindChangedMacrosOfRenamed(base_, head_);
    return std::none_of(
        head.depends_on_macros.begin(), head.depends_on_macros.end(),
        [&](const std::string& macro) { return macros_of_renamed_->count(macro) > 0; });
  }

  // Whether a macro that changed made no difference: the model was compiled on both sides to the
  // same SQL. An incremental model has a second text, and hooks another, that nobody compiled.
  bool SameInspiteOfMacros(const dbt::Node& base, const dbt::Node& head) const {
    bool one_text = head.is_model() && IsOneOf(head.materialized, {"view", "table"}) &&
                    base.extra_ctes.empty() && head.extra_ctes.empty();
    for (std::string_view hook : {"pre-hook", "post-hook"}) {
      one_text = one_text && head.config[hook].empty();
    }
    return one_text && base.compiled_code && head.compiled_code && SameCompiled(base, head);
  }

  // True as well when one of the two was not compiled.
  bool SameCompiled(const dbt::Node& base, const dbt::Node& head) const {
    if (!head.is_model() || !base.compiled_code || !head.compiled_code) return true;
    return CollapseWhitespace(*WithHeadRelations(base).compiled_code) ==
           CollapseWhitespace(*head.compiled_code);
  }

  void Added(const std::string& id) {
    NodeChange change;
    const dbt::Node* head = head_.Find(id);
    Begin(change, *head, ChangeKind::kAdded);
    Findings findings = FindingsFor(change);
    ApplyStateRules({nullptr, head}, state_, findings);
    Keep(std::move(change));
  }

  static void Begin(NodeChange& change, const dbt::Node& node, ChangeKind kind) {
    change.unique_id = node.unique_id;
    change.old_unique_id = node.unique_id;
    change.resource_type = node.resource_type;
    change.kind = kind;
    change.evidence = "manifests";
  }

  // A node of the base side whose compiled SQL reads the head side's tables: what is left of a
  // difference is the node's own.
  dbt::Node WithHeadRelations(const dbt::Node& base) const {
    dbt::Node node = base;
    if (!node.compiled_code) return node;
    std::vector<std::pair<std::string, std::string>> names;  // base side's, head side's
    auto add = [&](const std::string& id) {
      auto renamed = renames_.base_to_head.find(id);
      const dbt::Node* from = base_.Find(id);
      const dbt::Node* to =
          head_.Find(renamed == renames_.base_to_head.end() ? id : renamed->second);
      if (from && to && !from->relation_name.empty() && !to->relation_name.empty() &&
          from->relation_name != to->relation_name) {
        names.emplace_back(from->relation_name, to->relation_name);
      }
    };
    add(base.unique_id);
    for (const std::string& parent : base.depends_on_nodes) add(parent);
    // Longer names first: one table's name may be the beginning of another's.
    std::sort(names.begin(), names.end(), [](const auto& a, const auto& b) {
      return a.first.size() != b.first.size() ? a.first.size() > b.first.size() : a < b;
    });
    if (names.empty()) return node;
    std::string_view code = *base.compiled_code;
    std::string out;
    for (size_t i = 0; i < code.size();) {
      auto name = std::find_if(names.begin(), names.end(), [&](const auto& pair) {
        return code.substr(i, pair.first.size()) == pair.first;
      });
      out += name == names.end() ? std::string(1, code[i]) : name->second;
      i += name == names.end() ? 1 : name->first.size();
    }
    node.compiled_code = std::move(out);
    return node;
  }

  // A seed is compared by checksum, and dbt computes it differently from version to version.
  bool SameSeedFile(const Pair& pair, const NodeChange& change) const {
    const dbt::Node& seed = *pair.head;
    if (seed.resource_type != "seed" || !options_.changed_files || !change.Has("body") ||
        base_.metadata().dbt_version == head_.metadata().dbt_version ||
        seed.package_name != head_.metadata().project_name) {
      return false;
    }
    return pair.base->original_file_path == seed.original_file_path &&
           options_.changed_files->count(PathOf(seed)) == 0;
  }

  // Whether a reason is how the other engine writes the same thing.
  static bool OfTheEngine(const Reason& reason, const dbt::Node& base, const dbt::Node& head) {
    if (reason.kind == "relation" && head.test_metadata) return base.alias == head.alias;
    if (reason.kind == "fqn") return base.original_file_path == head.original_file_path;
    if (reason.kind == "contract") return SameContract(base, head);
    if (reason.kind == "unit_test") return SameUnitTest(base, head);
    if (reason.kind == "exports") {
      auto written = [](const dbt::Node& node) {
        Value list = Value::MakeArray();
        for (const Value& item : node.definition["exports"].items()) {
          list.Append(Value::MakeObject(
              {{"name", item["name"]}, {"config", WithoutEmpty(item["unrendered_config"])}}));
        }
        return list;
      };
      return written(base) == written(head);
    }
    // Another meaning would be told as well.
    if (head.resource_type == "semantic_model" && reason.kind != "description") return true;
    if (reason.kind != "configs") return false;
    std::string_view key = std::string_view(reason.detail).substr(0, reason.detail.find(':'));
    if (!key.starts_with("config.")) return WithoutEmpty(base.config) == WithoutEmpty(head.config);
    key.remove_prefix(7);
    if (key == "pre_hook") key = "pre-hook";
    if (key == "post_hook") key = "post-hook";
    return WithoutEmpty(base.config[key]) == WithoutEmpty(head.config[key]);
  }

  // dbt sees a change, and every value in force and the tree of the SQL are the same.
  bool IsCosmetic(const Pair& pair, const NodeChange& change) const {
    if (!change.also.empty()) return false;
    // Checksums of the two engines, and the calls that dbt writes for generic tests, differ where
    // dbt itself calls nothing modified.
    bool may_be_unmodified = state_.engines_differ || pair.head->test_metadata.has_value();
    if (!change.Has("modified") && !may_be_unmodified) return false;
    const dbt::Node& base = *pair.base;
    const dbt::Node& head = *pair.head;
    for (const std::string& word : change.dbt_state) {
      if (word == "modified") continue;
      if (word == "body") {
        if (change.evidence == "git") continue;
        if (head.test_metadata) continue;  // written by dbt, from the configs that are judged below
        bool same_text = Trim(base.raw_code) == Trim(head.raw_code);
        if (state_.rust_engine && same_text && !head.raw_code.empty()) continue;
        if (head.resource_type == "unit_test" && SameUnitTest(base, head)) continue;
        if (head.resource_type == "seed" || !options_.same_sql ||
            !options_.same_sql(WithHeadRelations(base), head)) {
          return false;
        }
      } else if (word == "contract") {
        if (!SameContract(base, head)) return false;
      } else if (word == "macros") {
        if (!SameInspiteOfMacros(base, head)) return false;
      } else if (word != "configs" && word != "relation") {
        return false;
      }
    }
    // What dbt compares beyond the words (fqn, access, freshness...) has reasons of its own.
    for (const Reason& reason : change.reasons) {
      if (IsOneOf(reason.kind, {"body", "contract", "macros"})) continue;  // judged above
      if (state_.engines_differ && OfTheEngine(reason, base, head)) continue;
      if (reason.kind != "configs" && reason.kind != "relation") return false;
      if (reason.kind == "relation" && head.resource_type == "source") {
        if (base.database != head.database || base.schema != head.schema ||
            base.identifier != head.identifier) {
          return false;
        }
        continue;
      }
      std::string_view detail = reason.detail;
      std::string_view key = detail.substr(0, detail.find(':'));
      if (!key.starts_with("config.")) return false;
      key.remove_prefix(7);
      bool spelling = key == "severity" &&
                      EqualsIgnoreCase(base.config[key].AsString(), head.config[key].AsString());
      if (!spelling && !(base.config[key] == head.config[key])) return false;
    }
    return true;
  }

  void Keep(NodeChange change) {
    if (change.kind == ChangeKind::kModified && change.dbt_state.empty() && change.also.empty()) {
      return;
    }
    set_.nodes.push_back(std::move(change));
  }

  void Tests() {
    std::vector<TestChange> changes =
        CompareTests(base_, head_, removed_, added_, modified_tests_, renames_, options_);
    if (changes.empty()) return;
    std::map<std::string, size_t> position;
    for (size_t i = 0; i < set_.nodes.size(); ++i) {
      if (set_.nodes[i].kind != ChangeKind::kRemoved) position[set_.nodes[i].unique_id] = i;
    }
    for (TestChange& test : changes) {
      const dbt::Node* node = head_.Find(test.node);
      if (!node) continue;
      auto [at, fresh] = position.emplace(test.node, set_.nodes.size());
      if (fresh) {
        set_.nodes.emplace_back();
        Begin(set_.nodes.back(), *node, ChangeKind::kModified);
      }
      NodeChange& change = set_.nodes[at->second];
      if (change.kind == ChangeKind::kAdded) continue;  // a new model comes with its tests
      change.also.emplace_back("tests");
      change.cosmetic = false;
      change.reasons.push_back({"tests", std::move(test.path), std::move(test.detail),
                                std::move(test.base), std::move(test.head)});
    }
  }

  // What a changed node reads must be in its manifest, or nothing can be said of what it reads.
  void DanglingParents() {
    for (const NodeChange& change : set_.nodes) {
      const dbt::Node* node =
          change.kind == ChangeKind::kRemoved ? nullptr : head_.Find(change.unique_id);
      if (!node) continue;
      for (const std::string& parent : node->depends_on_nodes) {
        if (head_.Contains(parent) || parent.starts_with("macro.") || IsDisabled(parent)) continue;
        set_.unknown.push_back(
            {PathOf(*node),
             fmt::format("{} depends on {}, which is not in {}: write the manifest again with dbt",
                         Printable(change.unique_id), Printable(parent), head_.metadata().path)});
        break;
      }
    }
  }

  // One line of dbt_project.yml may change every model: said once, so that the rest can be seen.
  void SharedReasons() {
    std::map<std::string, size_t> nodes_with;
    for (const NodeChange& change : set_.nodes) {
      std::set<std::string> texts;
      for (const Reason& reason : change.reasons) {
        if (change.kind != ChangeKind::kModified || reason.kind == "body") continue;
        std::string text = fmt::format("{}: {}", reason.kind, Printable(reason.detail));
        if (!reason.base.is_null() || !reason.head.is_null()) {
          text += fmt::format(" ({} -> {})", Printable(WriteJson(reason.base)),
                              Printable(WriteJson(reason.head)));
        }
        texts.insert(std::move(text));
      }
      for (const std::string& text : texts) ++nodes_with[text];
    }
    for (const auto& [text, count] : nodes_with) {
      if (count < kManyNodes) continue;
      set_.notes.push_back(fmt::format("{} nodes have one reason in common: {}", count, text));
    }
  }

  bool IsDisabled(const std::string& id) const {
    return std::binary_search(head_.disabled_ids().begin(), head_.disabled_ids().end(), id);
  }

  void Finish() {
    for (NodeChange& change : set_.nodes) {
      SortUnique(change.dbt_state);
      SortUnique(change.also);
    }
    std::sort(set_.nodes.begin(), set_.nodes.end(), [](const NodeChange& a, const NodeChange& b) {
      return a.unique_id != b.unique_id ? a.unique_id < b.unique_id : a.kind < b.kind;
    });
  }

  const dbt::Project& base_;
  const dbt::Project& head_;
  const CompareOptions& options_;
  ChangeSet set_;
  std::vector<std::string> removed_, added_, modified_tests_;
  std::vector<std::pair<std::string, std::string>> same_;
  Renames renames_;
  StateContext state_;
  std::optional<bool> semantic_models_differ_;
  std::optional<ChangedMacros> macros_of_renamed_;
};

}  // namespace

std::string_view ToString(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kAdded:
      return "added";
    case ChangeKind::kRemoved:
      return "removed";
    case ChangeKind::kRenamed:
      return "renamed";
    case ChangeKind::kModified:
      break;
  }
  return "modified";
}

bool NodeChange::Has(std::string_view word) const {
  return std::find(dbt_state.begin(), dbt_state.end(), word) != dbt_state.end() ||
         std::find(also.begin(), also.end(), word) != also.end();
}

const NodeChange* ChangeSet::Find(std::string_view unique_id) const {
  auto found = std::lower_bound(
      nodes.begin(), nodes.end(), unique_id,
      [](const NodeChange& change, std::string_view id) { return change.unique_id < id; });
  return found == nodes.end() || found->unique_id != unique_id ? nullptr : &*found;
}

ChangeSet Compare(const dbt::Project& base, const dbt::Project& head,
                  const CompareOptions& options) {
  return Comparison(base, head, options).Compare();
}

void Findings::Because(std::string_view kind, std::string path, std::string detail, Value base,
                       Value head) {
  change_.reasons.push_back(
      {std::string(kind), std::move(path), std::move(detail), std::move(base), std::move(head)});
}

std::string Findings::PathOf(const std::string& package, const std::string& path) const {
  if (path.empty()) return {};
  std::string_view own = path.starts_with("./") ? std::string_view(path).substr(2) : path;
  auto local = options_.package_folders.find(package);
  if (local != options_.package_folders.end()) return local->second + std::string(own);
  return (package == root_package_ ? options_.project_prefix : "") + std::string(own);
}

std::string Findings::YamlOf(const dbt::Node& node) const {
  return node.patch_path.empty() ? FileOf(node) : PathOf(node.package_name, node.patch_path);
}

Value Small(Value value) {
  if (value.is_string() && value.AsString().size() > kSmallText) {
    std::string_view text = value.AsString();
    size_t end = kSmallText;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // UTF-8
    return fmt::format("{}... ({} characters)", text.substr(0, end), text.size());
  }
  if ((value.is_array() || value.is_object()) && WriteJson(value).size() > kSmallText) return {};
  return value;
}

Value WithoutNulls(const Value& value) {
  if (value.is_array()) {
    Value list = Value::MakeArray();
    for (const Value& item : value.items()) list.Append(WithoutNulls(item));
    return list;
  }
  if (!value.is_object()) return value;
  Value object = Value::MakeObject();
  for (const auto& [key, member] : value.members()) {
    Value kept = WithoutNulls(member);
    if (kept.is_null() || (kept.is_object() && kept.members().empty())) continue;
    object.Set(key, std::move(kept));
  }
  return object;
}

Value WithoutEmpty(const Value& value) {
  if (value.is_array()) {
    Value list = Value::MakeArray();
    for (const Value& item : value.items()) list.Append(WithoutEmpty(item));
    return list;
  }
  if (!value.is_object()) return value;
  Value object = Value::MakeObject();
  for (const auto& [key, member] : value.members()) {
    Value kept = WithoutEmpty(member);
    if (!kept.empty() || kept.is_bool() || kept.is_number()) object.Set(key, std::move(kept));
  }
  return object;
}

std::string CollapseWhitespace(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
    if (!space) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

}  // namespace layergate::change
