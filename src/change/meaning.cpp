// What a metric, a semantic model or a saved query computes, in one shape for all the ways of
// writing it.
#include <algorithm>

#include <fmt/format.h>

#include "change/rules.h"
#include "core/text.h"

namespace layergate::change {
namespace {

constexpr int kMaxDepth = 32;  // metrics made of metrics

Value Text(const Value& value) {
  return value.is_string() ? Value(CollapseWhitespace(value.AsString())) : value;
}

void Put(Value& object, std::string_view key, Value value) {
  if (value.empty() && !value.is_string()) return;
  if (value.is_bool() && !value.AsBool()) return;  // absent and false are the same everywhere here
  object.Set(key, std::move(value));
}

// A filter is a set of conditions that must all hold: {where_sql_template}, {where_filters: [...]},
// a list, or a text.
Value Filters(const Value& filter) {
  std::vector<std::string> conditions;
  auto add = [&](const Value& one) {
    const Value& text = one.is_object() ? one["where_sql_template"] : one;
    if (text.is_string()) conditions.push_back(CollapseWhitespace(text.AsString()));
  };
  add(filter);
  for (const Value& one : filter["where_filters"].items()) add(one);
  for (const Value& one : filter.items()) add(one);
  std::sort(conditions.begin(), conditions.end());
  conditions.erase(std::unique(conditions.begin(), conditions.end()), conditions.end());
  return Value::FromStrings(conditions);
}

// {count: 7, granularity: "DAYS"} and {count: 7, granularity: "day"}.
Value Window(const Value& window) {
  if (!window.is_object()) return Text(window);
  std::string granularity = ToLower(window["granularity"].AsString());
  if (granularity.ends_with('s')) granularity.pop_back();
  return Value::MakeObject({{"count", window["count"]}, {"granularity", granularity}});
}

// Free-form parts: without nulls, texts with single spaces.
Value Tidy(const Value& value) {
  if (value.is_string()) return Text(value);
  if (value.is_array()) {
    Value list = Value::MakeArray();
    for (const Value& item : value.items()) list.Append(Tidy(item));
    return list;
  }
  if (value.is_object()) {
    Value object = Value::MakeObject();
    for (const auto& [key, member] : value.members()) {
      if (key == "metadata" || key == "description" || key == "label" || key == "config") continue;
      Put(object, key, Tidy(member));
    }
    return object;
  }
  return value;
}

const Value* FindNamed(const Value& list, std::string_view name) {
  for (const Value& item : list.items()) {
    if (item["name"].AsString() == name) return &item;
  }
  return nullptr;
}

// How one semantic model aggregates one measure.
Value MeasureMeaning(const dbt::Node& model, const Value& measure) {
  Value meaning = Value::MakeObject();
  Put(meaning, "semantic_model", Value(model.name));
  Put(meaning, "agg", measure["agg"]);
  Put(meaning, "expr", Text(measure["expr"].is_null() ? measure["name"] : measure["expr"]));
  Put(meaning, "agg_params", Tidy(measure["agg_params"]));
  Put(meaning, "non_additive_dimension", Tidy(measure["non_additive_dimension"]));
  const Value& time = measure["agg_time_dimension"];
  Put(meaning, "agg_time_dimension",
      time.is_null() ? model.definition["defaults"]["agg_time_dimension"] : time);
  return meaning;
}

class Reader {
 public:
  explicit Reader(const SemanticModels& models) : models_(models) {}

