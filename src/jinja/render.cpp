#include "jinja/render.h"

#include <algorithm>
#include <mutex>

#include <fmt/format.h>

#include "core/source_text.h"
#include "core/text.h"
#include "jinja/ast.h"
#include "jinja/compiled_evidence.h"
#include "jinja/dbt_context.h"
#include "jinja/interpreter.h"
#include "jinja/unknown.h"

namespace layergate::jinja {
namespace {

// A RenderError whose place is known in the raw code of the model, or of an ephemeral parent.
struct NotRendered {
  std::string why;
  int line, column;
  std::string undecided = {};
  bool raised = false;
  int64_t beyond = 0;
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

  // One text is often rendered many times in a row, with other answers.
  std::shared_ptr<const Template> Parse(const std::string& text) {
    std::lock_guard lock(mutex);
    if (last && last->text == text) return last;
    auto parsed = ParseTemplate(text);
    if (!parsed) throw NotRendered{parsed.error().message, 0, 0};
    last = *std::move(parsed);
    return last;
  }

  std::mutex mutex;
  std::shared_ptr<const Template> last;
};

// One text with the ephemeral models that it reads, each rendered once and put after its own
// ephemeral parents, as dbt does.
class Renderer::Rendering {
 public:
  Rendering(State& state, const RenderSettings& settings) : state_(state), settings_(settings) {}

  // Fills `result` as far as it gets.
  void Run(const dbt::Node& node, const std::string& raw_code, Rendered& result) {
    open_.push_back(&node);
    whole_ = &result;
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
          fmt::format("ephemeral {}, line {}: {}", node.unique_id, error.line, error.why),
          0,
          0,
          error.undecided,
          error.raised,
          error.beyond};
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
    std::shared_ptr<const Template> source = state_.Parse(raw_code);
    DbtContext context(state_.library, state_.project, state_.catalog, settings_, node);
    Interpreter interpreter(
        [&](Interpreter& self, std::string_view name) { return context.Lookup(self, name); },
        Budget{}, "dbt_macro__");
    struct Recorder {  // also of what was asked before an error
      DbtContext& context;
      Rendered* record;
      Rendered* whole;
      ~Recorder() {
        whole->depends_on_run = whole->depends_on_run || context.depends_on_run();
        if (!record) return;
        record->config = context.config();
        record->parents = context.parents();
        record->missing_refs = context.missing_refs();
        record->missing_sources = context.missing_sources();
        record->macros = context.macros();
      }
    } recorder{context, record, whole_};
    try {
      std::string sql = interpreter.Render(*source, record ? &record->beginning : nullptr);
      parents = context.ephemeral();
      return sql;
    } catch (const ReturnValue&) {
      throw NotRendered{"return() outside a macro", 0, 0};
    } catch (const RenderError& error) {
      LineColumn place = error.offset > 0 ? Locate(source->text, error.offset) : LineColumn{};
      throw NotRendered{error.message,   place.line,   place.column,
                        error.undecided, error.raised, error.beyond};
    }
  }

  static constexpr size_t kMaxNested = 50;
  State& state_;
  const RenderSettings& settings_;
  std::vector<const dbt::Node*> open_, done_;
  std::string ctes_;
  Rendered* whole_ = nullptr;
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
    result.raised = error.raised;
    result.beyond = error.beyond;
  } catch (const std::exception& error) {  // bad_variant_access and the like: our own defect
    result.why = fmt::format("internal error: {}", error.what());
  }
  return result;
}

const std::string& Renderer::project_name() const {
  return state_->project.metadata().project_name;
}

std::vector<RenderSettings> RunsOf(const RenderSettings& settings) {
  RenderSettings later = settings, first = settings, full = settings;
  later.incremental = full.full_refresh = true;
  later.full_refresh = first.incremental = first.full_refresh = full.incremental = false;
  std::vector<RenderSettings> runs = {std::move(later), std::move(first)};
  runs.insert(settings.full_refresh ? runs.begin() : runs.end(), std::move(full));
  return runs;
}

// Puts the texts that the compiled code proves where the marks are.
Rendered Renderer::FillIn(Rendered result, const dbt::Node& node) const {
  if (!result.ok || !HoldsMark(result.sql)) return result;
  const RenderSettings& settings = state_->settings;
  MarkedText cut = CutAtMarks(result.sql);
  std::string sql = cut.literals[0];
  for (size_t i = 0; i < cut.keys.size(); ++i) {
    std::optional<std::string> text =
        settings.evidence->TextOf(cut.keys[i], {node.unique_id, !settings.ignore_own_evidence});
    if (!text) {
      result.ok = false;
      result.sql.clear();
      result.why = NotProved("the text of", cut.keys[i]);
      return result;
    }
    sql += *text + cut.literals[i + 1];
  }
  result.sql = std::move(sql);
  return result;
}

// Renders with settings left open. Where the template asks something of one, the compiled code must
// prove the answer, or, of a truth, the text must be the same either way. `tries` is how many
// renderings are left.
Rendered Renderer::Decide(RenderSettings open, const dbt::Node& node, const std::string& raw_code,
                          int& tries) const {
  const RenderSettings& settings = state_->settings;
  while (true) {
    Rendered result = RenderWith(open, node, raw_code);
    if (result.undecided.empty() || --tries < 0) return result;
    std::optional<int64_t> answer = settings.evidence->AnswerTo(
        result.undecided, {node.unique_id, !settings.ignore_own_evidence});
    if (!answer && KindOf(result.undecided) == QuestionKind::kTruth)
      return BothWays(std::move(open), node, raw_code, std::move(result), tries);
    if (!answer || !open.assumed.emplace(result.undecided, *answer).second) return result;
  }
}

Rendered Renderer::BothWays(RenderSettings open, const dbt::Node& node, const std::string& raw_code,
                            Rendered undecided, int& tries) const {
  std::optional<Rendered> either;
  for (bool assumed : {true, false}) {
    open.assumed[undecided.undecided] = assumed ? 1 : 0;
    Rendered next = Decide(open, node, raw_code, tries);
    undecided.depends_on_run = undecided.depends_on_run || next.depends_on_run;
    next.depends_on_run = undecided.depends_on_run;
    // Another reason is the one to tell.
    if (!next.ok) return next.undecided.empty() ? next : undecided;
    if (either && either->sql != next.sql) return undecided;
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
  return FillIn(Decide(std::move(open), node, raw_code, tries), node);
}

}  // namespace layergate::jinja
