// A change that a model helped to write says so: which model, which prompt, and who read it. What
// commits and descriptions say are claims by the author. They can raise the bar, never lower it,
// and no claim means "undeclared", never "human".
#include "gate/gate.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "core/text.h"
#include "git/provenance.h"
#include "git/repository.h"
#include "git/signatures.h"

namespace layergate {
namespace {

using git::Commit;
using git::ProvenanceSignal;

const GateInfo kInfo{
    .id = "provenance",
    .title = "Provenance",
    .summary = "LLM-assisted commits name the model, the prompt and who read them",
    .subject = SubjectKind::kPullRequest,
    .resource_types = {},
    .needs = {Evidence::kGit},
    .uses = {},
    .rules =
        {
            {"provenance.undeclared", "a commit says neither that a model helped nor that none did",
             "fail", true},
            {"provenance.assumed", "a tool left its traces, and nobody declared it", "audit", true},
            {"provenance.model_missing", "an LLM-assisted commit names no model", "audit", true},
            {"provenance.prompt_missing", "an LLM-assisted commit has no hash of its prompt",
             "audit", true},
            {"provenance.reviewer_missing", "an LLM-assisted commit names nobody who read it",
             "audit", true},
            {"provenance.self_review", "who wrote the commit is named as its only reviewer", "warn",
             true},
            {"provenance.tool_review", "a tool is named as the reviewer", "warn", true},
        },
    .options =
        {
            {"declare", "string", "optional",
             "`required`: every commit says whether a model helped; `optional`: silence is fine"},
            {"require", "list", "[model, prompt_hash, reviewer]",
             "what an LLM-assisted commit must name"},
        },
};

std::string SubjectLine(const Commit& commit) {
  std::string line =
      Printable(Trim(std::string_view(commit.message).substr(0, commit.message.find('\n'))));
  return line.size() <= 60 ? line : line.substr(0, 57) + "...";
}

// What is known of one commit.
struct Claims {
  const Commit* commit = nullptr;
  bool assisted = false, declared = false, denied = false;
  std::string tool, model, prompt_hash, reviewer;
};

// "AI-Assisted: no" is a declaration too.
bool DeniesHelp(std::string_view message) {
  for (const git::Trailer& trailer : git::ParseTrailers(message)) {
    std::string key = ToLower(trailer.key);
    std::replace(key.begin(), key.end(), '_', '-');
    std::replace(key.begin(), key.end(), ' ', '-');
    if (key != "ai-assisted" && key != "llm-assisted" && key != "ai-generated") continue;
    for (std::string_view no : {"no", "false", "none", "0"}) {
      if (EqualsIgnoreCase(Trim(trailer.value), no)) return true;
    }
  }
  return false;
}

std::string AddressOf(std::string_view person) {
  size_t open = person.rfind('<'), close = person.rfind('>');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {};
  return ToLower(Trim(person.substr(open + 1, close - open - 1)));
}

bool IsTool(std::string_view person) {
  std::string address = AddressOf(person);
  for (const git::AddressSignature& known : git::kAddresses) {
    if (known.suffix ? address.ends_with(known.address) : address == known.address) return true;
  }
  std::string name = ToLower(Trim(person.substr(0, person.find('<'))));
  for (const git::NameSignature& known : git::kNames) {
    if (known.prefix ? name.starts_with(known.name) : name == known.name) return true;
  }
  return false;
}

bool IsAuthor(std::string_view person, const Commit& commit) {
  std::string address = AddressOf(person);
  std::string_view name = Trim(person.substr(0, person.find('<')));
  for (const git::Person* author : {&commit.author, &commit.committer}) {
    if (!address.empty() && address == ToLower(author->email)) return true;
    if (address.empty() && EqualsIgnoreCase(name, author->name)) return true;
  }
  return false;
}

class Judge {
 public:
  explicit Judge(GateContext& context) : context_(context), facts_(*context.pull_request()) {}

  void Run() {
    if (!ReadOptions()) return;
    Collect();
    if (required_) {
      Tell(
          "undeclared", [](const Claims& c) { return !c.assisted && !c.denied; },
          "{} nothing about whether a model helped", "say",
          "write `Assisted-by: <tool>:<model>` or `AI-Assisted: no` into the commit message or the "
          "pull request's description");
    }
    Tell(
        "assumed", [](const Claims& c) { return c.assisted && !c.declared; },
        "{} traces of a tool that nobody declared", "bear",
        "write `Assisted-by: <tool>:<model>` into the commit message");
    if (Demands("model")) {
      Tell(
          "model_missing", [](const Claims& c) { return c.assisted && c.model.empty(); },
          "{} no model", "name",
          "write `Assisted-by: <tool>:<model>`, with the model behind the colon");
    }
    if (Demands("prompt_hash")) {
      Tell(
          "prompt_missing", [](const Claims& c) { return c.assisted && c.prompt_hash.empty(); },
          "{} no hash of the prompt", "have",
          "put the prompt into the pull request's description, and `Prompt-Hash: sha256:<its "
          "SHA-256>` into the commit message");
    }
    Reviewers();
  }

