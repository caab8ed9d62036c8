// What a pull request would delete, drop, overwrite or give away when dbt runs it: in hooks,
// operations, macros and models. The tool never does such a thing itself, and lets none pass
// without a person who confirmed that very statement beforehand.
#include "gate/gate.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "core/digest.h"
#include "core/text.h"
#include "dbt/project.h"
#include "gates/destructive_sql/places.h"
#include "lineage/project_lineage.h"

namespace layergate {
namespace {

using change::ChangeKind;
using change::NodeChange;
using destructive_sql::Effect;
using destructive_sql::Found;
using destructive_sql::HooksOf;
using destructive_sql::Places;
using destructive_sql::Reading;
using destructive_sql::Unclear;

const GateInfo kInfo{
    .id = "destructive_sql",
    .title = "Destructive SQL",
    .summary = "Nothing is deleted, dropped or given away without a person's confirmation",
    .subject = SubjectKind::kPullRequest,
    .resource_types = {},
    .needs = {Evidence::kBaseManifest, Evidence::kHeadManifest},
    .uses = {Evidence::kCompiledSql},
    .rules =
        {
            {"destructive_sql.drop", "a table, schema, column or the like is dropped", "fail",
             false},
            {"destructive_sql.truncate", "a table is emptied", "fail", false},
            {"destructive_sql.delete", "rows are deleted", "fail", false},
            {"destructive_sql.update", "rows are overwritten", "fail", false},
            {"destructive_sql.grant_public", "everybody gets rights", "fail", false},
            {"destructive_sql.revoke", "rights are taken away", "fail", false},
            {"destructive_sql.unprotect", "a masking or row access policy is taken off", "fail",
             false},
            {"destructive_sql.copy_out", "data is written to files outside the database", "fail",
             false},
            {"destructive_sql.overwrite", "a table that dbt does not build is replaced", "warn",
             true},
            {"destructive_sql.procedure_called",
             "a stored procedure is called whose body is not in the change", "warn", false},
            {"destructive_sql.drop_index", "an index, constraint or default is dropped", "warn",
             true},
            {"destructive_sql.package",
             "a hook or model begins to call macros of a package that delete or drop", "fail",
             true},
            {"destructive_sql.full_refresh",
             "every run rebuilds a model that keeps history, or may do so again", "fail", true},
            {"destructive_sql.hard_deletes",
             "a snapshot begins or ceases to close rows that its source no longer has", "fail",
             true},
            {"destructive_sql.confirmed", "a destructive statement that the policy confirms",
             "audit", true},
            {"destructive_sql.existing", "a destructive statement that the base has too", "audit",
             true},
        },
    .options =
        {
            {"confirmed", "list", "[]",
             "confirmation codes of statements that a person has approved; a finding shows its "
             "own"},
            {"protected", "list", "[]",
             "globs over names of models that must never be fully refreshed, whatever they are "
             "materialized as"},
        },
};

struct Words {
  std::string_view rule, does;  // "deletes rows from"
};
Words WordsOf(Effect effect) {
  switch (effect) {
    case Effect::kDrop:
      return {"drop", "drops"};
    case Effect::kDropIndex:
      return {"drop_index", "drops an index or constraint:"};
    case Effect::kTruncate:
      return {"truncate", "empties"};
    case Effect::kDelete:
      return {"delete", "deletes rows from"};
    case Effect::kUpdate:
      return {"update", "overwrites rows of"};
    case Effect::kMergeDelete:
      return {"delete", "merges into, and deletes rows from,"};
    case Effect::kAlterDrop:
      return {"drop", "drops a part of"};
    case Effect::kOverwrite:
      return {"overwrite", "replaces"};
    case Effect::kGrantPublic:
      return {"grant_public", "gives everybody rights on"};
    case Effect::kRevoke:
      return {"revoke", "takes away rights on"};
    case Effect::kUnprotect:
      return {"unprotect", "takes a masking or access policy off"};
    case Effect::kCall:
      return {"procedure_called", "calls a stored procedure, which may do anything:"};
    case Effect::kCopyOut:
      return {"copy_out", "copies data out of"};
  }
  return {"drop", "drops"};
}

std::string Cut(const std::string& text, size_t longest = 140) {
  if (text.size() <= longest) return text;
  size_t cut = longest;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  return text.substr(0, cut) + "...";
}

std::string_view PackageOf(std::string_view macro_id) {
  return Split(macro_id, '.').size() > 1 ? Split(macro_id, '.')[1] : std::string_view();
}
std::string_view NameOf(std::string_view id) { return id.substr(id.rfind('.') + 1); }

// Where a statement stands: "the pre-hook of fct_orders", "macro purge".
struct Place {
  std::string kind;     // "pre-hook", "on-run-end", "macro", "model": part of the confirmation
  std::string subject;  // unique_id
  std::string name;     // for messages
  std::optional<Location> location;
};

// A finding before it is known in how many places the same statement stands.
struct Pending {
  Found found;
  std::vector<Place> places;
  std::string before;  // the statement of the base that it replaces; may be empty
  bool existing = false;
};

// What hooks and models begin to call of one package.
struct Package {
  std::set<std::string> statements, callers;
  std::string first_place;
};

class Judge {
 public:
  explicit Judge(GateContext& context)
      : context_(context),
        dialect_(context.dialect()),
        base_(context.base(), dialect_),
        head_(context.head(), dialect_) {}

