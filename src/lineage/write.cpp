#include "lineage/write.h"

#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "core/source_text.h"
#include "core/text.h"

namespace layergate::lineage {

namespace {

// Lines and columns of spans that come in the order of the text: one pass over it, however long.
class Places {
 public:
  explicit Places(std::string_view text) : text_(text) {}

  LineColumn At(size_t offset) {
    offset = std::min(offset, text_.size());
    if (offset < at_) {
      at_ = 0;
      place_ = {1, 1};
    }
    for (; at_ < offset; ++at_) {
      if (text_[at_] == '\n') {
        ++place_.line;
        place_.column = 1;
      } else if ((static_cast<unsigned char>(text_[at_]) & 0xC0) != 0x80) {
        ++place_.column;
      }
    }
    return place_;
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
  LineColumn place_ = {1, 1};
};

Value PlaceOf(Places& places, Span span) {
  const LineColumn at = places.At(span.begin);
  return Value::MakeObject(
      {{"begin", span.begin}, {"end", span.end}, {"line", at.line}, {"column", at.column}});
}

Value EdgeToJson(const Edge& edge) {
  Value json = Value::MakeObject({{"relation", edge.relation}, {"column", edge.column}});
  if (!edge.field.empty()) json.Set("field", edge.field);
  json.Set("subtype", ToString(edge.subtype));
  if (IsDirect(edge.subtype) || edge.masking) json.Set("masking", edge.masking);
  return json;
}

Value EdgesToJson(const std::vector<Edge>& edges) {
  Value::Array array;
  for (const Edge& edge : edges) array.push_back(EdgeToJson(edge));
  return array;
}

Value ColumnToJson(const OutputColumn& column) {
  Value json = Value::MakeObject(
      {{"ordinal", column.ordinal}, {"name", column.name}, {"status", ToString(column.status)}});
  json.Set("direct", EdgesToJson(column.direct));
  json.Set("indirect", EdgesToJson(column.indirect));
  return json;
}

Value FactsToJson(const StatementLineage& statement, Places& places) {
  Value::Array facts;
  for (const RowSetFact& fact : statement.row_set) {
    Value json = Value::MakeObject({{"kind", fact.kind}, {"where", fact.where}});
    json.Set("text", fact.text);
    if (!fact.detail.empty()) json.Set("detail", fact.detail);
    json.Set("span", PlaceOf(places, fact.span));
    facts.push_back(std::move(json));
  }
  return facts;
}

Value DiagnosticsToJson(const StatementLineage& statement, Places& places) {
  Value::Array array;
  for (const Diagnostic& diagnostic : statement.diagnostics) {
    array.push_back(Value::MakeObject({{"code", diagnostic.code},
                                       {"message", diagnostic.message},
                                       {"span", PlaceOf(places, diagnostic.span)}}));
  }
  return array;
}

// --- OpenLineage ------------------------------------------------------------------------------

constexpr std::string_view kFacetSchema =
    "https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json"
    "#/$defs/ColumnLineageDatasetFacet";

Value Transformation(const Edge& edge) {
  return Value::MakeObject({{"type", IsDirect(edge.subtype) ? "DIRECT" : "INDIRECT"},
                            {"subtype", ToUpper(ToString(edge.subtype))},
                            {"description", ""},
                            {"masking", edge.masking}});
}

// Edges of the same field become one input field with several transformations.
Value InputFields(const std::vector<Edge>& edges, sql::Dialect dialect) {
  Value::Array fields;
  std::string last;
  for (const Edge& edge : edges) {
    const std::string column = edge.field.empty() ? edge.column : edge.column + "." + edge.field;
    const std::string key = edge.relation + '\n' + column;
    if (fields.empty() || key != last) {
      fields.push_back(Value::MakeObject({{"namespace", ToString(dialect)},
                                          {"name", edge.relation},
                                          {"field", column},
                                          {"transformations", Value::MakeArray()}}));
      last = key;
    }
    Value transformations = fields.back()["transformations"];
    transformations.Append(Transformation(edge));
    fields.back().Set("transformations", std::move(transformations));
  }
  return fields;
}

std::vector<Edge> AllEdges(const OutputColumn& column) {
  std::vector<Edge> edges = column.direct;
  edges.insert(edges.end(), column.indirect.begin(), column.indirect.end());
  std::stable_sort(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) {
    return std::tie(a.relation, a.column, a.field) < std::tie(b.relation, b.column, b.field);
  });
  return edges;
}

Value Facet(const StatementLineage& statement, sql::Dialect dialect) {
  Value fields = Value::MakeObject();
  std::set<std::string> used;
  for (const OutputColumn& column : statement.columns) {
    // The facet is keyed by name; a name that is there twice gets its ordinal.
    std::string name = column.name;
    if (!used.insert(name).second) name = fmt::format("{}#{}", column.name, column.ordinal);
    fields.Set(name, Value::MakeObject({{"inputFields", InputFields(AllEdges(column), dialect)}}));
  }
  Value facet = Value::MakeObject(
      {{"_producer", "https://github.com/layergate/layergate"}, {"_schemaURL", kFacetSchema}});
  facet.Set("fields", std::move(fields));
  facet.Set("dataset", InputFields(statement.dataset, dialect));
  return Value::MakeObject({{"columnLineage", std::move(facet)}});
}

// --- Graph formats ----------------------------------------------------------------------------

std::string Quoted(std::string_view text, bool mermaid) {
  std::string out = "\"";
  for (const char c : Printable(text)) {
    if (c == '"') {
      out += mermaid ? "#quot;" : "\\\"";
    } else if (c == '\\' && !mermaid) {
      out += "\\\\";
    } else if (mermaid && (c == '<' || c == '>' || c == '#')) {
      out += c == '<' ? "#lt;" : c == '>' ? "#gt;" : "#35;";
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string TargetName(const NamedLineage& lineage, const StatementLineage& statement) {
  return statement.target.empty() ? lineage.name : statement.target;
}

std::string SourceName(const Edge& edge) {
  std::string name = edge.relation + "." + edge.column;
  if (!edge.field.empty()) name += "." + edge.field;
  return name;
}

// Calls edge(from, to, edge) for every edge of every statement, in order.
template <typename Callback>
void EachEdge(const std::vector<NamedLineage>& all, const Callback& callback) {
  for (const NamedLineage& lineage : all) {
    for (const StatementLineage& statement : lineage.statements) {
      const std::string target = TargetName(lineage, statement);
      for (const OutputColumn& column : statement.columns) {
        for (const Edge& edge : AllEdges(column)) {
          callback(SourceName(edge), target + "." + column.name, edge);
        }
      }
      for (const Edge& edge : statement.dataset) {
        callback(SourceName(edge), target + " (rows)", edge);
      }
    }
  }
}

std::string WriteDot(const std::vector<NamedLineage>& all) {
  std::string out = "digraph lineage {\n  rankdir=LR;\n  node [shape=box];\n";
  EachEdge(all, [&](const std::string& from, const std::string& to, const Edge& edge) {
    out += fmt::format("  {} -> {} [label=\"{}\"{}];\n", Quoted(from, false), Quoted(to, false),
                       ToString(edge.subtype), IsDirect(edge.subtype) ? "" : ", style=dashed");
  });
  return out + "}\n";
}

std::string WriteMermaid(const std::vector<NamedLineage>& all) {
  std::string out = "flowchart LR\n";
  std::map<std::string, size_t> ids;
  const auto id = [&](const std::string& name) {
    const auto [place, added] = ids.emplace(name, ids.size() + 1);
    if (added) out += fmt::format("  n{}[{}]\n", place->second, Quoted(name, true));
    return place->second;
  };
  EachEdge(all, [&](const std::string& from, const std::string& to, const Edge& edge) {
    const size_t a = id(from);
    const size_t b = id(to);
    out += fmt::format("  n{} {}|{}| n{}\n", a, IsDirect(edge.subtype) ? "-->" : "-.->",
                       ToString(edge.subtype), b);
  });
  return out;
}

// --- The table for people ---------------------------------------------------------------------

std::string EdgesAsText(const std::vector<Edge>& edges) {
  std::string out;
  for (const Edge& edge : edges) {
    if (!out.empty()) out += ", ";
    out += fmt::format("{} ({}{})", SourceName(edge), ToString(edge.subtype),
                       edge.masking ? ", masked" : "");
  }
  return out.empty() ? "-" : Printable(out);
}

std::string StatementAsText(const NamedLineage& lineage, const StatementLineage& statement) {
  std::string out = fmt::format("{}: {}", Printable(lineage.name), statement.kind);
  if (!statement.target.empty()) out += " into " + Printable(statement.target);
  out += fmt::format(", {}\n", ToString(statement.status));
  size_t width = 6;
  for (const OutputColumn& column : statement.columns) {
    width = std::max(width, Printable(column.name).size());
  }
  width = std::min<size_t>(width, 40);
  for (const OutputColumn& column : statement.columns) {
    out += fmt::format("{:>5}  {:<{}}  from {}", column.ordinal, Printable(column.name), width,
                       EdgesAsText(column.direct));
    if (!column.indirect.empty()) out += "; decided by " + EdgesAsText(column.indirect);
    if (column.status != Status::kExact) out += fmt::format("  [{}]", ToString(column.status));
    out += '\n';
  }
  out += fmt::format("{:>5}  {:<{}}  decided by {}\n", "", "(rows)", width,
                     EdgesAsText(statement.dataset));
  return out;
}

std::string WriteText(const std::vector<NamedLineage>& all) {
  std::string out;
  for (const NamedLineage& lineage : all) {
    if (!out.empty()) out += '\n';
    if (!lineage.unavailable.empty()) {
      out += fmt::format("{}: no lineage: {}\n", Printable(lineage.name),
                         Printable(lineage.unavailable));
    }
    for (const StatementLineage& statement : lineage.statements) {
      out += StatementAsText(lineage, statement);
    }
    out += WriteDiagnostics(lineage);
  }
  return out;
}

Value Head(sql::Dialect dialect) {
  return Value::MakeObject({{"schema_version", 1}, {"dialect", ToString(dialect)}});
}

Value UnavailableToJson(const NamedLineage& lineage) {
  return Value::MakeObject(
      {{"kind", "none"},
       {"target", nullptr},
       {"status", ToString(Status::kUnknown)},
       {"columns", Value::MakeArray()},
       {"dataset", Value::MakeArray()},
       {"relations", Value::MakeArray()},
       {"row_set", Value::MakeArray()},
       {"diagnostics", Value::MakeArray({Value::MakeObject(
                           {{"code", "no_lineage"}, {"message", lineage.unavailable}})})}});
}

// A model is one statement; when its text holds several, the last one gives the rows.
Value ModelToJson(const NamedLineage& model) {
  if (!model.unavailable.empty() || model.statements.empty()) return UnavailableToJson(model);
  return ToJson(model.statements.back(), model.text);
}

}  // namespace

namespace {

Value ToJsonWithPlaces(const StatementLineage& statement, Places& places) {
  Value json = Value::MakeObject({{"kind", statement.kind}});
  json.Set("target", statement.target.empty() ? Value() : Value(statement.target));
  json.Set("status", ToString(statement.status));
  Value::Array columns;
  for (const OutputColumn& column : statement.columns) columns.push_back(ColumnToJson(column));
  json.Set("columns", std::move(columns));
  json.Set("dataset", EdgesToJson(statement.dataset));
  json.Set("relations", Value::FromStrings(statement.relations));
  json.Set("row_set", FactsToJson(statement, places));
  json.Set("diagnostics", DiagnosticsToJson(statement, places));
  return json;
}

}  // namespace

Value ToJson(const StatementLineage& statement, std::string_view text) {
  Places places(text);
  return ToJsonWithPlaces(statement, places);
}

std::string WriteStatements(const NamedLineage& lineage, sql::Dialect dialect,
                            LineageFormat format) {
  switch (format) {
    case LineageFormat::kDot:
      return WriteDot({lineage});
    case LineageFormat::kMermaid:
      return WriteMermaid({lineage});
    case LineageFormat::kText:
      return WriteText({lineage});
    case LineageFormat::kOpenLineage: {
      // One statement is one facet; several are an array of them.
      if (lineage.statements.size() == 1) {
        return WriteJson(Facet(lineage.statements.front(), dialect), 2) + "\n";
      }
      Value::Array facets;
      for (const StatementLineage& s : lineage.statements) facets.push_back(Facet(s, dialect));
      return WriteJson(facets, 2) + "\n";
    }
    case LineageFormat::kJson:
      break;
  }
  Value json = Head(dialect);
  Value::Array statements;
  Places places(lineage.text);
  for (const StatementLineage& s : lineage.statements) {
    statements.push_back(ToJsonWithPlaces(s, places));
  }
  json.Set("statements", std::move(statements));
  return WriteJson(json, 2) + "\n";
}

std::string WriteModels(const std::vector<NamedLineage>& models, sql::Dialect dialect,
                        LineageFormat format) {
  switch (format) {
    case LineageFormat::kDot:
      return WriteDot(models);
    case LineageFormat::kMermaid:
      return WriteMermaid(models);
    case LineageFormat::kText:
      return WriteText(models);
    case LineageFormat::kOpenLineage:
    case LineageFormat::kJson:
      break;
  }
  Value::Object members;
  for (const NamedLineage& model : models) {
    const bool facet = format == LineageFormat::kOpenLineage && !model.statements.empty();
    members.emplace_back(model.name,
                         facet ? Facet(model.statements.back(), dialect) : ModelToJson(model));
  }
  Value json = Head(dialect);
  json.Set("models", std::move(members));
  return WriteJson(json, 2) + "\n";
}

std::string WriteDiagnostics(const NamedLineage& lineage) {
  std::string out;
  Places places(lineage.text);
  for (const StatementLineage& statement : lineage.statements) {
    for (const Diagnostic& diagnostic : statement.diagnostics) {
      const LineColumn at = places.At(diagnostic.span.begin);
      out += fmt::format("{}:{}:{}: {} [{}]\n{}\n", Printable(lineage.name), at.line, at.column,
                         Printable(diagnostic.message), diagnostic.code,
                         CaretLine(lineage.text, diagnostic.span));
    }
  }
  return out;
}

}  // namespace layergate::lineage
