#include "cli/lineage_command.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "cli/terminal.h"
#include "core/file.h"
#include "core/result.h"
#include "core/text.h"
#include "dbt/catalog.h"
#include "dbt/project.h"
#include "lineage/analyze.h"
#include "lineage/project_lineage.h"
#include "lineage/write.h"

namespace layergate::cli {
namespace {

using lineage::Edge;
using lineage::LineageFormat;
using lineage::NamedLineage;

Result<LineageFormat> FormatFromName(const std::string& name) {
  static constexpr std::pair<std::string_view, LineageFormat> kFormats[] = {
      {"json", LineageFormat::kJson}, {"openlineage", LineageFormat::kOpenLineage},
      {"dot", LineageFormat::kDot},   {"mermaid", LineageFormat::kMermaid},
      {"text", LineageFormat::kText},
  };
  for (const auto& [known, format] : kFormats) {
    if (name == known) return format;
  }
  return MakeError("there is no lineage format \"" + name + "\"",
                   "choose one of json, openlineage, dot, mermaid, text");
}

Result<sql::Dialect> DialectNamed(const std::string& name) {
  if (const auto dialect = sql::DialectFromName(name)) return *dialect;
  std::string known;
  for (const std::string_view each : sql::DialectNames()) {
    if (!known.empty()) known += ", ";
    known += each;
  }
  return MakeError("there is no dialect \"" + name + "\"", "choose one of " + known);
}

Result<std::string> ReadStandardInput() {
  constexpr size_t kLimit = size_t{256} << 20;
  std::string text;
  char buffer[65536];
  while (const size_t count = std::fread(buffer, 1, sizeof buffer, stdin)) {
    text.append(buffer, count);
    if (text.size() > kLimit) return MakeError("standard input is over 256 MiB", "pass a file");
  }
  if (std::ferror(stdin) != 0) return MakeError("standard input can't be read");
  return text;
}

void Print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

Result<int> RunText(const LineageArguments& arguments, LineageFormat format) {
  LAYERGATE_TRY(const sql::Dialect dialect,
                DialectNamed(arguments.dialect.empty() ? "ansi" : arguments.dialect));
  lineage::SchemaLookup schemas;
  if (!arguments.schema_path.empty()) {
    LAYERGATE_TRY(const std::string json, ReadFile(arguments.schema_path));
    auto lookup = lineage::SchemaFromJson(json, dialect);
    if (!lookup) return lookup.error().WithContext(arguments.schema_path);
    schemas = *std::move(lookup);
  }
  const bool standard_input = arguments.query_path == "-";
  NamedLineage named;
  named.name = standard_input ? "stdin" : arguments.query_path;
  auto text = standard_input ? ReadStandardInput() : ReadFile(arguments.query_path);
  if (!text) return text.error();
  named.text = *std::move(text);
  named.statements = lineage::Analyze(named.text, dialect, schemas);
  Print(lineage::WriteStatements(named, dialect, format));
  if (format != LineageFormat::kText) {
    const std::string notes = lineage::WriteDiagnostics(named);
    std::fwrite(notes.data(), 1, notes.size(), stderr);
  }
  return 0;
}

bool HasLineage(const dbt::Node& node) {
  return node.resource_type == "model" || node.resource_type == "snapshot";
}

Result<std::vector<std::string>> SelectModels(const dbt::Project& project,
                                              const std::vector<std::string>& select) {
  std::vector<std::string> all;
  std::vector<std::string> names;
  for (const std::string& id : project.ids()) {
    if (id.compare(0, 6, "model.") != 0 && id.compare(0, 9, "snapshot.") != 0) continue;
    const dbt::Node* node = project.Find(id);
    if (node == nullptr || !HasLineage(*node)) continue;
    all.push_back(id);
    names.push_back(node->name);
  }
  if (select.empty()) return all;
  std::vector<std::string> chosen;
  for (const std::string& wanted : select) {
    bool found = false;
    for (size_t i = 0; i < all.size(); ++i) {
      if (all[i] != wanted && names[i] != wanted) continue;
      found = true;
      chosen.push_back(all[i]);
    }
    if (found) continue;
    const std::string_view near = NearestName(wanted, names);
    return MakeError("no model or snapshot is called \"" + wanted + "\"",
                     near.empty() ? "" : "did you mean \"" + std::string(near) + "\"?");
  }
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  return chosen;
}

void Tidy(std::vector<Edge>& edges) {
  const auto key = [](const Edge& e) {
    return std::tie(e.relation, e.column, e.field, e.subtype, e.masking);
  };
  std::sort(edges.begin(), edges.end(),
            [&](const Edge& a, const Edge& b) { return key(a) < key(b); });
  edges.erase(std::unique(edges.begin(), edges.end(),
                          [](const Edge& a, const Edge& b) {
                            return std::tie(a.relation, a.column, a.field, a.subtype) ==
                                   std::tie(b.relation, b.column, b.field, b.subtype);
                          }),
              edges.end());
}

// The edges of a project that end at its roots. What a column of a parent depends on takes the
// place of the edge to that parent, and its row set joins the reader's row set.
class Through {
 public:
  explicit Through(const lineage::ProjectLineage& project) : project_(project) {}