  void Run() {
    ReadConfirmed();
    Macros();
    for (const NodeChange& change : context_.changes().nodes) Node(change);
    for (Pending& pending : pending_) Emit(pending);
    EmitPackages();
    TellUnclear();
  }

 private:
  // ---- what can run ----

  // The root project's own macros. Those of packages matter when a hook or a model calls them.
  void Macros() {
    std::string prefix = fmt::format("macro.{}.", context_.head().metadata().project_name);
    std::set<std::string> gone;  // statements of macros that the head has no more: they may move
    for (const std::string& id : context_.base().macro_ids()) {
      if (!id.starts_with(prefix) || context_.head().FindMacro(id)) continue;
      for (const Found& found : base_.Macro(id).found) gone.insert(found.key);
    }
    for (const std::string& id : context_.head().macro_ids()) {
      if (!id.starts_with(prefix)) continue;
      bool is_new = context_.base().MacroFingerprint(id) == 0;
      if (!is_new && context_.base().MacroFingerprint(id) == context_.head().MacroFingerprint(id)) {
        continue;
      }
      const dbt::Macro* macro = context_.head().FindMacro(id);
      Place place{"macro", id, fmt::format("macro {}", macro->name), PathOf(*macro)};
      static const Reading kNothing;
      const Reading& before = is_new ? kNothing : base_.Macro(id);
      Reading now = head_.Macro(id);
      std::erase_if(now.found, [&](const Found& found) { return gone.count(found.key) > 0; });
      for (Found& found : now.found) found.macro.clear();
      Compare(before, now, place);
    }
  }

  void Node(const NodeChange& change) {
    if (change.kind == ChangeKind::kRemoved) return;
    const dbt::Node* head = context_.head().Find(change.unique_id);
    const dbt::Node* base =
        change.kind == ChangeKind::kAdded ? nullptr : context_.base().Find(change.old_unique_id);
    if (!head) return;
    if (head->resource_type == "operation") return Operation(base, *head);
    bool has_hooks =
        head->is_model() || head->resource_type == "seed" || head->resource_type == "snapshot";
    if (!has_hooks) return;
    for (std::string_view which : {"pre-hook", "post-hook"}) Hooks(base, *head, which);
    if (head->is_model()) Model(base, *head);
    JudgeFullRefresh(base, *head);
    JudgeHardDeletes(base, *head);
    JudgeGrants(base, *head);
  }

