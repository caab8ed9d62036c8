#include "jinja/render.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/source_text.h"
#include "core/text.h"
#include "jinja/ast.h"
#include "jinja/compiled_evidence.h"
#include "jinja/dbt_context.h"
#include "jinja/interpreter.h"

namespace layergate::jinja {
namespace {

// A RenderError whose place is known in the raw code of the model, or of an ephemeral parent.
struct NotRendered {
  std::string why;
  int line, column;
  std::string undecided = {};
};

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

  const dbt::Project& project;
  const dbt::Catalog* catalog;
  RenderSettings settings;
  Library library;
};

// One text with the ephemeral models that it reads, each rendered once and put after its own
// ephemeral parents, as dbt does.
class Renderer::Rendering {
 public:
  Rendering(State& state, const RenderSettings& settings) : state_(state), settings_(settings) {}

  // Fills `result` as far as it gets.
  void Run(const dbt::Node& node, const std::string& raw_code, Rendered& result) {
    open_.push_back(&node);
    std::vector<const dbt::Node*> parents;
    std::string sql = RenderAlone(node, raw_code, parents, &result);
    for (const dbt::Node* parent : parents) AddCte(*parent);
    result.sql = InjectCtes(sql, ctes_);
    result.ok = true;
  }

 private:
  void AddCte(const dbt::Node& node) {
    if (std::find(done_.begin(), done_.end(), &node) != done_.end()) return;
    if (std::find(open_.begin(), open_.end(), &node) != open_.end())
      throw NotRendered{fmt::format("ephemeral {} reads itself", node.unique_id), 0, 0};
    if (open_.size() > kMaxNested)
      throw NotRendered{"ephemeral models are nested too deeply", 0, 0};
    open_.push_back(&node);
    std::vector<const dbt::Node*> parents;
    std::string sql;
    try {
      sql = RenderAlone(node, node.raw_code, parents);
    } catch (const NotRendered& error) {
      throw NotRendered{
          fmt::format("ephemeral {}, line {}: {}", node.unique_id, error.line, error.why), 0, 0,
          error.undecided};
    }
    for (const dbt::Node* parent : parents) AddCte(*parent);
    open_.pop_back();
    done_.push_back(&node);
    ctes_ += fmt::format("{} {} as (\n{}\n)", ctes_.empty() ? "" : ", ",
                         CteName(state_.project, node), sql);
    if (ctes_.size() > Budget{}.output) throw NotRendered{"gives more text than allowed", 0, 0};
  }

  std::string RenderAlone(const dbt::Node& node, const std::string& raw_code,
                          std::vector<const dbt::Node*>& parents, Rendered* record = nullptr) {
    auto source = ParseTemplate(raw_code);
    if (!source) throw NotRendered{source.error().message, 0, 0};
    DbtContext context(state_.library, state_.project, state_.catalog, settings_, node);
    Interpreter interpreter(
        [&](Interpreter& self, std::string_view name) { return context.Lookup(self, name); },
        Budget{}, "dbt_macro__");
    struct Recorder {  // also of what was asked before an error
      DbtContext& context;
      Rendered* record;
      ~Recorder() {
        if (!record) return;
        record->config = context.config();
        record->parents = context.parents();
        record->missing_refs = context.missing_refs();
        record->missing_sources = context.missing_sources();
        record->macros = context.macros();
      }
    } recorder{context, record};
    try {
      std::string sql = interpreter.Render(**source);
      parents = context.ephemeral();
      return sql;
    } catch (const ReturnValue&) {
      throw NotRendered{"return() outside a macro", 0, 0};
    } catch (const RenderError& error) {
      LineColumn place = error.offset > 0 ? Locate((*source)->text, error.offset) : LineColumn{};
      throw NotRendered{error.message, place.line, place.column, error.undecided};
    }
  }

