#include "jinja/render.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/source_text.h"
#include "core/text.h"
#include "core/yaml.h"
#include "jinja/ast.h"
#include "jinja/dbt_context.h"
#include "jinja/interpreter.h"

namespace layergate::jinja {
namespace {

// Where the SQL proper begins: past whitespace and comments.
size_t SkipSpaceAndComments(std::string_view sql) {
  size_t at = 0;
  while (at < sql.size()) {
    if (sql[at] == ' ' || (sql[at] >= '\t' && sql[at] <= '\r')) {
      ++at;
    } else if (sql.substr(at, 2) == "--") {
      at = std::min(sql.find('\n', at), sql.size());
    } else if (sql.substr(at, 2) == "/*") {
      size_t close = sql.find("*/", at + 2);
      at = close == std::string_view::npos ? sql.size() : close + 2;
    } else {
      break;
    }
  }
  return at;
}

// dbt puts the ephemeral parents in front: as the first CTEs of a WITH that is there, or of a new
// one.
std::string InjectCtes(const std::string& sql, const std::string& ctes) {
  if (ctes.empty()) return sql;
  size_t begin = SkipSpaceAndComments(sql);
  std::string_view rest = std::string_view(sql).substr(begin);
  bool has_with =
      rest.size() > 4 && EqualsIgnoreCase(rest.substr(0, 4), "with") && !(rest[4] == '_');
  if (!has_with) return fmt::format("with {} {}", ctes, sql);
  std::string head = sql.substr(0, begin + 4);
  std::string_view tail = rest.substr(4);
  size_t word = SkipSpaceAndComments(tail);
  if (EqualsIgnoreCase(tail.substr(word, 9), "recursive")) {
    head += tail.substr(0, word + 9);
    tail.remove_prefix(word + 9);
  }
  return fmt::format("{} {},{}", head, ctes, tail);
}

}  // namespace

struct Renderer::State {
  State(const dbt::Project& p, const dbt::Catalog* c, RenderSettings s)
      : project(p), catalog(c), settings(std::move(s)), library(p) {}

  std::string RenderOrThrow(const dbt::Node& node, const std::string& raw_code,
                            std::vector<const dbt::Node*>& injected, int depth);

  const dbt::Project& project;
  const dbt::Catalog* catalog;
  RenderSettings settings;
  Library library;
};

std::string Renderer::State::RenderOrThrow(const dbt::Node& node, const std::string& raw_code,
                                           std::vector<const dbt::Node*>& injected, int depth) {
  if (depth > 50) throw RenderError{"ephemeral models refer to each other", 0};
  auto source = ParseTemplate(raw_code);
  if (!source) throw RenderError{source.error().message, 0};
  DbtContext context(library, project, catalog, settings, node);
  Interpreter interpreter(
      [&](Interpreter& self, std::string_view name) { return context.Lookup(self, name); },
      Budget{});
  std::string sql;
  try {
    sql = interpreter.Render(**source);
  } catch (const ReturnValue&) {
    throw RenderError{"return() outside a macro", 0};
  } catch (RenderError& error) {
    if (error.offset > 0) {
      LineColumn place = Locate(raw_code, error.offset);
      error.message = fmt::format("{} (near line {})", error.message, place.line);
      error.offset = 0;
    }
    throw;
  }
  // Depth first, each once: a parent's own ephemeral parents stand before it.
  for (const dbt::Node* parent : context.ephemeral()) {
    if (std::find(injected.begin(), injected.end(), parent) != injected.end()) continue;
    std::vector<const dbt::Node*> ignored;
    RenderOrThrow(*parent, parent->raw_code, injected, depth + 1);
    if (std::find(injected.begin(), injected.end(), parent) == injected.end())
      injected.push_back(parent);
  }
  return sql;
}

Renderer::Renderer(const dbt::Project& project, const dbt::Catalog* catalog,
                   RenderSettings settings)
    : state_(std::make_unique<State>(project, catalog, std::move(settings))) {}
Renderer::~Renderer() = default;

Rendered Renderer::Render(const dbt::Node& node) const { return RenderText(node, node.raw_code); }

Rendered Renderer::RenderText(const dbt::Node& node, const std::string& raw_code) const {
  if (node.language == "python") return {false, {}, "a Python model has no SQL"};
  try {
    std::vector<const dbt::Node*> injected;
    std::string sql = state_->RenderOrThrow(node, raw_code, injected, 0);
    std::string ctes;
    for (const dbt::Node* parent : injected) {
      std::vector<const dbt::Node*> ignored;
      std::string body = state_->RenderOrThrow(*parent, parent->raw_code, ignored, 0);
      ctes += fmt::format("{} __dbt__cte__{} as (\n{}\n)", ctes.empty() ? "" : ", ", parent->name,
                          body);
    }
    return {true, InjectCtes(sql, ctes), {}};
  } catch (const RenderError& error) {
    return {false, {}, error.message};
  } catch (
      const std::exception& error) {  // bad_variant_access and the like: our defect, not a text
    return {false, {}, fmt::format("internal error: {}", error.what())};
  }
}

Result<Value> ReadVars(std::string_view dbt_project_yml, const std::string& path) {
  LAYERGATE_TRY(YamlNode project, ReadYaml(dbt_project_yml, path));
  const YamlNode* vars = project.Find("vars");
  if (!vars || vars->is_null()) return Value::MakeObject();
  if (!vars->is_map()) return MakeError(fmt::format("{}:{}: vars must be a map", path, vars->line));
  return ToValue(*vars);
}

}  // namespace layergate::jinja
