#include "cli/render_command.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>

#include "cli/terminal.h"
#include "core/file.h"
#include "core/text.h"
#include "dbt/catalog.h"
#include "dbt/project.h"
#include "jinja/compiled_evidence.h"
#include "jinja/project_settings.h"
#include "jinja/render.h"
#include "offline/column_source.h"

namespace layergate::cli {
namespace {

using jinja::Rendered;
using jinja::Renderer;
using jinja::RenderSettings;

// true, 3, 0.5 and ["a", "b"] are values as in JSON; everything else is a text.
Value VarFromText(const std::string& text) {
  Result<Value> value = ReadJson(text);
  return value ? *value : Value(text);
}

std::optional<std::string> TextOf(const std::string& path) {
  Result<std::string> text = ReadFile(path);
  return text ? std::optional<std::string>(*std::move(text)) : std::nullopt;
}

Result<void> ReadProjectFolder(const std::string& folder, std::string_view dbt_version,
                               RenderSettings& settings) {
  std::string path = folder + "/dbt_project.yml", vars = folder + "/vars.yml";
  LAYERGATE_TRY(std::string text, ReadFile(path));
  Result<void> read = jinja::ReadProjectFile(text, path, settings);
  if (!read) return read;
  if (std::optional<std::string> more = TextOf(vars)) {
    read = jinja::ReadVarsFile(*more, vars, dbt_version, settings);
    if (!read) return read;
  }
  jinja::ReadLocalPackages(TextOf, folder + "/", settings);
  jinja::ReadInstalledPackages(folder, settings);
  return {};
}

Result<RenderSettings> MakeSettings(const RenderArguments& arguments,
                                    std::string_view dbt_version) {
  RenderSettings settings;
  settings.incremental = !arguments.full_refresh;
  settings.full_refresh = arguments.full_refresh;
  if (!arguments.target.empty()) settings.target.Set("name", arguments.target);
  if (!arguments.project_dir.empty()) {
    Result<void> read = ReadProjectFolder(arguments.project_dir, dbt_version, settings);
    if (!read) return read.error();
  }
  for (const std::string& var : arguments.vars) {
    size_t equals = var.find('=');
    if (equals == std::string::npos || equals == 0) {
      return MakeError(fmt::format("--var {}: not of the form NAME=VALUE", var));
    }
    settings.given_vars.Set(var.substr(0, equals), VarFromText(var.substr(equals + 1)));
  }
  for (const std::string& name : arguments.env) {
    const char* value = std::getenv(name.c_str());
    settings.environment[name] = value ? std::optional<std::string>(value) : std::nullopt;
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

std::string At(const Rendered& rendered) {
  return rendered.line > 0 ? fmt::format(" (line {}, column {})", rendered.line, rendered.column)
                           : std::string();
}

enum class Outcome {
  kEqual,
  kEmptyDatabase,
  kContradicted,
  kDifferent,
  kNotRendered,
  kNotCompiled
};
constexpr std::string_view kOutcomes[] = {
    "equal",       "equal_on_empty_database", "vars_contradicted", "different", "not_rendered",
    "not_compiled"};

struct Compared {
  const dbt::Node* node;
  Outcome outcome;
  std::string why;
};

// Renderers of every way that dbt may have compiled the models.
struct Renderers {
  std::vector<std::unique_ptr<Renderer>> built, empty;
};

Renderers MakeRenderers(const dbt::Project& project, const dbt::Catalog* catalog,
                        const RenderSettings& settings) {
  Renderers renderers;
  for (RenderSettings& run : jinja::RunsOf(settings)) {
    renderers.built.push_back(std::make_unique<Renderer>(project, catalog, run));
    run.empty_database = true;
    renderers.empty.push_back(std::make_unique<Renderer>(project, catalog, std::move(run)));
  }
  return renderers;
}

// What the given vars say and what the model was compiled with.
std::string Contradictions(const dbt::Node& node, const RenderSettings& settings) {
  std::string text;
  for (const auto& var : settings.evidence->ContradictedVars(settings, node)) {
    const Value* given = settings.given_vars.Find(var.name);
    if (!given) given = settings.vars.Find(var.name);
    if (const Value* own = settings.vars[node.package_name].Find(var.name)) given = own;
    std::string proved = var.proved.empty() ? "another value" : "`" + var.proved + "`";
    text += fmt::format("{}var {} is {} here, and the model was compiled with {}",
                        text.empty() ? "" : "; ", Printable(var.name),
                        given ? Printable(WriteJson(*given)) : "not set", Printable(proved));
  }
  return text;
}

Compared CompareOne(const dbt::Node& node, const Renderers& renderers,
                    const RenderSettings& settings) {
  if (!node.compiled_code) return {&node, Outcome::kNotCompiled, {}};
  std::string expected = WithoutSpaces(*node.compiled_code);
  std::string why;
  for (const auto* runs : {&renderers.built, &renderers.empty}) {
    for (const auto& renderer : *runs) {
      Rendered rendered = renderer->Render(node);
      if (rendered.ok && WithoutSpaces(rendered.sql) == expected) {
        bool empty = runs == &renderers.empty;
        return {&node, empty ? Outcome::kEmptyDatabase : Outcome::kEqual,
                empty ? "compiled against an empty database: no relation had columns" : ""};
      }
      if (!rendered.ok && why.empty() && runs == &renderers.built)
        why = Printable(rendered.why) + At(rendered);
      if (!rendered.depends_on_run) break;  // the other ways give the same
    }
  }
  if (!why.empty()) return {&node, Outcome::kNotRendered, std::move(why)};
  why = Contradictions(node, settings);
  return {&node, why.empty() ? Outcome::kDifferent : Outcome::kContradicted, std::move(why)};
}

void PrintCounts(const dbt::Project& project, const std::array<size_t, 6>& count) {
  auto at = [&](Outcome outcome) { return count[static_cast<size_t>(outcome)]; };
  std::string line =
      fmt::format("{}: {} equal, {} different, {} not rendered, {} without compiled code",
                  project.metadata().project_name, at(Outcome::kEqual), at(Outcome::kDifferent),
                  at(Outcome::kNotRendered), at(Outcome::kNotCompiled));
  if (size_t empty = at(Outcome::kEmptyDatabase))
    line += fmt::format(", {} equal as compiled against an empty database", empty);
  if (size_t contradicted = at(Outcome::kContradicted))
    line += fmt::format(", {} compiled with other vars than given", contradicted);
  fmt::print("{}\n", line);
}

// Exit 1 when a text differs: that is a defect of ours, not of the project.
int CompareAll(const dbt::Project& project, const dbt::Catalog* catalog,
               const std::vector<const dbt::Node*>& nodes, const RenderSettings& settings,
               const std::string& format) {
  Renderers renderers = MakeRenderers(project, catalog, settings);
  std::array<size_t, std::size(kOutcomes)> count = {};
  Value models = Value::MakeArray();
  for (const dbt::Node* node : nodes) {
    Compared compared = CompareOne(*node, renderers, settings);
    auto outcome = static_cast<size_t>(compared.outcome);
    ++count[outcome];
    if (format == "json") {
      models.Append(Value::MakeObject({{"unique_id", node->unique_id},
                                       {"status", kOutcomes[outcome]},
                                       {"why", compared.why.empty() ? Value() : compared.why}}));
    } else if (compared.outcome == Outcome::kDifferent) {
      fmt::print("different     {}\n", node->unique_id);
    } else if (compared.outcome == Outcome::kNotRendered) {
      fmt::print("not rendered  {}: {}\n", node->unique_id, compared.why);
    } else if (compared.outcome == Outcome::kContradicted) {
      fmt::print("other vars    {}: {}\n", node->unique_id, compared.why);
    } else if (compared.outcome == Outcome::kEmptyDatabase) {
      fmt::print("empty database {}\n", node->unique_id);
    }
  }
  if (format == "json") {
    Value summary = Value::MakeObject();
    for (size_t i = 0; i < std::size(kOutcomes); ++i)
      summary.Set(std::string(kOutcomes[i]), static_cast<long long>(count[i]));
    fmt::print("{}\n", WriteJson(Value::MakeObject({{"schema_version", 1},
                                                    {"summary", std::move(summary)},
                                                    {"models", std::move(models)}}),
                                 2));
  } else {
    PrintCounts(project, count);
  }
  return count[static_cast<size_t>(Outcome::kDifferent)] > 0 ? 1 : 0;
}

// A model in the way in which dbt ran when it compiled it, where its compiled code shows that;
// else as an incremental run gives it. With --full-refresh as that run gives it.
class RunRenderer {
 public:
  RunRenderer(const dbt::Project& project, const dbt::Catalog* catalog,
              const RenderSettings& settings) {
    for (RenderSettings& run : jinja::RunsOf(settings)) {
      ways_.push_back(std::make_unique<Renderer>(project, catalog, std::move(run)));
      if (settings.full_refresh) break;
    }
  }

  Rendered Render(const dbt::Node& node) const {
    Rendered first = ways_.front()->Render(node);
    if (!first.depends_on_run || !node.compiled_code) return first;
    std::string compiled = WithoutSpaces(*node.compiled_code);
    if (first.ok && WithoutSpaces(first.sql) == compiled) return first;
    for (size_t i = 1; i < ways_.size(); ++i) {
      Rendered other = ways_[i]->Render(node);
      if (other.ok && WithoutSpaces(other.sql) == compiled) return other;
    }
    return first;
  }

 private:
  std::vector<std::unique_ptr<Renderer>> ways_;
};

void PrintJson(const std::vector<const dbt::Node*>& nodes, const RunRenderer& renderer) {
  Value models = Value::MakeArray();
  for (const dbt::Node* node : nodes) {
    Rendered rendered = renderer.Render(*node);
    Value model = Value::MakeObject({{"unique_id", node->unique_id},
                                     {"status", rendered.ok ? "rendered" : "not_rendered"},
                                     {"why", rendered.ok ? Value() : Value(rendered.why)},
                                     {"sql", rendered.ok ? Value(rendered.sql) : Value()}});
    if (rendered.line > 0) {
      model.Set("location", Value::MakeObject({{"path", node->original_file_path},
                                               {"line", rendered.line},
                                               {"column", rendered.column}}));
    }
    models.Append(std::move(model));
  }
  fmt::print(
      "{}\n",
      WriteJson(Value::MakeObject({{"schema_version", 1}, {"models", std::move(models)}}), 2));
}

// The reason as SQL comments, with the line of the template and a mark under the place.
void PrintReason(const dbt::Node& node, const Rendered& rendered) {
  if (rendered.line == 0) {
    fmt::print("-- not rendered: {}: {}\n", Printable(node.original_file_path),
               Printable(rendered.why));
    return;
  }
  fmt::print("-- not rendered: {}:{}:{}: {}\n", Printable(node.original_file_path), rendered.line,
             rendered.column, Printable(rendered.why));
  std::vector<std::string_view> lines = Split(node.raw_code, '\n');
  auto index = static_cast<size_t>(rendered.line - 1);
  if (index >= lines.size() || lines[index].size() > 300) return;
  std::string text(lines[index]);
  std::replace(text.begin(), text.end(), '\t', ' ');
  std::string margin = fmt::format("-- {:>5} | ", rendered.line);
  fmt::print("{}{}\n--{:>{}}| {:>{}}\n", margin, Printable(text), "", margin.size() - 4, "^",
             rendered.column);
}

void PrintText(const std::vector<const dbt::Node*>& nodes, const RunRenderer& renderer) {
  for (const dbt::Node* node : nodes) {
    Rendered rendered = renderer.Render(*node);
    if (nodes.size() > 1) fmt::print("-- {}\n", node->unique_id);
    if (rendered.ok) {
      fmt::print("{}\n", rendered.sql);
    } else {
      PrintReason(*node, rendered);
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
  Result<RenderSettings> settings = MakeSettings(arguments, (*project)->metadata().dbt_version);
  if (!settings) return Fail(settings.error());

  std::vector<const dbt::Node*> nodes;
  for (const std::string& id : (*project)->ids()) {
    const dbt::Node* node = (*project)->Find(id);
    if (node && IsSelected(*node, arguments.select)) nodes.push_back(node);
  }
  if (nodes.empty())
    return Fail(MakeError("no model is selected", "--select takes names or unique_ids"));

  const dbt::Catalog* known = catalog ? &*catalog : nullptr;
  offline::ColumnSource columns(**project, known);
  settings->columns = columns.ForSettings();
  settings->evidence = std::make_shared<jinja::CompiledEvidence>(**project, known, *settings);
  settings->ignore_own_evidence = arguments.against_compiled;
  if (arguments.against_compiled)
    return CompareAll(**project, known, nodes, *settings, arguments.format);
  RunRenderer renderer(**project, known, *settings);
  if (arguments.format == "json") {
    PrintJson(nodes, renderer);
  } else {
    PrintText(nodes, renderer);
  }
  return 0;
}

}  // namespace layergate::cli