  void Operation(const dbt::Node* base, const dbt::Node& head) {
    bool start = std::find(head.tags.begin(), head.tags.end(), "on-run-start") != head.tags.end() ||
                 head.name.find("on-run-start") != std::string::npos;
    std::string when = start ? "on-run-start" : "on-run-end";
    Location location = context_.LocationOf(head);
    if (size_t dot = location.path.find("./"); dot != std::string::npos)
      location.path.erase(dot, 2);
    Place place{when, head.unique_id, fmt::format("{} of {}", when, head.package_name), location};
    // Operations are numbered: one that moved up or down is the same one.
    Reading before;
    for (const std::string& id : context_.base().ids()) {
      if (!id.starts_with("operation.")) continue;
      const dbt::Node* other = context_.base().Find(id);
      if (other) Append(before, base_.Hook(other->raw_code));
    }
    if (base) Append(before, base_.Hook(base->raw_code));
    Compare(before, head_.Hook(head.raw_code), place);
  }

  void Hooks(const dbt::Node* base, const dbt::Node& head, std::string_view which) {
    std::vector<std::string> texts = HooksOf(head, which);
    if (texts.empty()) return;
    Reading before, now;
    if (base) {
      for (const std::string& text : HooksOf(*base, which)) Append(before, base_.Hook(text));
    }
    for (const std::string& text : texts) {
      if (!base && IsOfItsFolder(head, which, text)) Append(before, base_.Hook(text));
      Place place{std::string(which), head.unique_id, fmt::format("the {} of {}", which, head.name),
                  LineOf(head, text)};
      Compare(before, head_.Hook(text), place);
    }
  }

  // dbt_project.yml gives a new model the hook that it gives everything in its folder: in the base
  // each of at least three neighbours has it, and none of them wrote it down itself.
  bool IsOfItsFolder(const dbt::Node& node, std::string_view which, const std::string& text) const {
    constexpr size_t kFewest = 3;
    if (node.raw_code.find(text) != std::string::npos) return false;
    std::vector<std::vector<std::string>> with, without;
    for (const std::string& id : context_.base().ids()) {
      if (id.substr(0, id.find('.')) != node.resource_type) continue;
      const dbt::Node* other = context_.base().Find(id);
      if (!other || other->package_name != node.package_name) continue;
      const std::vector<std::string> hooks = HooksOf(*other, which);
      const bool has = std::find(hooks.begin(), hooks.end(), text) != hooks.end() &&
                       other->raw_code.find(text) == std::string::npos;
      (has ? with : without).push_back(other->fqn);
    }
    for (size_t depth = 1; depth < node.fqn.size(); ++depth) {
      const auto lies_there = [&](const std::vector<std::string>& fqn) {
        return fqn.size() > depth &&
               std::equal(node.fqn.begin(), node.fqn.begin() + static_cast<std::ptrdiff_t>(depth),
                          fqn.begin());
      };
      const auto neighbours = std::count_if(with.begin(), with.end(), lies_there);
      if (static_cast<size_t>(neighbours) < kFewest) return false;
      if (std::none_of(without.begin(), without.end(), lies_there)) return true;
    }
    return false;
  }

  void Model(const dbt::Node* base, const dbt::Node& head) {
    Place place{"model", head.unique_id, head.name, context_.LocationOf(head)};
    Reading before;
    if (base) before = base_.Model(*base);
    Compare(before, head_.Model(head), place);
  }

  static void Append(Reading& to, const Reading& from) {
    to.found.insert(to.found.end(), from.found.begin(), from.found.end());
    to.unclear.insert(to.unclear.end(), from.unclear.begin(), from.unclear.end());
  }

  void Compare(const Reading& before, const Reading& now, const Place& place) {
    for (const Found& found : now.found) {
      auto same = [&](const Found& other) { return other.key == found.key; };
      bool existing = std::any_of(before.found.begin(), before.found.end(), same);
      if (!existing && IsReportedAtItsMacro(found)) continue;
      if (IsOfPackage(found)) {
        if (!existing) AddToPackage(found, place);
        continue;
      }
      std::string was;
      for (const Found& other : before.found) {
        bool replaced = other.effect == found.effect &&
                        std::none_of(now.found.begin(), now.found.end(),
                                     [&](const Found& kept) { return kept.key == other.key; });
        if (was.empty() && replaced) was = other.text;
      }
      Add(found, place, existing, was);
    }
    for (const Unclear& unclear : now.unclear) {
      bool there = std::any_of(before.unclear.begin(), before.unclear.end(), [&](const Unclear& u) {
        return u.text == unclear.text && u.why == unclear.why;
      });
      if (!there) unclear_.emplace_back(unclear, place);
    }
  }