  const lineage::StatementLineage& Of(const std::string& id) {
    const auto found = done_.find(id);
    if (found != done_.end()) return found->second;
    const lineage::ModelLineage& model = project_.Model(id);
    lineage::StatementLineage out = model.statement;
    open_.insert(id);
    for (lineage::OutputColumn& column : out.columns) {
      const std::vector<Edge> direct = std::move(column.direct);
      const std::vector<Edge> indirect = std::move(column.indirect);
      column.direct.clear();
      column.indirect.clear();
      for (const Edge& edge : direct) Follow(edge, column);
      for (const Edge& edge : indirect) Follow(edge, column);
      Tidy(column.direct);
      Tidy(column.indirect);
    }
    FollowRows(model, out);
    open_.erase(id);
    return done_.emplace(id, std::move(out)).first->second;
  }

 private:
  // nullptr: the edge ends there, at a root, at ourselves, or at a model without lineage.
  const lineage::StatementLineage* Next(const std::string& relation) {
    if (open_.count(relation) > 0) return nullptr;
    if (project_.project().Find(relation) == nullptr) return nullptr;
    const lineage::ModelLineage& model = project_.Model(relation);
    return model.unavailable.empty() ? &Of(relation) : nullptr;
  }

  // Does something lie behind this relation that nobody can see (a Python model, say)?
  bool EndsUnseen(const std::string& relation) const {
    const dbt::Node* node = project_.project().Find(relation);
    return node != nullptr && HasLineage(*node) && open_.count(relation) == 0 &&
           !project_.Model(relation).unavailable.empty();
  }

  static void Put(lineage::OutputColumn& column, const Edge& edge) {
    (lineage::IsDirect(edge.subtype) ? column.direct : column.indirect).push_back(edge);
  }

  static lineage::Subtype Composed(lineage::Subtype inner, lineage::Subtype outer) {
    if (!lineage::IsDirect(outer)) return outer;
    if (!lineage::IsDirect(inner)) return inner;
    return std::max(inner, outer);
  }

  void Follow(const Edge& edge, lineage::OutputColumn& column) {
    const lineage::StatementLineage* parent = Next(edge.relation);
    const lineage::OutputColumn* source = parent == nullptr ? nullptr : parent->Find(edge.column);
    if (source == nullptr) {
      // A column that came through a star over something unknown, or a model that can't be read.
      if (parent != nullptr || EndsUnseen(edge.relation)) column.status = lineage::Status::kUnknown;
      Put(column, edge);
      return;
    }
    column.status = std::max(column.status, source->status);
    for (const auto* edges : {&source->direct, &source->indirect}) {
      for (Edge far : *edges) {
        far.subtype = Composed(far.subtype, edge.subtype);
        far.masking = far.masking || edge.masking;
        far.span = edge.span;
        Put(column, far);
      }
    }
  }

