// What can destroy something in one dbt project: the statements of its hooks, operations, models
// and macros, with the macros that they call.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dbt/project.h"
#include "gates/destructive_sql/fragments.h"
#include "gates/destructive_sql/statements.h"

namespace layergate::destructive_sql {

// One destructive statement, in the author's own words.
struct Found {
  Effect effect = Effect::kDrop;
  std::string target, text, key;
  bool all_rows = false;
  bool sent = false;  // run by the template itself (run_query, call statement), not its output
  std::string macro;  // id of the macro that holds it; empty: the place itself
};

// A text that speaks of destruction and can't be read.
struct Unclear {
  std::string word;  // "DELETE"; empty when the template itself is broken
  std::string text;  // on one line, cut
  std::string why;
};

struct Reading {
  std::vector<Found> found;
  std::vector<Unclear> unclear;
};

// Reads the places of one project. Not thread-safe; keeps what it has read.
class Places {
 public:
  Places(const dbt::Project& project, sql::Dialect dialect)
      : project_(project), dialect_(dialect) {}

  // A hook's or an operation's template, and the macros that it calls.
  const Reading& Hook(const std::string& text);
  // What a model's code runs beside its query, and its query when that is no query.
  Reading Model(const dbt::Node& node);
  // A macro's own statements, without those of macros that it calls.
  const Reading& Macro(const std::string& id);

 private:
  Reading Read(const Template& source, bool strict);
  void AddReached(const std::vector<std::string>& called, bool sent_only, Reading& reading);
  std::set<std::string> Reached(const std::vector<std::string>& called);
  const std::vector<std::string>& Named(std::string_view name);
  bool IsInternal(std::string_view macro_id) const;

  const dbt::Project& project_;
  sql::Dialect dialect_;
  std::map<std::string, Reading, std::less<>> hooks_, macros_;
  std::map<std::string, std::vector<std::string>, std::less<>> by_name_;
  bool indexed_ = false;
};

// The SQL of the hooks in a node's config: "pre-hook" or "post-hook".
std::vector<std::string> HooksOf(const dbt::Node& node, std::string_view which);

}  // namespace layergate::destructive_sql