  Value Metric(const dbt::Node& node) const {
    const Value& json = node.definition;
    const Value& params = json["type_params"];
    Value meaning = Value::MakeObject();
    if (!params.is_object()) return Tidy(json);  // before v10: every field is the definition
    Put(meaning, "type", json["type"]);
    Put(meaning, "filter", Filters(json["filter"]));
    if (json["type"].AsString() == "simple") {
      Put(meaning, "aggregation", Aggregation(node, params));
    } else if (!params["measure"].is_null()) {
      Put(meaning, "measure", InputMeasure(params["measure"]));
    }
    Put(meaning, "expr", json["type"].AsString() == "simple" ? Value() : Text(params["expr"]));
    for (std::string_view part : {"numerator", "denominator"}) {
      Put(meaning, part, Input(params[part]));
    }
    Value metrics = Value::MakeArray();
    for (const Value& input : params["metrics"].items()) metrics.Append(Input(input));
    Put(meaning, "metrics", metrics);
    const Value& cumulative = params["cumulative_type_params"];
    Put(meaning, "window",
        Window(cumulative["window"].is_null() ? params["window"] : cumulative["window"]));
    Put(meaning, "grain_to_date",
        cumulative["grain_to_date"].is_null() ? params["grain_to_date"]
                                              : cumulative["grain_to_date"]);
    if (cumulative["period_agg"].AsString("first") != "first") {
      Put(meaning, "period_agg", cumulative["period_agg"]);
    }
    Put(meaning, "cumulative_metric", Input(cumulative["metric"]));
    Put(meaning, "conversion", Conversion(params["conversion_type_params"]));
    Put(meaning, "time_granularity", json["time_granularity"]);
    return meaning;
  }

  Value SemanticModel(const dbt::Node& node) const {
    const Value& json = node.definition;
    Value meaning = Value::MakeObject();
    Put(meaning, "model", Text(json["model"]));
    Put(meaning, "primary_entity", json["primary_entity"]);
    for (std::string_view part : {"entities", "dimensions"}) {
      Value parts = Value::MakeObject();
      for (const Value& item : json[part].items()) {
        Value tidy = Tidy(item);
        if (item["expr"].is_null()) tidy.Set("expr", item["name"]);
        parts.Set(item["name"].AsString(), std::move(tidy));
      }
      Put(meaning, part, std::move(parts));
    }
    Value measures = Value::MakeObject();
    for (const Value& measure : json["measures"].items()) {
      measures.Set(measure["name"].AsString(), MeasureMeaning(node, measure));
    }
    Put(meaning, "measures", std::move(measures));
    return meaning;
  }

  Value SavedQuery(const dbt::Node& node) const {
    const Value& params = node.definition["query_params"];
    Value meaning = Value::MakeObject();
    Put(meaning, "metrics", Tidy(params["metrics"]));
    Put(meaning, "group_by", Tidy(params["group_by"]));
    Put(meaning, "where", Filters(params["where"]));
    Put(meaning, "order_by", Tidy(params["order_by"]));
    Put(meaning, "limit", params["limit"]);
    return meaning;
  }

 private:
  // A simple metric's aggregation, whether it names a measure or (1.12) holds it itself.
  Value Aggregation(const dbt::Node& node, const Value& params) const {
    const Value& own = params["metric_aggregation_params"];
    if (own.is_object()) {
      Value meaning = Value::MakeObject();
      Put(meaning, "semantic_model", own["semantic_model"]);
      Put(meaning, "agg", own["agg"]);
      Put(meaning, "expr", Text(params["expr"].is_null() ? Value(node.name) : params["expr"]));
      Put(meaning, "agg_params", Tidy(own["agg_params"]));
      Put(meaning, "non_additive_dimension", Tidy(own["non_additive_dimension"]));
      Put(meaning, "agg_time_dimension", own["agg_time_dimension"]);
      Put(meaning, "fill_nulls_with", params["fill_nulls_with"]);
      Put(meaning, "join_to_timespine", params["join_to_timespine"]);
      return meaning;
    }
    return InputMeasure(params["measure"]);
  }

  Value InputMeasure(const Value& input) const {
    std::string_view name = input.is_string() ? input.AsString() : input["name"].AsString();
    Value meaning = Measure(name);
    if (input.is_object()) {
      Put(meaning, "filter", Filters(input["filter"]));
      Put(meaning, "fill_nulls_with", input["fill_nulls_with"]);
      Put(meaning, "join_to_timespine", input["join_to_timespine"]);
    }
    return meaning;
  }