  // A statement that is new in a macro of this project is reported there, once, not at each hook
  // that calls the macro.
  bool IsReportedAtItsMacro(const Found& found) {
    if (found.macro.empty()) return false;
    if (PackageOf(found.macro) != context_.head().metadata().project_name) return false;
    const Reading& before = base_.Macro(found.macro);
    return std::none_of(before.found.begin(), before.found.end(),
                        [&](const Found& other) { return other.key == found.key; });
  }

  bool IsOfPackage(const Found& found) const {
    return !found.macro.empty() &&
           PackageOf(found.macro) != context_.head().metadata().project_name;
  }

  // What a package's own machinery does is one finding for the package: nobody reviews it statement
  // by statement, and a waiver that names the package says that somebody trusts it.
  void AddToPackage(const Found& found, const Place& place) {
    Package& package = packages_[std::string(PackageOf(found.macro))];
    package.statements.insert(fmt::format("{}: {}", NameOf(found.macro), Cut(found.text, 100)));
    package.callers.insert(place.subject);
    if (package.first_place.empty()) package.first_place = place.name;
  }

  void EmitPackages() {
    for (const auto& [name, package] : packages_) {
      Finding finding;
      finding.rule = "destructive_sql.package";
      finding.subject = "package " + name;
      std::string who = package.first_place;
      size_t more = package.callers.size() - 1;
      if (more > 0) who += fmt::format(" and {} other place{}", more, more == 1 ? "" : "s");
      finding.message = fmt::format(
          "{} call{} macros of the package {} that delete or drop, {} statement{} in all: `{}`",
          who, more == 0 ? "s" : "", name, package.statements.size(),
          package.statements.size() == 1 ? "" : "s", *package.statements.begin());
      finding.impact.assign(package.callers.begin(), package.callers.end());
      finding.evidence.Set(
          "statements", Value::FromStrings({package.statements.begin(), package.statements.end()}));
      finding.fix =
          "read what the package does at the end of a run; a waiver for it says that "
          "somebody did";
      context_.Report(std::move(finding));
    }
  }

  // One statement that dbt_project.yml puts into a hundred models is one finding.
  void Add(const Found& found, const Place& place, bool existing, std::string before) {
    for (Pending& pending : pending_) {
      if (pending.existing == existing && pending.found.key == found.key &&
          pending.found.macro == found.macro && pending.places[0].kind == place.kind &&
          pending.before == before) {
        pending.places.push_back(place);
        return;
      }
    }
    pending_.push_back({found, {place}, std::move(before), existing});
  }

  // ---- what is said ----

  void Emit(const Pending& pending) {
    const Place& place = pending.places.front();
    Words words = WordsOf(pending.found.effect);
    Finding finding;
    std::string code = Code(pending);
    finding.subject = place.subject;
    finding.location = place.location;
    finding.rule = fmt::format("destructive_sql.{}", words.rule);
    if (pending.existing) finding.rule = "destructive_sql.existing";
    if (!pending.existing && confirmed_.count(code)) finding.rule = "destructive_sql.confirmed";
    std::string who = place.name;
    if (size_t more = pending.places.size() - 1; more > 0) {
      who += fmt::format(" and of {} other{}", more, more == 1 ? "" : "s");
    }
    if (!pending.found.macro.empty()) {
      who += fmt::format(", through macro {},", NameOf(pending.found.macro));
    }
    std::string_view does = words.does;
    if (pending.found.all_rows) {
      does = pending.found.effect == Effect::kDelete ? "deletes all rows of"
                                                     : "overwrites all rows of";
    }
    const std::string& target = pending.found.target;
    finding.message = fmt::format("{} {} {}: `{}`", who, does,
                                  target.empty() ? "something" : target, Cut(pending.found.text));
    if (!pending.before.empty()) finding.base.Set("sql", pending.before);
    if (pending.existing) finding.base.Set("sql", pending.found.text);
    finding.head.Set("sql", pending.found.text);
    for (const Place& other : pending.places) {
      if (other.subject != place.subject) finding.impact.push_back(other.subject);
    }
    if (place.kind == "macro") finding.impact = CallersOf(place.subject);
    if (!pending.existing && !confirmed_.count(code)) {
      finding.evidence.Set("confirmation", code);
      finding.fix =
          "take it out and let a person run it by hand; if dbt must run it, have somebody who "
          "answers for the data confirm this statement in the policy of the base branch";
      finding.patch = Confirmation(code, pending);
    }
    context_.Report(std::move(finding));
  }

