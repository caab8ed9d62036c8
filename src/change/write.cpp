#include "change/write.h"

#include <algorithm>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include "change/text_diff.h"
#include "core/text.h"

namespace layergate::change {
namespace {

constexpr size_t kWidestId = 60;
constexpr size_t kFew = 5;         // names that are listed
constexpr size_t kMostLines = 40;  // of a changed text
constexpr size_t kNearest = 3;     // nodes that are listed for an ambiguous name

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

// Names, the first few of them, and how many more there are.
std::string Few(const std::vector<std::string>& names) {
  std::vector<std::string> shown(
      names.begin(), names.begin() + static_cast<ptrdiff_t>(std::min(names.size(), kFew)));
  std::string text = Printable(Join(shown, ", "));
  if (names.size() > kFew) text += fmt::format(" and {} more", names.size() - kFew);
  return text;
}

// Everything that is known of one node, told in the order in which a reviewer asks.
class Story {
 public:
  Story(const ChangeSet& changes, const dbt::Project& base, const dbt::Project& head,
        const LayerOf& layer_of)
      : changes_(changes), base_(base), head_(head), layer_of_(layer_of) {}

  std::string Tell(const std::string& id) {
    const NodeChange* change = Find(id);
    if (!change) {
      Unchanged(id);
      return std::move(out_);
    }
    Line(0, "{}: {}", Printable(change->unique_id), ToString(change->kind));
    if (change->kind == ChangeKind::kRenamed) Line(1, "was {}", Printable(change->old_unique_id));
    Layer(change->unique_id);
    Words(*change);
    for (const Reason& reason : change->reasons) AppendReason(out_, reason);
    bool removed = change->kind == ChangeKind::kRemoved;
    const dbt::Node* old_node =
        change->kind == ChangeKind::kAdded ? nullptr : base_.Find(change->old_unique_id);
    const dbt::Node* new_node = removed ? nullptr : head_.Find(change->unique_id);
    if (old_node && new_node) {
      Text(*old_node, *new_node);
      Parents(*old_node, *new_node);
    }
    Readers(removed ? base_ : head_, change->unique_id);
    return std::move(out_);
  }

 private:
  template <typename... Arguments>
  void Line(int indent, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    out_.append(static_cast<size_t>(indent) * 2, ' ');
    fmt::format_to(std::back_inserter(out_), format, std::forward<Arguments>(arguments)...);
    out_ += '\n';
  }

  const NodeChange* Find(const std::string& id) const {
    const NodeChange* change = changes_.Find(id);
    if (change) return change;
    auto renamed = std::find_if(changes_.nodes.begin(), changes_.nodes.end(),
                                [&](const NodeChange& other) { return other.old_unique_id == id; });
    return renamed == changes_.nodes.end() ? nullptr : &*renamed;
  }

  void Layer(const std::string& id) {
    if (!layer_of_) return;
    std::string layer = layer_of_(id);
    Line(1, "layer: {}", layer.empty() ? "none" : layer);
  }

  void Words(const NodeChange& change) {
    auto words = [](const std::vector<std::string>& list) {
      return list.empty() ? std::string("nothing") : Join(list, ", ");
    };
    Line(1, "dbt's state selectors say: {}", words(change.dbt_state));
    Line(1, "dbt does not see: {}", words(change.also));
    if (change.cosmetic) {
      Line(1, "cosmetic: what dbt sees changes nothing (same SQL tree, same values in force)");
    }
    Line(1, "evidence: {}",
         change.evidence == "rendered" ? "the compiled SQL of both sides" : "the two manifests");
    out_ += '\n';
  }

  void Text(const dbt::Node& old_node, const dbt::Node& new_node) {
    std::string lines = DifferingLines(old_node.raw_code, new_node.raw_code, kMostLines);
    if (lines.empty()) return;
    out_ += '\n';
    for (std::string_view line : Split(lines, '\n')) {
      if (!line.empty()) Line(1, "{}", line);
    }
  }

  void Parents(const dbt::Node& old_node, const dbt::Node& new_node) {
    auto sorted = [](std::vector<std::string> ids) {
      std::sort(ids.begin(), ids.end());
      return ids;
    };
    std::vector<std::string> before = sorted(old_node.depends_on_nodes);
    std::vector<std::string> after = sorted(new_node.depends_on_nodes), came, went;
    std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                        std::back_inserter(came));
    std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                        std::back_inserter(went));
    if (came.empty() && went.empty()) return;
    out_ += '\n';
    if (!came.empty()) Line(1, "reads now: {}", Few(came));
    if (!went.empty()) Line(1, "reads no longer: {}", Few(went));
  }

  void Readers(const dbt::Project& project, const std::string& id) {
    std::vector<std::string> readers = project.Downstream(id), tests;
    for (const std::string& reader : readers) {
      if (reader.starts_with("test.") || reader.starts_with("unit_test.")) tests.push_back(reader);
    }
    std::erase_if(readers, [](const std::string& reader) {
      return reader.starts_with("test.") || reader.starts_with("unit_test.");
    });
    out_ += '\n';
    if (readers.empty()) {
      Line(1, "nothing reads it");
    } else {
      Line(1, "read downstream by {}: {}", readers.size(), Few(readers));
    }
    if (!tests.empty())
      Line(1, "{} test{} on it or below", tests.size(), tests.size() == 1 ? "" : "s");
  }

  // Nothing of its own changed; what it reads may have.
  void Unchanged(const std::string& id) {
    Line(0, "{}: not changed", Printable(id));
    Layer(id);
    std::vector<std::string> above;
    for (const NodeChange& change : changes_.nodes) {
      if (change.kind == ChangeKind::kRemoved || change.cosmetic) continue;
      std::vector<std::string> below = head_.Downstream(change.unique_id);
      if (std::find(below.begin(), below.end(), id) != below.end()) {
        above.push_back(change.unique_id);
      }
    }
    if (!above.empty()) Line(1, "but it reads, directly or not, what changed: {}", Few(above));
  }

  const ChangeSet& changes_;
  const dbt::Project& base_;
  const dbt::Project& head_;
  const LayerOf& layer_of_;
  std::string out_;
};

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
             : fmt::format("{} {} changed: {}\n", changes.nodes.size(),
                           changes.nodes.size() == 1 ? "node" : "nodes", Join(parts, ", "));
  bool unseen = std::any_of(changes.nodes.begin(), changes.nodes.end(),
                            [](const NodeChange& change) { return !change.also.empty(); });
  if (unseen) out += "after \"+\": what dbt's state selectors do not see\n";
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
  return {true, Story(changes, base, head, layer_of).Tell(ids[0])};
}

}  // namespace layergate::change
