#include "change/write.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "core/text.h"

namespace layergate::change {
namespace {

constexpr size_t kWidestId = 60;
constexpr size_t kNearest = 3;  // nodes that are listed for an ambiguous name

std::string Words(const NodeChange& change) {
  std::vector<std::string> words;
  if (change.kind != ChangeKind::kModified) {
    words.emplace_back(ToString(change.kind));
    if (change.kind == ChangeKind::kRenamed) words.back() += " from " + change.old_unique_id;
  } else {
    for (const std::string& word : change.dbt_state) {
      if (word != "modified" || change.dbt_state.size() == 1) words.push_back(word);
    }
  }
  std::string text = Join(words, " ");
  if (!change.also.empty()) {
    text += fmt::format("{}+ {}", text.empty() ? "" : " ", Join(change.also, " "));
  }
  if (change.cosmetic) text += " (cosmetic)";
  return text;
}

std::string OneLine(const Value& value) {
  return Printable(value.is_string() ? value.AsString() : WriteJson(value));
}

Value ReasonValue(const Reason& reason) {
  Value value = Value::MakeObject({{"kind", reason.kind},
                                   {"path", reason.path.empty() ? Value() : Value(reason.path)},
                                   {"detail", reason.detail}});
  if (!reason.base.is_null() || !reason.head.is_null()) {
    value.Set("base", reason.base);
    value.Set("head", reason.head);
  }
  return value;
}

void AppendReason(std::string& out, const Reason& reason) {
  out += fmt::format("  {}: {}", reason.kind, Printable(reason.detail));
  if (!reason.path.empty()) out += fmt::format("  [{}]", Printable(reason.path));
  out += '\n';
  if (reason.base.is_null() && reason.head.is_null()) return;
  out +=
      fmt::format("      base: {}\n      head: {}\n", OneLine(reason.base), OneLine(reason.head));
}

// The ids that `name` may mean: itself, or every node whose id ends in ".name".
std::vector<std::string> Meant(const dbt::Project& base, const dbt::Project& head,
                               std::string_view name) {
  if (base.Contains(name) || head.Contains(name)) return {std::string(name)};
  std::string ending = "." + std::string(name);
  std::vector<std::string> ids;
  for (const dbt::Project* project : {&head, &base}) {
    for (const std::string& id : project->ids()) {
      if (id.ends_with(ending)) ids.push_back(id);
    }
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  // A model's name is also the end of other ids ("semantic_model.shop.orders"): the model is meant.
  auto model = std::find_if(ids.begin(), ids.end(),
                            [](const std::string& id) { return id.starts_with("model."); });
  if (model != ids.end() && std::count_if(ids.begin(), ids.end(), [](const std::string& id) {
                              return id.starts_with("model.");
                            }) == 1) {
    return {*model};
  }
  return ids;
}

}  // namespace

Value ToValue(const ChangeSet& changes, const LayerOf& layer_of) {
  Value nodes = Value::MakeArray();
  for (const NodeChange& change : changes.nodes) {
    std::string layer = layer_of ? layer_of(change.unique_id) : std::string();
    Value reasons = Value::MakeArray();
    for (const Reason& reason : change.reasons) reasons.Append(ReasonValue(reason));
    Value node = Value::MakeObject({{"unique_id", change.unique_id},
                                    {"resource_type", change.resource_type},
                                    {"change", std::string(ToString(change.kind))},
                                    {"layer", layer.empty() ? Value() : Value(layer)},
                                    {"dbt_state", Value::FromStrings(change.dbt_state)},
                                    {"also", Value::FromStrings(change.also)},
                                    {"cosmetic", change.cosmetic},
                                    {"evidence", change.evidence},
                                    {"reasons", std::move(reasons)}});
    if (change.kind == ChangeKind::kRenamed) node.Set("old_unique_id", change.old_unique_id);
    nodes.Append(std::move(node));
  }
  Value unknown = Value::MakeArray();
  for (const UnknownChange& one : changes.unknown) {
    unknown.Append(Value::MakeObject({{"path", one.path}, {"why", one.why}}));
  }
  return Value::MakeObject({{"schema_version", 1},
                            {"nodes", std::move(nodes)},
                            {"unknown", std::move(unknown)},
                            {"notes", Value::FromStrings(changes.notes)}});
}

std::string ToTable(const ChangeSet& changes, const LayerOf& layer_of) {
  std::string out;
  size_t width = 0;
  for (const NodeChange& change : changes.nodes) {
    width = std::max(width, std::min(change.unique_id.size(), kWidestId));
  }
  std::map<ChangeKind, size_t> counts;
  for (const NodeChange& change : changes.nodes) {
    ++counts[change.kind];
    std::string layer = layer_of ? layer_of(change.unique_id) : std::string();
    if (layer_of) layer = fmt::format("  {:<12}", layer.empty() ? "-" : layer);
    out += fmt::format("{:<{}}{}  {}\n", Printable(change.unique_id), width, layer,
                       Printable(Words(change)));
  }
  if (!changes.nodes.empty()) out += '\n';
  for (const std::string& note : changes.notes) out += fmt::format("note: {}\n", note);
  for (const UnknownChange& one : changes.unknown) {
    out += fmt::format("unknown: {}: {}\n", Printable(one.path), one.why);
  }
  std::vector<std::string> parts;
  for (const auto& [kind, count] : counts)
    parts.push_back(fmt::format("{} {}", count, ToString(kind)));
  out += changes.nodes.empty()
             ? "no node changed\n"
             : fmt::format("{} nodes changed: {}\n", changes.nodes.size(), Join(parts, ", "));
  return out;
}

Explanation Explain(const ChangeSet& changes, const dbt::Project& base, const dbt::Project& head,
                    std::string_view name, const LayerOf& layer_of) {
  std::vector<std::string> ids = Meant(base, head, name);
  if (ids.empty()) {
    std::string text = fmt::format("no node is called \"{}\" in either manifest", Printable(name));
    std::string_view near = NearestName(name, head.ids());
    if (!near.empty()) text += fmt::format("; did you mean {}?", Printable(near));
    return {false, text + "\n"};
  }
  if (ids.size() > 1) {
    size_t more = ids.size() > kNearest ? ids.size() - kNearest : 0;
    if (more > 0) ids.resize(kNearest);
    return {false, fmt::format("\"{}\" may be {}{}: give the whole unique_id\n", Printable(name),
                               Printable(Join(ids, ", ")),
                               more > 0 ? fmt::format(" or {} more", more) : "")};
  }
  const std::string& id = ids[0];
  const NodeChange* change = changes.Find(id);
  if (!change) {
    for (const NodeChange& other : changes.nodes) {
      if (other.old_unique_id == id) change = &other;
    }
  }
  if (!change) {
    return {true, fmt::format("{}: not changed\n", Printable(id))};
  }
  std::string out = fmt::format("{}: {}\n", Printable(change->unique_id), ToString(change->kind));
  if (change->kind == ChangeKind::kRenamed) {
    out += fmt::format("  was: {}\n", Printable(change->old_unique_id));
  }
  if (layer_of) {
    std::string layer = layer_of(change->unique_id);
    out += fmt::format("  layer: {}\n", layer.empty() ? "none" : layer);
  }
  auto line = [](const std::vector<std::string>& words) {
    return words.empty() ? std::string("nothing") : Join(words, ", ");
  };
  out += fmt::format("  dbt's state selectors say: {}\n", line(change->dbt_state));
  out += fmt::format("  and dbt does not see: {}\n", line(change->also));
  if (change->cosmetic) {
    out += "  cosmetic: what dbt sees changes nothing (same SQL tree, same values in force)\n";
  }
  out += fmt::format("  evidence: {}\n", change->evidence);
  for (const Reason& reason : change->reasons) AppendReason(out, reason);
  if (change->kind != ChangeKind::kRemoved) {
    size_t readers = head.Downstream(change->unique_id).size();
    out += fmt::format("  read by {} node{} downstream\n", readers, readers == 1 ? "" : "s");
  }
  return {true, std::move(out)};
}

}  // namespace layergate::change