  // What a person approves: this statement, in this place. Another WHERE is another code.
  static std::string Code(const Pending& pending) {
    std::string text = pending.places.front().kind + "\n" + pending.found.macro + "\n";
    for (const Place& place : pending.places) text += place.subject + "\n";
    return Sha256Hex(text + pending.found.key).substr(0, 16);
  }

  static std::string Confirmation(const std::string& code, const Pending& pending) {
    return fmt::format(
        "pull_request:\n  gates:\n    destructive_sql:\n      options:\n        confirmed:\n"
        "          - \"{}\"  # {}: {}\n",
        code, pending.places.front().name, Cut(pending.found.text, 60));
  }

  // Changed nodes and operations that call a macro, directly or not.
  std::vector<std::string> CallersOf(const std::string& macro) const {
    std::vector<std::string> callers;
    for (const std::string& id : context_.head().ids()) {
      std::string_view macros = context_.head().RawField(id, "depends_on");
      if (macros.find('"' + macro + '"') != std::string_view::npos) callers.push_back(id);
    }
    return callers;
  }

  void TellUnclear() {
    std::set<std::string> told;
    for (const auto& [unclear, place] : unclear_) {
      if (!told.insert(unclear.text + unclear.why).second) continue;
      context_.CannotTell(
          "opaque_sql",
          fmt::format("{} holds the word {}, and {}: `{}`", place.name, unclear.word, unclear.why,
                      unclear.text),
          "write the statement out, so that it can be read without running it; or have a person "
          "read it and take it out of this pull request",
          place.location);
    }
  }

  // ---- settings that destroy ----

  void JudgeFullRefresh(const dbt::Node* base, const dbt::Node& head) {
    const Value& now = head.Config("full_refresh");
    static const Value kNone;
    const Value& before = base ? base->Config("full_refresh") : kNone;
    bool guarded = IsProtected(head.name);
    bool keeps = head.materialized == "incremental" || guarded;
    if (!keeps || now == before) return;
    bool forced = now.is_bool() && now.AsBool();
    bool unlocked = before.is_bool() && !before.AsBool() && !forced;
    if (!forced && !unlocked) return;
    Finding finding = FindingAt(head, "full_refresh");
    finding.message =
        forced ? fmt::format(
                     "full_refresh: true rebuilds {} from nothing at every run; what its "
                     "sources no longer have is lost",
                     head.name)
               : fmt::format(
                     "{} was locked by full_refresh: false; now `dbt run --full-refresh` "
                     "drops and rebuilds it",
                     head.name);
    finding.base.Set("full_refresh", before);
    finding.head.Set("full_refresh", now);
    finding.fix = forced
                      ? "take the setting out; a full refresh is a decision for one run, made by "
                        "a person"
                      : "keep the lock";
    finding.patch = fmt::format("{{{{ config(full_refresh={}) }}}}\n", forced ? "none" : "false");
    context_.Report(std::move(finding));
  }

  bool IsProtected(const std::string& name) const {
    for (const Value& glob : context_.Option("protected").items()) {
      if (MatchesGlob(glob.AsString(), name)) return true;
    }
    return false;
  }

  // "ignore", "invalidate" or "new_record", however it is written.
  static std::string HardDeletes(const dbt::Node& node) {
    const Value& mode = node.Config("hard_deletes");
    if (mode.is_string() && !mode.AsString().empty()) return ToLower(mode.AsString());
    return node.Config("invalidate_hard_deletes").AsBool() ? "invalidate" : "ignore";
  }

