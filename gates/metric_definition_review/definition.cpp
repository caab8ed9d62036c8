#include "gates/metric_definition_review/definition.h"

#include <algorithm>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "core/text.h"

namespace layergate::metrics {
namespace {

// Keys that do not change what is measured.
bool IsWording(std::string_view key) {
  constexpr std::string_view kWording[] = {"description", "label",         "meta",     "tags",
                                           "config",      "docs",          "metadata", "created_at",
                                           "doc_blocks",  "input_measures"};
  return std::find(std::begin(kWording), std::end(kWording), key) != std::end(kWording);
}

// Lists of named things (measures, metrics) are compared by name, so that their order is no
// difference.
bool IsNamedList(const Value& value) {
  return value.is_array() && !value.items().empty() &&
         std::all_of(value.items().begin(), value.items().end(),
                     [](const Value& item) { return item["name"].is_string(); });
}

// Filters as people write them: dbt wraps each in where_filters and where_sql_template.
Value Unwrapped(const Value& value) {
  if (value.is_object() && value.members().size() == 1) {
    const auto& [key, inner] = value.members().front();
    if (key == "where_sql_template" || key == "where_filters") return Unwrapped(inner);
  }
  if (value.is_array() && value.items().size() == 1 && !IsNamedList(value)) {
    return Unwrapped(value.items().front());
  }
  return value;
}

// Expressions and filters as they mean: layout and the blanks of Jinja's braces say nothing.
Value Tidied(const Value& value) {
  if (!value.is_string()) return value;
  std::string out;
  char quote = '\0';
  for (const char c : value.AsString()) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (quote == '\0' && (c == '\'' || c == '"')) {
      quote = c;
      out += '\'';
      continue;
    }
    if (c == quote) {
      quote = '\0';
      out += '\'';
      continue;
    }
    if (quote == '\0' && blank) {
      const bool after_bracket =
          out.empty() || out.back() == ' ' || out.back() == '{' || out.back() == '(';
      if (!after_bracket) out += ' ';
      continue;
    }
    if (quote == '\0' && (c == '}' || c == ')') && !out.empty() && out.back() == ' ') {
      out.pop_back();
    }
    out += c;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return Value(out);
}

// Absent, false and empty are one: which of them is written depends on the version of dbt.
bool IsNothing(const Value& value) {
  if (value.is_bool()) return !value.AsBool();
  if (value.is_object()) {
    return std::all_of(value.members().begin(), value.members().end(),
                       [](const auto& member) { return IsNothing(member.second); });
  }
  return value.empty();
}

Value Without(const Value& object, const std::set<std::string>& keys) {
  Value rest = Value::MakeObject();
  for (const auto& [key, value] : object.members()) {
    if (keys.count(key) == 0) rest.Set(key, value);
  }
  return rest;
}

// A measure, dimension or entity without an expression is the column of its name.
Value WithExpression(const Value& part) {
  if (!part.is_object() || !part["expr"].is_null()) return part;
  Value whole = part;
  whole.Set("expr", part["name"]);
  return whole;
}

void Compare(const std::string& where, const Value& base_value, const Value& head_value,
             std::vector<DefinitionChange>& changes) {
  Value base = Unwrapped(base_value), head = Unwrapped(head_value);
  if (Tidied(base) == Tidied(head) || (IsNothing(base) && IsNothing(head))) return;
  if (base == head || (base.empty() && head.empty())) return;
  auto below = [&](std::string_view key) {
    return where.empty() ? std::string(key) : fmt::format("{}.{}", where, key);
  };
  if (base.is_object() && head.is_object()) {
    std::set<std::string> keys;
    for (const Value* side : {&base, &head}) {
      for (const auto& [key, value] : side->members()) keys.insert(key);
    }
    for (const std::string& key : keys) {
      if (!IsWording(key)) Compare(below(key), base[key], head[key], changes);
    }
    return;
  }
  if ((IsNamedList(base) || base.empty()) && (IsNamedList(head) || head.empty())) {
    std::set<std::string> names;
    auto find = [](const Value& list, std::string_view name) -> const Value* {
      for (const Value& item : list.items()) {
        if (item["name"].AsString() == name) return &item;
      }
      return nullptr;
    };
    for (const Value* side : {&base, &head}) {
      for (const Value& item : side->items()) names.emplace(item["name"].AsString());
    }
    for (const std::string& name : names) {
      const Value* before = find(base, name);
      const Value* now = find(head, name);
      std::string place = fmt::format("{}[{}]", where, name);
      if (before && now) {
        Compare(place, WithExpression(*before), WithExpression(*now), changes);
      } else {
        changes.push_back({place, before ? *before : Value(), now ? *now : Value()});
      }
    }
    return;
  }
  changes.push_back({where, base, head});
}

// --- what is aggregated --------------------------------------------------------------------------

Value AggregationOf(const Value& agg, const Value& expression, const Value& time,
                    const Value& parameters, const Value& non_additive, const dbt::Node& model) {
  const auto kept = [](const Value& value) { return IsNothing(value) ? Value() : value; };
  std::vector<std::string> reads;
  for (const std::string& id : model.depends_on_nodes) reads.push_back(id);
  return Value::MakeObject({{"of", Value::FromStrings(reads)},
                            {"agg", agg},
                            {"expr", expression},
                            {"agg_time_dimension", time},
                            {"agg_params", kept(parameters)},
                            {"non_additive_dimension", kept(non_additive)}});
}

Value OfMeasure(const Value& measure, const dbt::Node& model) {
  const Value& own_time = measure["agg_time_dimension"];
  const Value& time =
      own_time.is_null() ? model.definition["defaults"]["agg_time_dimension"] : own_time;
  return AggregationOf(measure["agg"], WithExpression(measure)["expr"], time, measure["agg_params"],
                       measure["non_additive_dimension"], model);
}

std::vector<const dbt::Node*> SemanticModels(const dbt::Project& project, const dbt::Node& metric) {
  std::vector<const dbt::Node*> models;
  for (const std::string& id : metric.depends_on_nodes) {
    const dbt::Node* node = project.Find(id);
    if (node && node->resource_type == "semantic_model") models.push_back(node);
    // A cumulative metric over another metric.
    if (!node || node->resource_type != "metric") continue;
    for (const dbt::Node* above : SemanticModels(project, *node)) models.push_back(above);
  }
  return models;
}

Value ByMeasureName(const dbt::Project& project, const dbt::Node& metric, std::string_view name) {
  for (const dbt::Node* model : SemanticModels(project, metric)) {
    for (const Value& measure : model->definition["measures"].items()) {
      if (measure["name"].AsString() == name) return OfMeasure(measure, *model);
    }
  }
  return {};
}

// What a simple metric aggregates, whichever way it is written; null when it can't be told.
Value AggregationOf(const dbt::Project& project, const dbt::Node& metric) {
  const Value& parameters = metric.definition["type_params"];
  const Value& own = parameters["metric_aggregation_params"];
  if (own.is_object()) {
    for (const dbt::Node* model : SemanticModels(project, metric)) {
      if (model->name != own["semantic_model"].AsString()) continue;
      const Value& time = own["agg_time_dimension"];
      const Value& expression = parameters["expr"];
      return AggregationOf(
          own["agg"], expression.is_null() ? Value(metric.name) : expression,
          time.is_null() ? model->definition["defaults"]["agg_time_dimension"] : time,
          own["agg_params"], own["non_additive_dimension"], *model);
    }
    return {};
  }
  const Value& measure = parameters["measure"];
  const std::string_view name =
      measure.is_string() ? measure.AsString() : measure["name"].AsString();
  return name.empty() ? Value() : ByMeasureName(project, metric, name);
}

const dbt::Node* MetricNamed(const dbt::Project& project, const dbt::Node& beside,
                             std::string_view name) {
  return project.Find(fmt::format("metric.{}.{}", beside.package_name, name));
}

// The definition with the aggregation in place of the ways to write it, where it can be told.
Value Meaning(const dbt::Project& project, const dbt::Node& node) {
  if (node.resource_type != "metric") return node.definition;
  const Value& parameters = node.definition["type_params"];
  const std::string_view input = parameters["cumulative_type_params"]["metric"]["name"].AsString();
  const dbt::Node* other = input.empty() ? nullptr : MetricNamed(project, node, input);
  Value aggregation = other ? AggregationOf(project, *other) : AggregationOf(project, node);
  if (aggregation.is_null()) return node.definition;
  const Value& measure = parameters["measure"];
  for (const char* key : {"filter", "fill_nulls_with", "join_to_timespine"}) {
    const Value& of_measure = measure.is_object() ? measure[key] : parameters[key];
    if (!IsNothing(of_measure)) aggregation.Set(key, of_measure);
  }
  Value rest = Without(parameters, {"measure", "metric_aggregation_params", "fill_nulls_with",
                                    "join_to_timespine", "is_private", "input_measures"});
  if (parameters["metric_aggregation_params"].is_object()) rest = Without(rest, {"expr"});
  if (rest["cumulative_type_params"].is_object()) {
    rest.Set("cumulative_type_params", Without(rest["cumulative_type_params"], {"metric"}));
  }
  rest.Set("aggregation", std::move(aggregation));
  Value whole = Without(node.definition, {"type_params"});
  whole.Set("type_params", std::move(rest));
  return whole;
}

// dbt 1.12: the metric has its aggregation, or names the metric that it accumulates.
bool SaysItself(const dbt::Node& node) {
  const Value& parameters = node.definition["type_params"];
  return parameters["metric_aggregation_params"].is_object() ||
         parameters["cumulative_type_params"]["metric"].is_object();
}

// A measure that is gone, and a metric of the head aggregates the same.
bool MovedIntoMetric(const DefinitionChange& change, const dbt::Node& base,
                     const dbt::Project& head_project) {
  if (change.where.rfind("measures[", 0) != 0 || !change.head.is_null()) return false;
  const Value was = OfMeasure(change.base, base);
  for (const std::string& id : head_project.ids()) {
    if (id.rfind("metric.", 0) != 0) continue;
    const dbt::Node* metric = head_project.Find(id);
    if (metric && metric->definition["type_params"]["metric_aggregation_params"].is_object() &&
        AggregationOf(head_project, *metric) == was) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool DefinitionChange::IsNewPart() const {
  return base.is_null() && !where.empty() && where.back() == ']' &&
         (where.rfind("measures[", 0) == 0 || where.rfind("dimensions[", 0) == 0 ||
          where.rfind("entities[", 0) == 0 || where.rfind("exports[", 0) == 0);
}

std::vector<DefinitionChange> CompareDefinitions(const dbt::Project& base_project,
                                                 const dbt::Node& base,
                                                 const dbt::Project& head_project,
                                                 const dbt::Node& head) {
  std::vector<DefinitionChange> changes;
  // Two that name measures are compared as they are: what a measure means is its model's to say.
  const bool alike = SaysItself(base) == SaysItself(head);
  Compare("", alike ? base.definition : Meaning(base_project, base),
          alike ? head.definition : Meaning(head_project, head), changes);
  changes.erase(std::remove_if(changes.begin(), changes.end(),
                               [&](const DefinitionChange& change) {
                                 return MovedIntoMetric(change, base, head_project);
                               }),
                changes.end());
  return changes;
}

}  // namespace layergate::metrics
