#include "offline/metric_inputs.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace layergate::offline {
namespace {

std::vector<std::string> IdsOf(const Draft& draft, std::string_view type) {
  std::set<std::string> ids(draft.new_definitions.begin(), draft.new_definitions.end());
  ids.insert(draft.base.ids().begin(), draft.base.ids().end());
  std::vector<std::string> found;
  for (const std::string& id : ids) {
    if (id.starts_with(type)) found.push_back(id);
  }
  return found;
}

Value Input(const Value& yaml, const Value& defaults) {
  if (yaml.is_null()) return yaml;
  Value input = defaults;
  if (yaml.is_string()) return input.Set("name", yaml);
  for (const auto& [key, value] : yaml.members()) {
    bool is_filter = key == "filter" && value.is_string();
    Value filter = Value::MakeObject({{"where_sql_template", value}});
    input.Set(key, is_filter ? Value::MakeObject({{"where_filters", Value::MakeArray({filter})}})
                             : value);
  }
  return input;
}

Value MeasureInput(const Value& yaml) {
  return Input(yaml, Value::MakeObject({{"name", Value()},
                                        {"filter", Value()},
                                        {"alias", Value()},
                                        {"join_to_timespine", false},
                                        {"fill_nulls_with", Value()}}));
}

Value MetricInput(const Value& yaml) {
  return Input(yaml, Value::MakeObject({{"name", Value()},
                                        {"filter", Value()},
                                        {"alias", Value()},
                                        {"offset_window", Value()},
                                        {"offset_to_grain", Value()}}));
}

class Inputs {
 public:
  explicit Inputs(Draft& draft) : draft_(draft), metrics_(IdsOf(draft, "metric.")) {
    for (const std::string& id : metrics_) {
      bool is_there = !draft.edit.Get("metrics", id).is_null();
      if (is_there) by_name_.emplace(id.substr(id.rfind('.') + 1), id);
    }
    for (const std::string& id : IdsOf(draft, "semantic_model.")) {
      Value entry = draft.edit.Get("semantic_models", id);
      for (const Value& measure : entry["measures"].items())
        measured_by_.emplace(std::string(measure["name"].AsString()), id);
    }
  }

  void Put() {
    for (const std::string& id : metrics_) PutOne(id);
  }

 private:
  void PutOne(const std::string& id) {
    Value entry = draft_.edit.Get("metrics", id);
    // Metrics of dbt's newer YAML aggregate by themselves.
    if (entry.is_null() || entry["type_params"]["metric_aggregation_params"].is_object()) return;
    Value parameters = entry["type_params"];
    std::vector<Value> measures = MeasuresOf(id, 0);
    Value list = Value::MakeArray();
    for (Value& measure : measures) list.Append(std::move(measure));
    bool same = Names(list) == Names(parameters["input_measures"]);
    std::vector<std::string> parents = ParentsOf(parameters);
    std::set<std::string> old_parents;
    for (const Value& parent : entry["depends_on"]["nodes"].items())
      old_parents.emplace(parent.AsString());
    bool same_parents = old_parents == std::set<std::string>(parents.begin(), parents.end());
    if (same && same_parents) return;
    if (!same) entry.Set("type_params", parameters.Set("input_measures", std::move(list)));
    Value depends = entry["depends_on"];
    if (!same_parents) entry.Set("depends_on", depends.Set("nodes", Value::FromStrings(parents)));
    draft_.edit.Set("metrics", id, std::move(entry));
  }

  static std::multiset<std::string> Names(const Value& list) {
    std::multiset<std::string> names;
    for (const Value& item : list.items()) names.emplace(item["name"].AsString());
    return names;
  }

  // Metrics that the parameters name.
  static std::vector<std::string> NamedMetrics(const Value& parameters) {
    std::vector<std::string> names;
    auto add = [&](const Value& input) {
      if (input["name"].is_string()) names.emplace_back(input["name"].AsString());
    };
    for (std::string_view key : {"numerator", "denominator"}) add(parameters[key]);
    for (const Value& input : parameters["metrics"].items()) add(input);
    add(parameters["cumulative_type_params"]["metric"]);
    return names;
  }

  static std::vector<Value> OwnMeasures(const Value& parameters) {
    std::vector<Value> measures;
    const Value& conversion = parameters["conversion_type_params"];
    for (const Value* measure :
         {&parameters["measure"], &conversion["base_measure"], &conversion["conversion_measure"]}) {
      if ((*measure)["name"].is_string()) measures.push_back(*measure);
    }
    return measures;
  }

  std::vector<std::string> ParentsOf(const Value& parameters) const {
    std::vector<std::string> parents;
    auto add = [&](const std::map<std::string, std::string>& ids, const std::string& name) {
      auto found = ids.find(name);
      bool is_new = found != ids.end() &&
                    std::find(parents.begin(), parents.end(), found->second) == parents.end();
      if (is_new) parents.push_back(found->second);
    };
    for (const Value& measure : OwnMeasures(parameters))
      add(measured_by_, std::string(measure["name"].AsString()));
    for (const std::string& name : NamedMetrics(parameters)) add(by_name_, name);
    return parents;
  }

  std::vector<Value> MeasuresOf(const std::string& id, int depth) {
    constexpr int kDeepest = 30;  // metrics that name each other: dbt refuses them
    if (depth > kDeepest) return {};
    Value parameters = draft_.edit.Get("metrics", id)["type_params"];
    std::vector<Value> measures = OwnMeasures(parameters);
    for (const std::string& name : NamedMetrics(parameters)) {
      auto other = by_name_.find(name);
      if (other == by_name_.end()) continue;
      for (Value& measure : MeasuresOf(other->second, depth + 1)) {
        if (std::find(measures.begin(), measures.end(), measure) == measures.end())
          measures.push_back(std::move(measure));
      }
    }
    return measures;
  }

  Draft& draft_;
  std::vector<std::string> metrics_;
  std::map<std::string, std::string> by_name_, measured_by_;
};

}  // namespace

Value MetricParameters(const Value& yaml) {
  Value parameters = yaml;
  if (yaml.Find("measure")) parameters.Set("measure", MeasureInput(yaml["measure"]));
  for (std::string_view key : {"numerator", "denominator"}) {
    if (yaml.Find(key)) parameters.Set(key, MetricInput(yaml[key]));
  }
  Value metrics = Value::MakeArray();
  for (const Value& metric : yaml["metrics"].items()) metrics.Append(MetricInput(metric));
  return parameters.Set("metrics", std::move(metrics));
}

void PutMetricInputs(Draft& draft) {
  bool touched = !draft.new_definitions.empty() || !draft.changed_definitions.empty();
  if (touched) Inputs(draft).Put();
}

void PutNodeRelations(Draft& draft) {
  for (const std::string& id : IdsOf(draft, "semantic_model.")) {
    Value entry = draft.edit.Get("semantic_models", id);
    std::string model(entry["depends_on"]["nodes"].items().empty()
                          ? std::string_view()
                          : entry["depends_on"]["nodes"].items()[0].AsString());
    bool moved = draft.moved.count(model) > 0 || draft.new_definitions.count(id) > 0 ||
                 draft.changed_definitions.count(id) > 0;
    Value node = moved ? draft.edit.Get("nodes", model) : Value();
    if (node.is_null()) continue;
    entry.Set("node_relation", Value::MakeObject({{"alias", node["alias"]},
                                                  {"schema_name", node["schema"]},
                                                  {"database", node["database"]},
                                                  {"relation_name", node["relation_name"]}}));
    draft.edit.Set("semantic_models", id, std::move(entry));
  }
}

}  // namespace layergate::offline
