#include "gates/destructive_sql/places.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "core/text.h"

namespace layergate::destructive_sql {
namespace {

constexpr size_t kMostMacros = 200;  // followed from one hook

std::string Cut(std::string text) {
  constexpr size_t kLongest = 120;
  if (text.size() <= kLongest) return text;
  size_t cut = kLongest;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  return text.substr(0, cut) + "...";
}

std::string NotRead(const Template& source) {
  return fmt::format("its template can't be read ({})", source.problem);
}

// Adapter calls speak of relations; as statements they need a key too.
Found FromCall(const AdapterCall& call) {
  Found found;
  found.effect = call.truncates ? Effect::kTruncate : Effect::kDrop;
  found.text = call.text;
  found.key = ToLower(call.text);
  size_t open = call.text.find('(');
  found.target = call.text.substr(open + 1, call.text.size() - open - 2);
  found.sent = true;
  return found;
}

// A literal counts as SQL only when it is nothing but destructive statements: "update the model"
// in a message is not one.
bool ReadsAsSql(const Statements& statements, std::string_view sql) {
  if (statements.found.empty() || !statements.unknown_word.empty()) return false;
  std::string_view text = Trim(sql);
  std::string_view first = text.substr(0, text.find_first_of(" \n\t\r"));
  if (!IsDestructiveWord(first)) return false;
  for (const Destructive& one : statements.found) {
    if (one.target.empty()) return false;
    bool from = one.key.find(" from ") != std::string::npos;
    if (one.effect == Effect::kDelete && !from) return false;
  }
  return true;
}

// The first word of a text, outside Jinja's own words, that a destructive statement begins with.
std::string DestructiveWordIn(std::string_view text) {
  std::string word;
  for (size_t i = 0; i <= text.size(); ++i) {
    bool letter = i < text.size() &&
                  (std::isalnum(static_cast<unsigned char>(text[i])) != 0 || text[i] == '_');
    if (letter) {
      word += text[i];
      continue;
    }
    if (IsDestructiveWord(word)) return ToUpper(word);
    word.clear();
  }
  return {};
}

}  // namespace

std::vector<std::string> HooksOf(const dbt::Node& node, std::string_view which) {
  std::vector<std::string> texts;
  const Value& hooks = node.config[which];
  if (hooks.is_string()) texts.emplace_back(hooks.AsString());
  for (const Value& hook : hooks.items()) {
    std::string_view sql = hook.is_object() ? hook["sql"].AsString() : hook.AsString();
    if (!Trim(sql).empty()) texts.emplace_back(sql);
  }
  return texts;
}

// `strict`: what this template writes is run as it is, so SQL that can't be read is worth saying.
Reading Places::Read(const Template& source, bool strict) {
  Reading reading;
  auto add = [&](Found found) {
    auto same = [&](const Found& other) { return other.key == found.key; };
    auto there = std::find_if(reading.found.begin(), reading.found.end(), same);
    if (there == reading.found.end()) {
      reading.found.push_back(std::move(found));
    } else {
      there->sent = there->sent || found.sent;
    }
  };
  for (const Fragment& fragment : source.fragments) {
    Statements statements = ReadStatements(fragment.sql, dialect_);
    bool literal = fragment.origin == Fragment::Origin::kLiteral;
    if (literal && !ReadsAsSql(statements, fragment.sql)) continue;
    for (const Destructive& one : statements.found) {
      Found found;
      found.effect = one.effect;
      found.target = source.Original(one.target);
      found.text = source.Original(one.text);
      found.key = source.Original(one.key);
      found.all_rows = one.all_rows;
      found.sent = fragment.origin != Fragment::Origin::kText;
      add(std::move(found));
    }
    bool run = strict || fragment.origin == Fragment::Origin::kStatement;
    if (!literal && run && !statements.unknown_word.empty()) {
      reading.unclear.push_back({statements.unknown_word,
                                 Cut(source.Original(statements.unknown_text)),
                                 "its SQL is not understood"});
    }
  }
  for (const AdapterCall& call : source.adapter_calls) add(FromCall(call));
  return reading;
}

const Reading& Places::Hook(const std::string& text) {
  auto known = hooks_.find(text);
  if (known != hooks_.end()) return known->second;
  Template source = ReadTemplate(text);
  Reading reading = Read(source, true);
  if (!source.problem.empty()) {
    std::string word = DestructiveWordIn(text);
    if (!word.empty()) {
      reading.unclear.push_back({word, Cut(source.Original(text)), NotRead(source)});
    }
  }
  AddReached(source.called, false, reading);
  return hooks_.emplace(text, std::move(reading)).first->second;
}

Reading Places::Model(const dbt::Node& node) {
  if (node.language == "python") return Read(ReadPython(node.raw_code), false);
  Template source = ReadTemplate(node.raw_code);
  if (node.compiled_code) {
    // What the template writes itself is better read where dbt has put everything in.
    std::erase_if(source.fragments, [](const Fragment& fragment) {
      return fragment.origin == Fragment::Origin::kText;
    });
    source.fragments.push_back({Fragment::Origin::kText, *node.compiled_code});
  }
  Reading reading = Read(source, false);
  AddReached(source.called, true, reading);
  return reading;
}

const Reading& Places::Macro(const std::string& id) {
  auto known = macros_.find(id);
  if (known != macros_.end()) return known->second;
  Reading reading;
  if (const dbt::Macro* macro = project_.FindMacro(id)) {
    Template source = ReadTemplate(macro->macro_sql);
    reading = Read(source, false);
    std::string word = source.problem.empty() ? "" : DestructiveWordIn(macro->macro_sql);
    if (!word.empty()) reading.unclear.push_back({word, Cut(macro->name), NotRead(source)});
    for (Found& found : reading.found) found.macro = id;
  }
  return macros_.emplace(id, std::move(reading)).first->second;
}

void Places::AddReached(const std::vector<std::string>& called, bool sent_only, Reading& reading) {
  for (const std::string& id : Reached(called)) {
    for (const Found& found : Macro(id).found) {
      if (!sent_only || found.sent) reading.found.push_back(found);
    }
  }
}

std::set<std::string> Places::Reached(const std::vector<std::string>& called) {
  std::vector<std::string> todo;
  for (const std::string& name : called) {
    for (const std::string& id : Named(name)) todo.push_back(id);
  }
  std::set<std::string> reached;
  while (!todo.empty() && reached.size() < kMostMacros) {
    std::string id = std::move(todo.back());
    todo.pop_back();
    if (IsInternal(id) || !reached.insert(id).second) continue;
    const dbt::Macro* macro = project_.FindMacro(id);
    if (!macro) continue;
    todo.insert(todo.end(), macro->depends_on_macros.begin(), macro->depends_on_macros.end());
  }
  return reached;
}

// Ids of macros of that name, those that adapter.dispatch would choose from included.
const std::vector<std::string>& Places::Named(std::string_view name) {
  if (!indexed_) {
    indexed_ = true;
    for (const std::string& id : project_.macro_ids()) {
      if (IsInternal(id)) continue;
      std::string_view last = std::string_view(id).substr(id.rfind('.') + 1);
      by_name_[std::string(last)].push_back(id);
      size_t dispatched = last.find("__");
      bool prefix = dispatched != std::string_view::npos && dispatched > 0;
      if (prefix && (last.substr(0, dispatched) == "default" ||
                     last.substr(0, dispatched) == project_.metadata().adapter_type)) {
        by_name_[std::string(last.substr(dispatched + 2))].push_back(id);
      }
    }
  }
  static const std::vector<std::string> kNone;
  auto found = by_name_.find(name);
  return found == by_name_.end() ? kNone : found->second;
}

// dbt's own macros: what they drop is what dbt drops.
bool Places::IsInternal(std::string_view macro_id) const {
  return macro_id.starts_with("macro.dbt.") ||
         macro_id.starts_with("macro.dbt_" + project_.metadata().adapter_type + ".") ||
         macro_id.starts_with("macro.dbt_postgres.") || macro_id.starts_with("macro.dbt_spark.");
}

}  // namespace layergate::destructive_sql