  static constexpr size_t kMaxNested = 50;
  State& state_;
  const RenderSettings& settings_;
  std::vector<const dbt::Node*> open_, done_;
  std::string ctes_;
};

Renderer::Renderer(const dbt::Project& project, const dbt::Catalog* catalog,
                   RenderSettings settings)
    : state_(std::make_unique<State>(project, catalog, std::move(settings))) {}
Renderer::~Renderer() = default;

Rendered Renderer::Render(const dbt::Node& node) const { return RenderText(node, node.raw_code); }

Rendered Renderer::RenderWith(const RenderSettings& settings, const dbt::Node& node,
                              const std::string& raw_code) const {
  Rendered result;
  try {
    Rendering(*state_, settings).Run(node, raw_code, result);
  } catch (const NotRendered& error) {
    result.why = error.why;
    result.line = error.line;
    result.column = error.column;
    result.undecided = error.undecided;
  } catch (const std::exception& error) {  // bad_variant_access and the like: our own defect
    result.why = fmt::format("internal error: {}", error.what());
  }
  return result;
}

// Puts the texts that the compiled code proves where the marks are.
Rendered Renderer::FillIn(Rendered result, const dbt::Node& node) const {
  if (!result.ok || !HoldsMark(result.sql)) return result;
  const RenderSettings& settings = state_->settings;
  MarkedText cut = CutAtMarks(result.sql);
  std::string sql = cut.literals[0];
  for (size_t i = 0; i < cut.keys.size(); ++i) {
    std::optional<std::string> text = settings.evidence->TextOf(
        cut.keys[i], settings.ignore_own_evidence ? node.unique_id : std::string());
    if (!text) {
      result.ok = false;
      result.sql.clear();
      result.why = fmt::format("{} is not known: neither given nor proved by the compiled code",
                               cut.keys[i]);
      return result;
    }
    sql += *text + cut.literals[i + 1];
  }
  result.sql = std::move(sql);
  return result;
}

// Renders with settings left open. Where an `if` asks something of one, the compiled code must
// prove the answer, or the text must be the same either way. `tries` is how many renderings are
// left.
Rendered Renderer::Decide(RenderSettings open, const dbt::Node& node, const std::string& raw_code,
                          int& tries) const {
  const RenderSettings& settings = state_->settings;
  Rendered result = RenderWith(open, node, raw_code);
  if (result.undecided.empty() || --tries < 0) return result;
  const std::string question = result.undecided;
  std::optional<bool> answer = settings.evidence->TruthOf(
      question, settings.ignore_own_evidence ? node.unique_id : std::string());
  if (answer) {
    open.assumed[question] = *answer;
    return Decide(std::move(open), node, raw_code, tries);
  }
  std::optional<Rendered> either;
  for (bool assumed : {true, false}) {
    open.assumed[question] = assumed;
    Rendered next = Decide(open, node, raw_code, tries);
    if (!next.ok || (either && either->sql != next.sql)) return result;
    // The node is there, so that it is not switched off.
    const Value* enabled = next.config.Find("enabled");
    bool off = enabled && enabled->is_bool() && !enabled->AsBool();
    if (!either || !off) either = std::move(next);
  }
  return *either;
}

Rendered Renderer::RenderText(const dbt::Node& node, const std::string& raw_code) const {
  if (node.language == "python") {
    Rendered result;
    result.why = "a Python model has no SQL";
    return result;
  }
  const RenderSettings& settings = state_->settings;
  Rendered plain = RenderWith(settings, node, raw_code);
  if (plain.ok || !settings.evidence) return plain;
  RenderSettings open = settings;
  open.leave_open = true;
  constexpr int kMostTries = 64;
  int tries = kMostTries;
  Rendered marked = FillIn(Decide(open, node, raw_code, tries), node);
  if (marked.ok) return marked;
  if (settings.target.Find("name")) return plain;
  // Every name that the target may have must give the same text.
  Rendered result;
  for (const std::string& name : settings.evidence->TargetNames(
           settings.ignore_own_evidence ? node.unique_id : std::string())) {
    open.target.Set("name", name);
    Rendered next = FillIn(Decide(open, node, raw_code, tries), node);
    if (!next.ok || (result.ok && result.sql != next.sql)) return plain;
    result = std::move(next);
  }
  return result.ok ? result : plain;
}

}  // namespace layergate::jinja
