#include "gate/external_gate.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "core/text.h"
#include "dbt/project.h"
#include "gate/process.h"
#include "lineage/project_lineage.h"
#include "lineage/write.h"

namespace layergate {
namespace {

constexpr std::string_view kRemedy =
    "run the program by hand with the input that docs/policy.md describes";

Value ColumnsOf(const dbt::Node& node) {
  Value columns = Value::MakeArray();
  for (const dbt::Column& column : node.columns) {
    columns.Append(Value::MakeObject({{"name", column.name},
                                      {"data_type", column.data_type},
                                      {"tags", Value::FromStrings(column.tags)},
                                      {"meta", column.meta}}));
  }
  return columns;
}

Value NodeOf(const dbt::Node& node) {
  return Value::MakeObject(
      {{"unique_id", node.unique_id},
       {"resource_type", node.resource_type},
       {"package_name", node.package_name},
       {"name", node.name},
       {"fqn", Value::FromStrings(node.fqn)},
       {"original_file_path", node.original_file_path},
       {"relation_name", node.relation_name},
       {"materialized", node.materialized},
       {"language", node.language},
       {"description", node.description},
       {"tags", Value::FromStrings(node.tags)},
       {"meta", node.meta},
       {"config", node.config},
       {"columns", ColumnsOf(node)},
       {"depends_on", Value::FromStrings(node.depends_on_nodes)},
       {"raw_code", node.raw_code},
       {"compiled_code", node.compiled_code ? Value(*node.compiled_code) : Value()}});
}

Value LineageOf(const dbt::Node& node, const lineage::ProjectLineage* lineage) {
  bool has_sql = node.resource_type == "model" || node.resource_type == "snapshot";
  if (!lineage || !has_sql) return {};
  const lineage::ModelLineage& model = lineage->Model(node.unique_id);
  if (!model.unavailable.empty()) return {};
  return lineage::ToJson(model.statement, model.sql);
}

Value SideOf(const dbt::Node* node, const lineage::ProjectLineage* lineage) {
  if (!node) return {};
  return Value::MakeObject({{"node", NodeOf(*node)}, {"lineage", LineageOf(*node, lineage)}});
}

class ExternalGate final : public Gate {
 public:
  ExternalGate(policy::ExternalGate settings, std::string folder)
      : settings_(std::move(settings)), folder_(std::move(folder)) {
    info_.id = settings_.id;
    info_.title = settings_.id;
    info_.summary = settings_.summary;
    bool node = !settings_.resource_types.empty();
    info_.subject = node ? SubjectKind::kNode : SubjectKind::kPullRequest;
    info_.resource_types.clear();
    for (const std::string& type : settings_.resource_types) info_.resource_types.push_back(type);
    for (const auto& [code, summary] : settings_.rules) info_.rules.push_back({code, summary});
  }

  const GateInfo& info() const override { return info_; }

  void Run(GateContext& context) const override {
    ProcessRequest request;
    request.command = settings_.command;
    request.folder = folder_;
    request.environment = Environment();
    request.input = WriteJson(Input(context)) + "\n";
    request.timeout = std::min<std::chrono::milliseconds>(
        std::chrono::seconds(settings_.timeout_seconds), context.TimeLeft());
    request.memory_bytes = static_cast<size_t>(settings_.memory_mb) << 20;
    request.stop = context.stop_token();
    Result<ProcessOutcome> outcome = RunProcess(request);
    if (!outcome) {
      return context.CannotTell("external_gate", outcome.error().message, std::string(kRemedy));
    }
    if (std::string wrong = WrongEnd(*outcome); !wrong.empty()) {
      if (std::string_view said = Trim(outcome->errors); !said.empty()) {
        wrong += fmt::format("; it wrote: {}", Printable(said));
      }
      return context.CannotTell("external_gate", wrong, std::string(kRemedy));
    }
    std::string wrong = TakeAnswer(outcome->output, context);
    if (!wrong.empty()) context.CannotTell("external_gate", wrong, std::string(kRemedy));
  }

 private:
  // Nothing of ours but what every program needs, and what the policy names.
  std::vector<std::pair<std::string, std::string>> Environment() const {
    std::vector<std::pair<std::string, std::string>> environment = {{"LANG", "C.UTF-8"},
                                                                    {"HOME", folder_}};
    std::vector<std::string> names = settings_.environment;
    names.emplace_back("PATH");
    for (const std::string& name : names) {
      if (const char* value = std::getenv(name.c_str())) environment.emplace_back(name, value);
    }
    return environment;
  }