  // The measure of that name, of whichever semantic model has it: names of measures are unique in a
  // project.
  Value Measure(std::string_view name) const {
    for (const dbt::Node* model : models_) {
      if (const Value* measure = FindNamed(model->definition["measures"], name)) {
        return MeasureMeaning(*model, *measure);
      }
    }
    return Value::MakeObject({{"measure", std::string(name)}});
  }

  static Value Input(const Value& input) {
    if (input.is_null()) return {};
    Value meaning = Value::MakeObject();
    Put(meaning, "name", input.is_string() ? input : input["name"]);
    Put(meaning, "filter", Filters(input["filter"]));
    Put(meaning, "alias", input["alias"]);
    Put(meaning, "offset_window", Window(input["offset_window"]));
    Put(meaning, "offset_to_grain", input["offset_to_grain"]);
    return meaning;
  }

  Value Conversion(const Value& params) const {
    if (!params.is_object()) return {};
    Value meaning = Tidy(params);
    for (std::string_view part : {"base_measure", "conversion_measure"}) {
      if (!params[part].is_null()) meaning.Set(part, InputMeasure(params[part]));
    }
    if (!params["window"].is_null()) meaning.Set("window", Window(params["window"]));
    return meaning;
  }

  const SemanticModels& models_;
};

Value Without(const Value& object, std::string_view left_out) {
  Value kept = Value::MakeObject();
  for (const auto& [key, value] : object.members()) {
    if (key != left_out) kept.Set(key, value);
  }
  return kept;
}

bool AreMetrics(const Value& measures) {
  return std::all_of(measures.items().begin(), measures.items().end(),
                     [](const Value& measure) { return measure["create_metric"].AsBool(); });
}

void Differences(const std::string& place, const Value& base, const Value& head, int depth,
                 const DifferenceTeller& tell) {
  if (base == head) return;
  if (depth >= kMaxDepth || !base.is_object() || !head.is_object()) {
    tell(place, base, head);
    return;
  }
  std::set<std::string> keys;
  for (const auto& [key, value] : base.members()) keys.insert(key);
  for (const auto& [key, value] : head.members()) keys.insert(key);
  for (const std::string& key : keys) {
    Differences(place.empty() ? key : place + "." + key, base[key], head[key], depth + 1, tell);
  }
}

}  // namespace

SemanticModels SemanticModelsOf(const dbt::Project& project) {
  constexpr std::string_view kType = "semantic_model.";
  SemanticModels models;
  const std::vector<std::string>& ids = project.ids();
  for (auto id = std::lower_bound(ids.begin(), ids.end(), kType);
       id != ids.end() && id->starts_with(kType); ++id) {
    models.push_back(project.Find(*id));
  }
  return models;
}

Value MeaningOf(const SemanticModels& models, const dbt::Node& node) {
  Reader reader(models);
  if (node.resource_type == "metric") return reader.Metric(node);
  if (node.resource_type == "semantic_model") return reader.SemanticModel(node);
  if (node.resource_type == "saved_query") return reader.SavedQuery(node);
  return {};
}

void LeaveOutMetrics(const Pair& pair, Value& base, Value& head) {
  if (base["measures"].empty() && AreMetrics(pair.head->definition["measures"])) {
    head = Without(head, "measures");
  } else if (head["measures"].empty() && AreMetrics(pair.base->definition["measures"])) {
    base = Without(base, "measures");
  }
}

void TellDifferences(const Value& base, const Value& head, const DifferenceTeller& tell) {
  Differences("", base, head, 0, tell);
}

void CompareMeaning(const dbt::Project& base_project, const dbt::Project& head_project,
                    const Pair& pair, Findings& findings) {
  Value base = MeaningOf(SemanticModelsOf(base_project), *pair.base);
  Value head = MeaningOf(SemanticModelsOf(head_project), *pair.head);
  LeaveOutMetrics(pair, base, head);
  if (base == head) return;
  findings.Also("metric_definition");
  TellDifferences(base, head,
                  [&](const std::string& place, const Value& old_value, const Value& new_value) {
                    findings.Because("metric_definition", findings.YamlOf(*pair.head), place,
                                     Small(old_value), Small(new_value));
                  });
}

}  // namespace layergate::change
