#include "cli/render_command.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>

#include "cli/terminal.h"
#include "core/file.h"
#include "core/text.h"
#include "dbt/catalog.h"
#include "dbt/project.h"
#include "jinja/render.h"

namespace layergate::cli {
namespace {

using jinja::Rendered;
using jinja::Renderer;
using jinja::RenderSettings;

// A value on the command line is YAML-like, as dbt's --vars: true, 3 and 0.5 are not texts.
Value VarFromText(const std::string& text) {
  if (text == "true" || text == "false") return Value(text == "true");
  Result<Value> number = ReadJson(text);
  return number && number->is_number() ? *number : Value(text);
}

Result<RenderSettings> MakeSettings(const RenderArguments& arguments) {
  RenderSettings settings;
  settings.incremental = !arguments.full_refresh;
  if (!arguments.target.empty()) settings.target.Set("name", arguments.target);
  if (!arguments.project_dir.empty()) {
    std::string path = arguments.project_dir + "/dbt_project.yml";
    LAYERGATE_TRY(std::string text, ReadFile(path));
    LAYERGATE_TRY(settings.vars, jinja::ReadVars(text, path));
    settings.vars_known = true;
  }
  for (const std::string& var : arguments.vars) {
    size_t equals = var.find('=');
    if (equals == std::string::npos || equals == 0) {
      return MakeError(fmt::format("--var {}: not of the form NAME=VALUE", var));
    }
    settings.vars.Set(var.substr(0, equals), VarFromText(var.substr(equals + 1)));
  }
  for (const std::string& name : arguments.env) {
    const char* value = std::getenv(name.c_str());
    if (value) settings.environment[name] = value;
  }
  return settings;
}

bool IsSelected(const dbt::Node& node, const std::vector<std::string>& select) {
  if (!node.is_model() && node.resource_type != "snapshot") return false;
  return select.empty() || std::find(select.begin(), select.end(), node.name) != select.end() ||
         std::find(select.begin(), select.end(), node.unique_id) != select.end();
}

std::string WithoutSpaces(std::string_view text) {
  std::string result;
  for (char c : text) {
    if (c != ' ' && !(c >= '\t' && c <= '\r')) result += c;
  }
  return result;
}

struct Comparison {
  size_t equal = 0, different = 0, not_rendered = 0, no_compiled = 0;
};

// dbt may have compiled an incremental model either way, depending on whether its table was there:
// both count.
int CompareAll(const dbt::Project& project, const std::vector<const dbt::Node*>& nodes,
               const Renderer& first, const Renderer& second) {
  Comparison count;
  for (const dbt::Node* node : nodes) {
    if (!node->compiled_code) {
      ++count.no_compiled;
      continue;
    }
    Rendered rendered = first.Render(*node);
    if (!rendered.ok) {
      ++count.not_rendered;
      fmt::print("not rendered  {}: {}\n", node->unique_id, Printable(rendered.why));
      continue;
    }
    std::string expected = WithoutSpaces(*node->compiled_code);
    bool equal = WithoutSpaces(rendered.sql) == expected ||
                 (node->materialized == "incremental" &&
                  WithoutSpaces(second.Render(*node).sql) == expected);
    ++(equal ? count.equal : count.different);
    if (!equal) fmt::print("different     {}\n", node->unique_id);
  }
  fmt::print("{}: {} equal, {} different, {} not rendered, {} without compiled code\n",
             project.metadata().project_name, count.equal, count.different, count.not_rendered,
             count.no_compiled);
  return count.different > 0 ? 1 : 0;
}

void PrintJson(const std::vector<const dbt::Node*>& nodes, const Renderer& renderer) {
  Value models = Value::MakeArray();
  for (const dbt::Node* node : nodes) {
    Rendered rendered = renderer.Render(*node);
    models.Append(Value::MakeObject({{"unique_id", node->unique_id},
                                     {"status", rendered.ok ? "rendered" : "not_rendered"},
                                     {"why", rendered.ok ? Value() : Value(rendered.why)},
                                     {"sql", rendered.ok ? Value(rendered.sql) : Value()}}));
  }
  fmt::print(
      "{}\n",
      WriteJson(Value::MakeObject({{"schema_version", 1}, {"models", std::move(models)}}), 2));
}

void PrintText(const std::vector<const dbt::Node*>& nodes, const Renderer& renderer) {
  for (const dbt::Node* node : nodes) {
    Rendered rendered = renderer.Render(*node);
    if (nodes.size() > 1) fmt::print("-- {}\n", node->unique_id);
    if (rendered.ok) {
      fmt::print("{}\n", rendered.sql);
    } else {
      fmt::print("-- not rendered: {}\n", Printable(rendered.why));
    }
  }
}

int Fail(const Error& error) {
  PrintError(error);
  return 2;
}

}  // namespace

int RunRender(const RenderArguments& arguments) {
  auto project = dbt::Project::Load(arguments.manifest);
  if (!project) return Fail(project.error());
  std::optional<dbt::Catalog> catalog;
  if (!arguments.catalog.empty()) {
    auto loaded = dbt::Catalog::Load(arguments.catalog);
    if (!loaded) return Fail(loaded.error());
    catalog = *std::move(loaded);
  }
  Result<RenderSettings> settings = MakeSettings(arguments);
  if (!settings) return Fail(settings.error());

  std::vector<const dbt::Node*> nodes;
  for (const std::string& id : (*project)->ids()) {
    const dbt::Node* node = (*project)->Find(id);
    if (node && IsSelected(*node, arguments.select)) nodes.push_back(node);
  }
  if (nodes.empty())
    return Fail(MakeError("no model is selected", "--select takes names or unique_ids"));

  const dbt::Catalog* known = catalog ? &*catalog : nullptr;
  Renderer renderer(**project, known, *settings);
  if (arguments.against_compiled) {
    RenderSettings other = *settings;
    other.incremental = !other.incremental;
    Renderer otherwise(**project, known, std::move(other));
    return CompareAll(**project, nodes, renderer, otherwise);
  }
  if (arguments.format == "json") {
    PrintJson(nodes, renderer);
  } else {
    PrintText(nodes, renderer);
  }
  return 0;
}

}  // namespace layergate::cli
