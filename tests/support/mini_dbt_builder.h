// The parts of the small dbt: one builder, its steps by theme in mini_dbt_*.cpp. Nothing but those
// files includes this header.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/value.h"
#include "support/mini_dbt.h"
#include "support/mini_jinja.h"

namespace layergate::minidbt {

using Files = std::map<std::string, std::string>;

bool StartsWith(std::string_view text, std::string_view with);
bool EndsWith(std::string_view text, std::string_view with);
bool IsYaml(std::string_view path);
// "models/marts/fct_orders.sql" -> "fct_orders"
std::string Stem(std::string_view path);
// "models/marts/fct_orders.sql" -> {"marts"}
std::vector<std::string> Folders(std::string_view path);
Value StringList(const Value& value);
void AddUnique(Value& list, const Value& items);
void AddUnique(std::vector<std::string>& list, const std::string& item);
// dbt merges configurations from the outside in: tags add up, meta merges by key, the rest is
// replaced.
void MergeConfig(Value& config, const Value& more);

struct Relation {
  std::string database, schema, identifier;
  std::string Quoted() const {
    std::string text = database.empty() ? "" : fmt::format("\"{}\".", database);
    return text + fmt::format("\"{}\".\"{}\"", schema, identifier);
  }
};

// What a model's Jinja asked for.
struct Usage {
  Value refs = Value::MakeArray(), sources = Value::MakeArray();
  std::vector<std::string> nodes, macros, ephemeral;
  Value config = Value::MakeObject();
  std::string unresolved;  // the first name that nothing answers to
};

class Builder {
 public:
  Builder(const Files& files, const Options& options) : files_(files), options_(options) {}
  Result<Value> Build();

 private:
  struct YamlEntry {
    std::string path;
    Value value;
  };
  struct Macro {
    MacroText text;
    std::string path;
  };
  struct Model {
    std::string path, raw;
    Value config = Value::MakeObject(), unrendered = Value::MakeObject();
    YamlEntry yaml;
    Relation relation;
    bool is_ephemeral = false;
    // Set by Compile.
    bool compiled = false, compiling = false;
    Usage usage;
    std::string sql;
  };

  // --- reading -----------------------------------------------------------------------------------
  Result<bool> ReadFiles();
  void Sort(const std::string& path, const Value& tree);
  // Configuration that dbt_project.yml gives to a path: the levels of `models:` by folder.
  Value ProjectConfig(std::string_view section, const std::vector<std::string>& folders,
                      const std::string& model) const;

  // --- sources, seeds, models --------------------------------------------------------------------
  Result<bool> AddSources();
  const YamlEntry* Find(const std::string& kind, std::string_view name);
  Result<bool> AddSeeds();
  // Configuration first, for all models: a ref needs to know whether its model is ephemeral.
  Result<bool> AddModels();
  // tags, meta, access and group may stand beside `config:` too.
  static void AddTopLevel(Model& model);
  void AddModel(const std::string& name, Model& model);

  // --- compiling ---------------------------------------------------------------------------------
  static void ReadConfig(const Expression& expression, Usage& usage);
  Result<bool> Compile(const std::string& name, Model& model);
  Result<std::string> RenderSql(std::string_view text, Model& model,
                                const std::map<std::string, Value>& parameters);
  Result<std::string> Answer(const Expression& e, Model& model,
                             const std::map<std::string, Value>& parameters);
  static std::string Plain(const Value& value);
  Result<std::string> AnswerRef(const Expression& e, Model& model);
  Result<std::string> AnswerSource(const Expression& e, Usage& usage);
  Result<std::string> AnswerVar(const Expression& e);
  Result<std::string> AnswerMacro(const Expression& e, Model& model);
  // dbt puts ephemeral models in front of the query as CTEs.
  void InlineEphemeral(Model& model);
  const std::string& OwnSql(const Model& model);

  // --- parts of nodes ----------------------------------------------------------------------------
  Value Named(const std::string& id, std::string_view type, const std::string& name,
              const std::string& path, const std::vector<std::string>& fqn) const;
  static void SetRelation(Value& node, const Relation& relation);
  static Value Checksum(std::string_view text);
  void Finish(Value& node, const Value& entry, Value config, Value unrendered,
              const std::string& yaml_path) const;
  // dbt keeps keys that it does not know: policy_tags, classifiers, masking keys.
  static Value Columns(const Value& entries);

  // --- tests -------------------------------------------------------------------------------------
  struct TestUse {
    Value test;
    std::string column, node, target, prefix, path;
  };
  void CollectTests(const Value& entry, const std::string& node, const std::string& target,
                    const std::string& prefix, const std::string& path);
  Result<bool> AddTests();
  static Value TestConfig(const Value& given);
  static void DependOn(Value& node, const std::vector<std::string>& nodes);
  // "{{ ref('x') }}" or "ref('x')" as an argument of a test, a semantic model or an exposure.
  Result<std::string> IdOf(std::string_view text, const std::string& path);
  Result<bool> AddGenericTest(const TestUse& use);
  static std::string Words(const Value& value);

  // --- metrics and their like --------------------------------------------------------------------
  // The entry's own keys, beside the ones that every node has.
  void AddDefinition(Value& node, const Value& entry) const;
  static Value Filter(const Value& filter);
  static Value Measure(const Value& measure);
  Result<bool> AddSemantics();
  Result<bool> AddExposures();
  // on-run-start and on-run-end of dbt_project.yml.
  void AddOperations();
  Value MacrosIn(std::string_view text) const;

  // --- the whole ---------------------------------------------------------------------------------
  Value Macros() const;
  Value Manifest();

  const Files& files_;
  const Options& options_;
  std::string name_ = "shop";
  Value project_ = Value::MakeObject();
  std::map<std::string, std::vector<YamlEntry>> yaml_;
  std::map<std::string, Model> models_;
  std::map<std::string, Macro> macros_;
  std::map<std::string, std::string> own_sql_;
  std::map<std::string, std::pair<std::string, Relation>> source_relation_, other_relation_;
  std::vector<TestUse> tests_;
  Value nodes_ = Value::MakeObject(), sources_node_ = Value::MakeObject(),
        semantic_models_ = Value::MakeObject(), metrics_ = Value::MakeObject(),
        exposures_ = Value::MakeObject(), saved_queries_ = Value::MakeObject(),
        unit_tests_ = Value::MakeObject(), disabled_ = Value::MakeObject();
};

}  // namespace layergate::minidbt