  void FollowRows(const lineage::ModelLineage& model, lineage::StatementLineage& out) {
    std::vector<Edge> dataset;
    for (const Edge& edge : model.statement.dataset) {
      lineage::OutputColumn rows;
      Follow(edge, rows);
      out.row_set_status = std::max(out.row_set_status, rows.status);
      dataset.insert(dataset.end(), rows.indirect.begin(), rows.indirect.end());
      dataset.insert(dataset.end(), rows.direct.begin(), rows.direct.end());
    }
    std::vector<std::string> relations;
    for (const std::string& relation : model.statement.relations) {
      const lineage::StatementLineage* parent = Next(relation);
      if (parent == nullptr) {
        relations.push_back(relation);
        continue;
      }
      relations.insert(relations.end(), parent->relations.begin(), parent->relations.end());
      dataset.insert(dataset.end(), parent->dataset.begin(), parent->dataset.end());
      out.row_set_status = std::max(out.row_set_status, parent->row_set_status);
    }
    std::sort(relations.begin(), relations.end());
    relations.erase(std::unique(relations.begin(), relations.end()), relations.end());
    out.relations = std::move(relations);
    Tidy(dataset);
    out.dataset = std::move(dataset);
    out.status = std::max(out.status, out.row_set_status);
    for (const lineage::OutputColumn& column : out.columns) {
      out.status = std::max(out.status, column.status);
    }
  }

  const lineage::ProjectLineage& project_;
  std::map<std::string, lineage::StatementLineage> done_;
  std::set<std::string> open_;
};

Result<int> RunProject(const LineageArguments& arguments, LineageFormat format) {
  LAYERGATE_TRY(const std::unique_ptr<dbt::Project> project,
                dbt::Project::Load(arguments.manifest));
  std::optional<dbt::Catalog> catalog;
  if (!arguments.catalog.empty()) {
    LAYERGATE_TRY(catalog, dbt::Catalog::Load(arguments.catalog));
  }
  const std::string& adapter = project->metadata().adapter_type;
  LAYERGATE_TRY(const sql::Dialect dialect,
                DialectNamed(!arguments.dialect.empty() ? arguments.dialect
                             : !adapter.empty()         ? adapter
                                                        : "ansi"));
  LAYERGATE_TRY(const std::vector<std::string> ids, SelectModels(*project, arguments.select));
  const lineage::ProjectLineage lineage(*project, catalog ? &*catalog : nullptr, dialect);
  Through through(lineage);
  std::vector<NamedLineage> models;
  for (const std::string& id : ids) {
    const lineage::ModelLineage& model = lineage.Model(id);
    NamedLineage named;
    named.name = id;
    named.text = model.sql;
    named.unavailable = model.unavailable;
    if (model.unavailable.empty()) {
      named.statements.push_back(arguments.through ? through.Of(id) : model.statement);
    }
    models.push_back(std::move(named));
  }
  Print(lineage::WriteModels(models, dialect, format));
  return 0;
}

Result<int> Run(const LineageArguments& arguments) {
  LAYERGATE_TRY(const LineageFormat format, FormatFromName(arguments.format));
  if (!arguments.manifest.empty() && !arguments.query_path.empty()) {
    return MakeError("a query and a manifest are two different questions",
                     "pass a query file, or --manifest, not both");
  }
  if (!arguments.manifest.empty()) return RunProject(arguments, format);
  if (arguments.query_path.empty()) {
    return MakeError("there is nothing to analyse",
                     "pass a query file ('-' for standard input), or --manifest FILE");
  }
  return RunText(arguments, format);
}

}  // namespace

int RunLineage(const LineageArguments& arguments) {
  const Result<int> code = Run(arguments);
  if (code) return *code;
  PrintError(code.error());
  return 2;
}

}  // namespace layergate::cli
