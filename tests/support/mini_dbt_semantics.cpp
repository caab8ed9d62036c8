// Metrics and their like, exposures, unit tests and operations.
#include <fmt/format.h>

#include "core/digest.h"
#include "support/mini_dbt_builder.h"

namespace layergate::minidbt {

void Builder::AddDefinition(Value& node, const Value& entry) const {
  for (const auto& [key, value] : entry.members()) {
    if (!node.Find(key)) node.Set(key, value);
  }
}

Value Builder::Filter(const Value& filter) {
  if (!filter.is_string()) return filter;
  return Value::MakeObject(
      {{"where_filters", Value::MakeArray({Value::MakeObject({{"where_sql_template", filter}})})}});
}

Value Builder::Measure(const Value& measure) {
  if (measure.is_string()) return Value::MakeObject({{"name", measure}, {"filter", nullptr}});
  return measure;
}

Result<bool> Builder::AddSemantics() {
  std::map<std::string, std::string> model_of_measure;
  for (const YamlEntry& entry : yaml_["semantic_models"]) {
    std::string name(entry.value["name"].AsString());
    std::string id = fmt::format("semantic_model.{}.{}", name_, name);
    LAYERGATE_TRY(std::string model, IdOf(entry.value["model"].AsString(), entry.path));
    Value node = Named(id, "semantic_model", name, entry.path, {name_, name});
    node.Set("model", entry.value["model"]);
    node.Set("config", Value::MakeObject({{"enabled", true}}));
    AddDefinition(node, entry.value);
    DependOn(node, {model});
    for (const Value& measure : entry.value["measures"].items()) {
      model_of_measure[std::string(measure["name"].AsString())] = id;
    }
    semantic_models_.Set(id, std::move(node));
  }
  for (const YamlEntry& entry : yaml_["metrics"]) {
    std::string name(entry.value["name"].AsString());
    std::string id = fmt::format("metric.{}.{}", name_, name);
    Value parameters = entry.value["type_params"];
    std::vector<std::string> nodes;
    Value inputs = Value::MakeArray();
    for (const char* key : {"measure", "numerator", "denominator"}) {
      if (!parameters.Find(key)) continue;
      Value measure = Measure(parameters[key]);
      auto found = model_of_measure.find(std::string(measure["name"].AsString()));
      if (found != model_of_measure.end()) AddUnique(nodes, found->second);
      inputs.Append(measure);
      parameters.Set(key, std::move(measure));
    }
    for (const Value& metric : parameters["metrics"].items()) {
      AddUnique(nodes,
                fmt::format("metric.{}.{}", name_,
                            metric.is_string() ? metric.AsString() : metric["name"].AsString()));
    }
    parameters.Set("input_measures", std::move(inputs));
    Value node = Named(id, "metric", name, entry.path, {name_, name});
    node.Set("type_params", std::move(parameters));
    node.Set("filter", Filter(entry.value["filter"]));
    node.Set("config", Value::MakeObject({{"enabled", true}}));
    AddDefinition(node, entry.value);
    DependOn(node, nodes);
    metrics_.Set(id, std::move(node));
  }
  for (const YamlEntry& entry : yaml_["saved_queries"]) {
    std::string name(entry.value["name"].AsString());
    std::string id = fmt::format("saved_query.{}.{}", name_, name);
    std::vector<std::string> nodes;
    for (const Value& metric : entry.value["query_params"]["metrics"].items()) {
      AddUnique(nodes, fmt::format("metric.{}.{}", name_, metric.AsString()));
    }
    Value node = Named(id, "saved_query", name, entry.path, {name_, name});
    AddDefinition(node, entry.value);
    DependOn(node, nodes);
    saved_queries_.Set(id, std::move(node));
  }
  return true;
}

Result<bool> Builder::AddExposures() {
  for (const YamlEntry& entry : yaml_["exposures"]) {
    std::string name(entry.value["name"].AsString());
    std::string id = fmt::format("exposure.{}.{}", name_, name);
    std::vector<std::string> nodes;
    for (const Value& reads : entry.value["depends_on"].items()) {
      LAYERGATE_TRY(std::string node_id, IdOf(reads.AsString(), entry.path));
      AddUnique(nodes, node_id);
    }
    Value node = Named(id, "exposure", name, entry.path, {name_, name});
    DependOn(node, nodes);
    AddDefinition(node, entry.value);
    exposures_.Set(id, std::move(node));
  }
  for (const YamlEntry& entry : yaml_["unit_tests"]) {
    std::string name(entry.value["name"].AsString());
    std::string model(entry.value["model"].AsString());
    std::string id = fmt::format("unit_test.{}.{}.{}", name_, model, name);
    Value node = Named(id, "unit_test", name, entry.path, {name_, model, name});
    DependOn(node, {fmt::format("model.{}.{}", name_, model)});
    AddDefinition(node, entry.value);
    node.Set("checksum", Sha256Hex(WriteJson(entry.value)));
    unit_tests_.Set(id, std::move(node));
  }
  return true;
}

void Builder::AddOperations() {
  for (const char* when : {"on-run-start", "on-run-end"}) {
    int index = 0;
    const Value statements = StringList(project_[when]);
    for (const Value& sql : statements.items()) {
      std::string name = fmt::format("{}-{}-{}", name_, when, index);
      std::string id = fmt::format("operation.{}.{}", name_, name);
      Value node = Named(id, "operation", name, "./dbt_project.yml", {name_, name});
      node.Set("raw_code", sql);
      node.Set("index", index++);
      node.Set("tags", Value::MakeArray({when}));
      node.Set("checksum", Checksum(sql.AsString()));
      node.Set("config", Value::MakeObject({{"enabled", true}}));
      node.Set("depends_on", Value::MakeObject({{"macros", MacrosIn(sql.AsString())},
                                                {"nodes", Value::MakeArray()}}));
      nodes_.Set(id, std::move(node));
    }
  }
}

Value Builder::MacrosIn(std::string_view text) const {
  Value ids = Value::MakeArray();
  for (const std::string& name : CalledNames(text)) {
    if (macros_.count(name)) ids.Append(Value(fmt::format("macro.{}.{}", name_, name)));
  }
  return ids;
}

}  // namespace layergate::minidbt