  Value Input(const GateContext& context) const {
    Value input = Value::MakeObject({{"schema_version", 1},
                                     {"gate", settings_.id},
                                     {"layer", context.layer()},
                                     {"options", context.options()}});
    if (info_.subject == SubjectKind::kPullRequest) {
      input.Set("subject", "pull request");
      Value ids = Value::MakeArray();
      for (const change::NodeChange& node : context.changes().nodes) ids.Append(node.unique_id);
      input.Set("changed_nodes", std::move(ids));
      const PullRequestFacts* facts = context.pull_request();
      input.Set("changed_paths",
                Value::FromStrings(facts ? facts->changed_paths : std::vector<std::string>()));
      return input;
    }
    const change::NodeChange& change = context.change();
    input.Set("subject", change.unique_id);
    input.Set("change", Value::MakeObject({{"kind", change::ToString(change.kind)},
                                           {"dbt_state", Value::FromStrings(change.dbt_state)},
                                           {"also", Value::FromStrings(change.also)},
                                           {"cosmetic", change.cosmetic}}));
    input.Set("base", SideOf(context.base_node(), context.base_lineage()));
    input.Set("head", SideOf(context.head_node(), context.head_lineage()));
    return input;
  }

  std::string WrongEnd(const ProcessOutcome& outcome) const {
    switch (outcome.end) {
      case ProcessOutcome::End::kTimedOut:
        return fmt::format("it took longer than its limit of {} s", settings_.timeout_seconds);
      case ProcessOutcome::End::kStopped:
        return "the run was interrupted";
      case ProcessOutcome::End::kTooMuchOutput:
        return "it wrote more than the 8 MiB that are read";
      case ProcessOutcome::End::kKilled:
        return fmt::format("it was ended by signal {} (its memory limit is {} MiB)", outcome.code,
                           settings_.memory_mb);
      case ProcessOutcome::End::kExited:
        break;
    }
    return outcome.code == 0 ? "" : fmt::format("it ended with exit code {}", outcome.code);
  }

  // Reads the answer into the context; what is wrong with it is returned, and then none of it
  // holds.
  std::string TakeAnswer(const std::string& output, GateContext& context) const {
    if (Trim(output).empty()) return "it wrote nothing to standard output";
    Result<Value> answer = ReadJson(output);
    if (!answer) return "its answer is not JSON: " + answer.error().message;
    if (!((*answer)["schema_version"] == Value(1))) {
      return "its answer has no \"schema_version\": 1";
    }
    const Value& findings = (*answer)["findings"];
    const Value& unknown = (*answer)["unknown"];
    if (!findings.is_array()) return "its answer has no list \"findings\"";
    if (!unknown.is_null() && !unknown.is_array()) return "\"unknown\" in its answer is no list";
    std::vector<Finding> taken;
    for (const Value& item : findings.items()) {
      Finding finding;
      if (std::string wrong = ReadFinding(item, context, finding); !wrong.empty()) return wrong;
      taken.push_back(std::move(finding));
    }
    for (const Value& item : unknown.items()) {
      std::string_view reason = item["reason"].AsString();
      if (reason.empty()) return "an entry of \"unknown\" has no \"reason\"";
      context.CannotTell("external_gate", std::string(reason),
                         std::string(item["remedy"].AsString()));
    }
    for (Finding& finding : taken) context.Report(std::move(finding));
    std::string_view not_applicable = (*answer)["not_applicable"].AsString();
    if (!not_applicable.empty() && taken.empty() && unknown.items().empty()) {
      context.NotApplicable(std::string(not_applicable));
    }
    if ((*answer)["measured"].is_object()) context.Measured((*answer)["measured"]);
    return {};
  }

  std::string ReadFinding(const Value& item, const GateContext& context, Finding& finding) const {
    finding.rule = item["rule"].AsString();
    if (finding.rule.find('.') == std::string::npos)
      finding.rule = settings_.id + "." + finding.rule;
    bool declared = std::any_of(settings_.rules.begin(), settings_.rules.end(),
                                [&](const auto& rule) { return rule.first == finding.rule; });
    if (!declared) {
      return fmt::format("it reports the rule '{}', which the policy does not declare",
                         Printable(finding.rule));
    }
    finding.message = item["message"].AsString();
    if (finding.message.empty()) return "a finding in its answer has no \"message\"";
    finding.column = item["column"].AsString();
    finding.base = item["base"];
    finding.head = item["head"];
    finding.evidence = item["evidence"];
    finding.fix = item["fix"].AsString();
    bool node = info_.subject == SubjectKind::kNode;
    if (!node) finding.subject = item["subject"].AsString("pull request");
    int64_t line = item["line"].AsInt();
    const dbt::Node* head = node ? context.head_node() : nullptr;
    if (head && line > 0 && line < 1'000'000) {
      finding.location = context.LocationOf(*head);
      finding.location->line = static_cast<int>(line);
    } else if (!node && item["path"].is_string()) {
      finding.location = Location{std::string(item["path"].AsString()), static_cast<int>(line), 0};
    }
    return {};
  }

  policy::ExternalGate settings_;
  std::string folder_;
  GateInfo info_;
};

}  // namespace

std::unique_ptr<Gate> MakeExternalGate(policy::ExternalGate settings, std::string folder) {
  return std::make_unique<ExternalGate>(std::move(settings), std::move(folder));
}

}  // namespace layergate
