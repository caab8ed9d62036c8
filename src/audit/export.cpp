#include "audit/export.h"

#include <set>
#include <string_view>

#include <fmt/format.h>

#include "core/text.h"

namespace layergate::audit {
namespace {

std::string CsvField(std::string text) {
  if (!text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos) {
    text.insert(0, "'");
  }
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string Listed(const Value& list) {
  std::vector<std::string> texts;
  for (const Value& item : list.items()) texts.emplace_back(item.AsString());
  return Join(texts, "; ");
}

std::string Agents(const Value& record) {
  std::vector<std::string> agents;
  for (const Value& agent : record["agents"].items()) {
    std::string_view tool = agent["tool"].AsString(), model = agent["model"].AsString();
    agents.push_back(model.empty()  ? std::string(tool)
                     : tool.empty() ? std::string(model)
                                    : fmt::format("{}:{}", tool, model));
  }
  return Join(agents, "; ");
}

std::string Reviewers(const Value& record) {
  std::vector<std::string> people;
  for (const Value& need : record["reviewers"].items()) {
    for (const Value& person : need["approved_by"].items()) {
      people.push_back(fmt::format("{} ({})", person.AsString(), need["role"].AsString()));
    }
  }
  return Join(people, "; ");
}

std::string GatesThat(const Value& record, std::string_view status) {
  std::vector<std::string> gates;
  for (const Value& gate : record["gates"].items()) {
    if (gate["results"].Find(status)) gates.emplace_back(gate["gate"].AsString());
  }
  return Join(gates, "; ");
}

std::string Overrides(const Value& record) {
  std::vector<std::string> texts;
  for (const Value& item : record["overrides"].items()) {
    std::string_view who = item["owner"].AsString(item["by"].AsString(item["path"].AsString()));
    texts.push_back(fmt::format("{} {} {}", item["kind"].AsString(), who, item["rule"].AsString()));
  }
  return Join(texts, "; ");
}

}  // namespace

std::string ToCsv(const std::vector<Value>& records) {
  std::string text =
      "seq,at,event,repository,pull_request,author,head,merge_commit,provenance,agents,"
      "prompt_hashes,tools,reviewers,verdict,gates_passed,gates_failed,gates_unknown,overrides,"
      "policy_digest,reason,run,hash\r\n";
  for (const Value& record : records) {
    auto plain = [&](std::string_view key) { return std::string(record[key].AsString()); };
    std::vector<std::string> fields = {std::to_string(record["seq"].AsInt()),
                                       plain("at"),
                                       plain("event"),
                                       plain("repository"),
                                       plain("pull_request"),
                                       plain("author"),
                                       plain("head"),
                                       plain("merge_commit"),
                                       plain("provenance"),
                                       Agents(record),
                                       Listed(record["prompt_hashes"]),
                                       Listed(record["tools"]),
                                       Reviewers(record),
                                       plain("verdict"),
                                       GatesThat(record, "pass"),
                                       GatesThat(record, "fail"),
                                       GatesThat(record, "unknown"),
                                       Overrides(record),
                                       std::string(record["policy"]["digest"].AsString()),
                                       plain("reason"),
                                       plain("run"),
                                       plain("hash")};
    for (std::string& field : fields) field = CsvField(std::move(field));
    text += Join(fields, ",") + "\r\n";
  }
  return text;
}

std::string ToInToto(const std::vector<Value>& records) {
  std::string text;
  for (const Value& record : records) {
    std::string_view head = record["head"].AsString();
    if (head.empty()) continue;
    std::string_view repository = record["repository"].AsString();
    Value subject =
        Value::MakeObject({{"name", repository.empty() ? std::string_view("head") : repository},
                           {"digest", Value::MakeObject({{"gitCommit", head}})}});
    text += WriteJson(Value::MakeObject({{"_type", "https://in-toto.io/Statement/v1"},
                                         {"subject", Value::MakeArray({subject})},
                                         {"predicateType", "urn:layergate:audit-record:1"},
                                         {"predicate", record}})) +
            "\n";
  }
  return text;
}

Result<std::vector<Unrecorded>> FindUnrecorded(const git::Repository& repository,
                                               const std::vector<git::Commit>& log,
                                               const std::vector<Value>& records) {
  std::set<std::string, std::less<>> commits, trees;
  for (const Value& record : records) {
    commits.emplace(record["head"].AsString());
    commits.emplace(record["merge_commit"].AsString());
    trees.emplace(record["head_tree"].AsString());
  }
  std::vector<Unrecorded> missing;
  std::string next = log.empty() ? std::string() : log.front().id;
  for (const git::Commit& commit : log) {
    if (commit.id != next) continue;  // came in by a merge
    next = commit.parents.empty() ? std::string() : commit.parents.front();
    bool known = commits.count(commit.id) > 0;
    for (const std::string& parent : commit.parents) {
      known = known || (parent != next && commits.count(parent) > 0);
    }
    if (!known) {
      LAYERGATE_TRY(std::string tree, repository.TreeId(commit.id));
      known = trees.count(tree) > 0;
    }
    if (known) continue;
    missing.push_back({commit.id, commit.message.substr(0, commit.message.find('\n'))});
  }
  return missing;
}

}  // namespace layergate::audit