 private:
  bool ReadOptions() {
    std::string declare = context_.OptionString("declare");
    required_ = declare == "required";
    if (!required_ && declare != "optional") {
      context_.CannotTell("bad_option", fmt::format("the option declare is `{}`", declare),
                          "write `required` or `optional`");
      return false;
    }
    const Value& require = context_.Option("require");
    if (require.is_null()) demands_ = {"model", "prompt_hash", "reviewer"};
    for (const Value& one : require.items()) {
      std::string word(one.AsString());
      if (word != "model" && word != "prompt_hash" && word != "reviewer") {
        context_.CannotTell("bad_option", fmt::format("the option require holds `{}`", word),
                            "name some of: model, prompt_hash, reviewer");
        return false;
      }
      demands_.push_back(std::move(word));
    }
    return true;
  }

  bool Demands(std::string_view what) const {
    return std::find(demands_.begin(), demands_.end(), what) != demands_.end();
  }

  static void Take(Claims& claims, const ProvenanceSignal& signal) {
    claims.assisted = true;
    claims.declared = claims.declared || signal.confidence == "declared";
    auto fill = [](std::string& to, const std::string& from) {
      if (to.empty()) to = from;
    };
    fill(claims.tool, signal.tool);
    fill(claims.model, signal.model);
    fill(claims.prompt_hash, signal.prompt_hash);
    fill(claims.reviewer, signal.reviewer);
  }

  // What the description and the labels say holds for every commit that a model touched.
  void Collect() {
    Claims whole;
    std::map<std::string, Claims> by_commit;
    for (const ProvenanceSignal& signal : facts_.provenance->signals) {
      Take(signal.commit.empty() ? whole : by_commit[signal.commit], signal);
    }
    bool any = !by_commit.empty();
    for (const Commit& commit : *facts_.commits) {
      if (commit.parents.size() > 1) continue;  // a merge writes nothing
      Claims claims = by_commit[commit.id];
      claims.commit = &commit;
      claims.denied = DeniesHelp(commit.message);
      // The description speaks for the commits that say something, or for all when none does.
      if (whole.assisted && (claims.assisted || !any)) {
        claims.assisted = true;
        claims.declared = claims.declared || whole.declared;
        for (auto [to, from] : {std::pair{&claims.model, &whole.model},
                                std::pair{&claims.prompt_hash, &whole.prompt_hash},
                                std::pair{&claims.reviewer, &whole.reviewer}}) {
          if (to->empty()) *to = *from;
        }
      }
      if (whole.assisted && any) claims.denied = claims.denied || !claims.assisted;
      claims_.push_back(std::move(claims));
    }
  }

  void Reviewers() {
    if (Demands("reviewer")) {
      Tell(
          "reviewer_missing", [](const Claims& c) { return c.assisted && c.reviewer.empty(); },
          "{} nobody who read it", "name",
          "have a peer who did not write the prompt read it, and write `Reviewed-by: Name "
          "<address>`");
    }
    Tell(
        "tool_review",
        [](const Claims& c) { return c.assisted && !c.reviewer.empty() && IsTool(c.reviewer); },
        "{} a tool as the reviewer", "name", "a person reads what a model wrote");
    Tell(
        "self_review",
        [](const Claims& c) {
          return c.assisted && !c.reviewer.empty() && !IsTool(c.reviewer) &&
                 IsAuthor(c.reviewer, *c.commit);
        },
        "{} its own author as the reviewer", "name",
        "the reviewer is not the prompt's author: have a peer read it");
  }

  // One finding per rule: the commits it holds for. `what` has a place for the verb.
  template <typename Holds>
  void Tell(std::string_view rule, Holds holds, std::string_view what, std::string_view verb,
            std::string fix) {
    std::vector<const Claims*> found;
    for (const Claims& claims : claims_) {
      if (holds(claims)) found.push_back(&claims);
    }
    if (found.empty()) return;
    Value commits = Value::MakeArray();
    for (const Claims* claims : found) {
      Value one = Value::MakeObject(
          {{"commit", claims->commit->id}, {"subject", SubjectLine(*claims->commit)}});
      if (!claims->tool.empty()) one.Set("tool", claims->tool);
      commits.Append(std::move(one));
    }
    std::string subject = SubjectLine(*found.front()->commit);
    std::string who = found.size() == 1
                          ? fmt::format("the commit \"{}\"", subject)
                          : fmt::format("{} commits (\"{}\", ...)", found.size(), subject);
    std::string third = verb == "have" ? "has" : fmt::format("{}s", verb);
    Finding finding;
    finding.rule = fmt::format("provenance.{}", rule);
    finding.subject = "pull request";
    finding.message = fmt::format(
        "{} {}", who,
        fmt::format(fmt::runtime(what), found.size() == 1 ? std::string_view(third) : verb));
    finding.evidence.Set("commits", std::move(commits));
    finding.fix = std::move(fix);
    context_.Report(std::move(finding));
  }

  GateContext& context_;
  const PullRequestFacts& facts_;
  bool required_ = false;
  std::vector<std::string> demands_;
  std::vector<Claims> claims_;
};

class Provenance final : public Gate {
 public:
  const GateInfo& info() const override { return kInfo; }

  void Run(GateContext& context) const override {
    const PullRequestFacts* facts = context.pull_request();
    if (!facts || !facts->commits || !facts->provenance) {
      return context.NotApplicable("two manifests alone: there are no commits to look at");
    }
    Judge(context).Run();
  }
};

}  // namespace

std::unique_ptr<Gate> Make_provenance() { return std::make_unique<Provenance>(); }

}  // namespace layergate
