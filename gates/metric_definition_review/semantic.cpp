#include "gates/metric_definition_review/semantic.h"

#include <algorithm>
#include <cctype>

#include "core/text.h"

namespace layergate::semantic {
namespace {

bool IsWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$'; }

void AddParts(std::vector<Part>& parts, std::string_view kind, const Value& list) {
  for (const Value& item : list.items()) {
    Part part;
    part.kind = std::string(kind);
    part.name = std::string(item["name"].AsString());
    const Value& expression = item["expr"];
    part.expression = expression.is_string() ? std::string(expression.AsString())
                      : expression.is_null() ? part.name
                                             : WriteJson(expression);
    part.aggregation = std::string(item["agg"].AsString());
    parts.push_back(part);
    std::string_view time = item["agg_time_dimension"].AsString();
    if (!time.empty()) parts.push_back({"time dimension of", part.name, std::string(time), ""});
    std::string_view order = item["non_additive_dimension"]["name"].AsString();
    if (!order.empty()) parts.push_back({"dimension of", part.name, std::string(order), ""});
  }
}

// Templates of a filter, in any of the shapes of the years: text, a list, or where_filters.
void AddFilter(std::vector<Part>& parts, const std::string& name, const Value& filter) {
  if (filter.is_string()) parts.push_back({"filter", name, std::string(filter.AsString()), ""});
  for (const Value& item : filter.items()) AddFilter(parts, name, item);
  for (const Value& item : filter["where_filters"].items()) {
    AddFilter(parts, name, item["where_sql_template"]);
  }
  if (filter["where_sql_template"].is_string()) {
    AddFilter(parts, name, filter["where_sql_template"]);
  }
  // dbt 1.3 to 1.5: {field, operator, value}
  if (filter["field"].is_string()) AddFilter(parts, name, filter["field"]);
}

}  // namespace

std::vector<Part> PartsOf(const dbt::Node& node) {
  std::vector<Part> parts;
  const Value& definition = node.definition;
  if (node.resource_type == "semantic_model") {
    AddParts(parts, "measure", definition["measures"]);
    AddParts(parts, "dimension", definition["dimensions"]);
    AddParts(parts, "entity", definition["entities"]);
    std::string_view time = definition["defaults"]["agg_time_dimension"].AsString();
    if (!time.empty())
      parts.push_back({"default time dimension", node.name, std::string(time), ""});
  }
  if (node.resource_type == "metric") {
    std::string_view expression = definition["expression"].AsString();
    if (!expression.empty()) {
      parts.push_back({"metric", node.name, std::string(expression),
                       std::string(definition["calculation_method"].AsString())});
    }
    std::string_view timestamp = definition["timestamp"].AsString();
    if (!timestamp.empty()) parts.push_back({"timestamp", node.name, std::string(timestamp), ""});
    const Value& own = definition["type_params"]["metric_aggregation_params"];
    if (own.is_object()) {
      std::string_view inner = own["expr"].AsString();
      if (inner.empty()) inner = definition["type_params"]["expr"].AsString();
      parts.push_back(
          {"metric", node.name, std::string(inner), std::string(own["agg"].AsString())});
    }
    AddFilter(parts, node.name, definition["filter"]);
    for (const Value& filter : definition["filters"].items()) AddFilter(parts, node.name, filter);
  }
  return parts;
}

bool Mentions(std::string_view expression, std::string_view column) {
  for (size_t i = 0; i < expression.size();) {
    if (expression[i] == '\'') {  // Dimension('order__status') is a name; 'paid' is not a column
      size_t close = expression.find('\'', i + 1);
      if (close == std::string_view::npos) return false;
      std::string_view quoted = expression.substr(i + 1, close - i - 1);
      size_t owner = quoted.rfind("__");
      if (owner != std::string_view::npos && EqualsIgnoreCase(quoted.substr(owner + 2), column)) {
        return true;
      }
      i = close + 1;
      continue;
    }
    if (!IsWord(expression[i])) {
      ++i;
      continue;
    }
    size_t begin = i;
    while (i < expression.size() && IsWord(expression[i])) ++i;
    if (EqualsIgnoreCase(expression.substr(begin, i - begin), column)) return true;
  }
  return false;
}

std::vector<Part> ReadersIn(const dbt::Node& node, std::string_view column) {
  std::vector<Part> readers;
  for (Part& part : PartsOf(node)) {
    if (Mentions(part.expression, column)) readers.push_back(std::move(part));
  }
  return readers;
}

std::vector<std::string> MeasuresOf(const dbt::Node& metric) {
  std::vector<std::string> names;
  auto add = [&](const Value& measure) {
    std::string name(measure.is_string() ? measure.AsString() : measure["name"].AsString());
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(std::move(name));
    }
  };
  const Value& parameters = metric.definition["type_params"];
  for (const char* key : {"measure", "numerator", "denominator"}) add(parameters[key]);
  for (const Value& measure : parameters["input_measures"].items()) add(measure);
  const Value& conversion = parameters["conversion_type_params"];
  add(conversion["base_measure"]);
  add(conversion["conversion_measure"]);
  return names;
}

std::vector<std::string> MetricsReading(const dbt::Project& project, const dbt::Node& node,
                                        const Part& part) {
  std::vector<std::string> ids;
  auto add = [&](const std::string& id) {
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  };
  auto reads = [&](const dbt::Node& metric) {
    if (part.kind == "default time dimension") return true;
    if (part.kind != "measure" && part.kind != "time dimension of") {
      return !ReadersIn(metric, part.name).empty();
    }
    std::vector<std::string> measures = MeasuresOf(metric);
    return std::find(measures.begin(), measures.end(), part.name) != measures.end();
  };
  auto add_with_derived = [&](const std::string& id) {
    add(id);
    for (const std::string& above : project.Downstream(id)) {
      if (above.rfind("metric.", 0) == 0) add(above);
    }
  };
  if (node.resource_type == "metric") add_with_derived(node.unique_id);
  for (const std::string& id : project.Downstream(node.unique_id)) {
    const dbt::Node* metric = project.Find(id);
    if (metric && metric->resource_type == "metric" && reads(*metric)) add_with_derived(id);
  }
  return ids;
}

}  // namespace layergate::semantic
