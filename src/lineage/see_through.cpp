#include "lineage/see_through.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "core/text.h"
#include "sql/parse.h"
#include "sql/walk.h"

namespace layergate::lineage {
namespace {

const sql::Query* OnlyQuery(const sql::ParsedSql& parsed) {
  if (!parsed.understood() || parsed.statements().size() != 1) return nullptr;
  const sql::Node* statement = *parsed.statements().begin();
  return statement->kind == sql::Kind::kQuery ? static_cast<const sql::Query*>(statement) : nullptr;
}

struct Edit {
  Span span;
  std::string text;
};

// `p.d.t` in one pair of back quotes is three parts, and the quotes are of none of them.
Span WithQuotes(std::string_view text, Span span) {
  const bool quoted = span.begin > 0 && span.end < text.size() && text[span.begin - 1] == '`' &&
                      text[span.end] == '`';
  return quoted ? Span{span.begin - 1, span.end + 1} : span;
}

// The name that the query calls the relation by when it gave no other.
std::string ImplicitAlias(std::string_view text, const sql::Table& table) {
  const sql::Name& last = table.name.back();
  const std::string_view written = Slice(text, last.span);
  return std::string(written.find('.') == std::string_view::npos ? written : last.text);
}

class Writer {
 public:
  Writer(const sql::ParsedSql& parsed, const DefinitionOf& definition_of)
      : parsed_(parsed), definition_of_(definition_of) {}

  std::optional<std::string> Write(const sql::Query& query) {
    sql::Walk(&query, [&](const sql::Node* node) {
      if (node->kind == sql::Kind::kCte) {
        taken_.insert(ToLower(static_cast<const sql::Cte&>(*node).name.text));
      }
      return true;
    });
    sql::Walk(&query, [&](const sql::Node* node) {
      if (node->kind == sql::Kind::kTable) Take(static_cast<const sql::Table&>(*node));
      return true;
    });
    if (edits_.empty() || failed_) return std::nullopt;
    AddCtes(query);
    std::stable_sort(edits_.begin(), edits_.end(),
                     [](const Edit& a, const Edit& b) { return a.span.begin < b.span.begin; });
    std::string out;
    size_t from = 0;
    for (const Edit& edit : edits_) {
      if (edit.span.begin < from) return std::nullopt;
      out.append(parsed_.text().substr(from, edit.span.begin - from)).append(edit.text);
      from = edit.span.end;
    }
    out.append(parsed_.text().substr(from));
    return out;
  }

 private:
  void Take(const sql::Table& table) {
    // A name alone is most often a CTE of the text.
    if (table.form != sql::Table::Form::kName || table.name.size() < 2) return;
    RelationName name;
    for (const sql::Name& part : table.name) {
      name.parts.emplace_back(part.text);
      name.quoted.push_back(part.quoted);
    }
    const std::optional<std::string> cte = CteOf(name);
    if (!cte) return;
    const Span span =
        WithQuotes(parsed_.text(), {table.name.front().span.begin, table.name.back().span.end});
    edits_.push_back(
        {span, table.alias.empty() ? *cte + " as " + ImplicitAlias(parsed_.text(), table) : *cte});
  }

  std::optional<std::string> CteOf(const RelationName& name) {
    const auto known = ctes_.find(name.parts);
    if (known != ctes_.end()) return known->second;
    const std::optional<std::string> definition = definition_of_(name);
    if (!definition) return std::nullopt;
    const sql::ParsedSql parsed = sql::Parse(*definition, parsed_.dialect());
    const sql::Query* query = OnlyQuery(parsed);
    if (query == nullptr) {
      failed_ = true;
      return std::nullopt;
    }
    const std::string cte = FreeName(name.parts.back());
    with_ += fmt::format("{}{} as (\n{}\n)", with_.empty() ? "" : ", ", cte, parsed.Text(*query));
    return ctes_[name.parts] = cte;
  }

  // The relation's own name, for findings that name the CTE, unless the text has one of that name.
  std::string FreeName(const std::string& wanted) {
    const bool plain =
        wanted.find_first_not_of(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == std::string::npos;
    std::string name = plain ? wanted : "model";
    while (!taken_.insert(ToLower(name)).second) name += "_model";
    return name;
  }

  void AddCtes(const sql::Query& query) {
    if (query.with != nullptr && !query.with->ctes.empty()) {
      const auto at = (*query.with->ctes.begin())->span.begin;
      edits_.push_back({{at, at}, with_ + ", "});
    } else {
      const auto at = query.span.begin;
      edits_.push_back({{at, at}, "with " + with_ + "\n"});
    }
  }

  const sql::ParsedSql& parsed_;
  const DefinitionOf& definition_of_;
  std::map<std::vector<std::string>, std::string> ctes_;  // by the parts of the relation's name
  std::set<std::string> taken_;                           // names of CTEs, lower case
  std::string with_;
  std::vector<Edit> edits_;
  bool failed_ = false;
};

}  // namespace

std::optional<std::string> SeeThrough(std::string_view text, sql::Dialect dialect,
                                      const DefinitionOf& definition_of) {
  const sql::ParsedSql parsed = sql::Parse(text, dialect);
  const sql::Query* query = OnlyQuery(parsed);
  return query == nullptr ? std::nullopt : Writer(parsed, definition_of).Write(*query);
}

}  // namespace layergate::lineage