  void JudgeHardDeletes(const dbt::Node* base, const dbt::Node& head) {
    if (head.resource_type != "snapshot" || !base) return;
    std::string before = HardDeletes(*base), now = HardDeletes(head);
    if (before == now) return;
    Finding finding = FindingAt(head, "hard_deletes");
    std::string_view then =
        now == "ignore" ? "rows that the source no longer has stay open as if they were there"
        : now == "invalidate"
            ? "every row that the source does not show at a run is closed; a source that was "
              "loaded in part closes them all"
            : "every row that the source does not show at a run gets a new record that says "
              "deleted";
    finding.message = fmt::format("{} treats deleted rows as `{}`, no longer as `{}`: {}",
                                  head.name, now, before, then);
    finding.base.Set("hard_deletes", before);
    finding.head.Set("hard_deletes", now);
    finding.fix = "keep the mode, or say in the pull request who decided it and why";
    finding.patch = fmt::format("config:\n  hard_deletes: {}\n", before);
    context_.Report(std::move(finding));
  }

  // grants: {select: [public]} is a GRANT that dbt writes.
  void JudgeGrants(const dbt::Node* base, const dbt::Node& head) {
    std::set<std::string> before;
    if (base) before = PublicGrants(*base);
    for (const std::string& right : PublicGrants(head)) {
      if (before.count(right)) continue;
      Found found;
      found.effect = Effect::kGrantPublic;
      found.target = head.name;
      found.text = fmt::format("grants: {{{}: public}}", right);
      found.key = ToLower(found.text);
      Add(found,
          {"grants", head.unique_id, "the config of " + head.name, context_.LocationOf(head)},
          false, "");
    }
  }

  static std::set<std::string> PublicGrants(const dbt::Node& node) {
    std::set<std::string> rights;
    for (const auto& [right, to] : node.Config("grants").members()) {
      std::vector<std::string> grantees;
      if (to.is_string()) grantees.emplace_back(to.AsString());
      for (const Value& one : to.items()) grantees.emplace_back(one.AsString());
      for (const std::string& grantee : grantees) {
        for (std::string_view everybody : {"public", "allusers", "allauthenticatedusers",
                                           "specialgroup:allauthenticatedusers", "account users"}) {
          if (EqualsIgnoreCase(grantee, everybody)) rights.insert(right);
        }
      }
    }
    return rights;
  }

  // ---- small things ----

  Finding FindingAt(const dbt::Node& node, std::string_view rule) const {
    Finding finding;
    finding.rule = fmt::format("destructive_sql.{}", rule);
    finding.subject = node.unique_id;
    finding.location = context_.LocationOf(node);
    return finding;
  }

  void ReadConfirmed() {
    for (const Value& code : context_.Option("confirmed").items()) {
      std::string text(code.AsString());
      bool hex =
          text.size() == 16 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
      if (hex) {
        confirmed_.insert(std::move(text));
        continue;
      }
      context_.CannotTell(
          "bad_option",
          fmt::format("the option confirmed holds `{}`, which is no confirmation "
                      "code",
                      code.is_string() ? text : WriteJson(code)),
          "take the code from the finding, in quotes: 16 digits and letters a to f");
    }
  }

  Location LineOf(const dbt::Node& node, const std::string& hook) const {
    Span whole{0, static_cast<uint32_t>(std::min(hook.size(), hook.find('\n')))};
    return context_.LocationIn(node, hook, whole);
  }

  Location PathOf(const dbt::Macro& macro) const {
    return {context_.PathOf(macro.package_name, macro.original_file_path), 0, 0};
  }

  GateContext& context_;
  sql::Dialect dialect_;
  Places base_, head_;
  std::set<std::string> confirmed_;
  std::vector<Pending> pending_;
  std::map<std::string, Package> packages_;
  std::vector<std::pair<Unclear, Place>> unclear_;
};

class DestructiveSql final : public Gate {
 public:
  const GateInfo& info() const override { return kInfo; }

  void Run(GateContext& context) const override { Judge(context).Run(); }
};

}  // namespace

std::unique_ptr<Gate> Make_destructive_sql() { return std::make_unique<DestructiveSql>(); }

}  // namespace layergate
