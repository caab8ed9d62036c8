#include "gates/destructive_sql/statements.h"

#include <algorithm>
#include <array>
#include <set>

#include "core/text.h"
#include "sql/grammar.h"
#include "sql/lexer.h"
#include "sql/parse.h"
#include "sql/walk.h"

namespace layergate::destructive_sql {
namespace {

using sql::As;
using sql::TokenKind;

constexpr std::array kWords = {"DELETE", "DROP",   "TRUNCATE", "UPDATE", "MERGE",
                               "REVOKE", "UNLOAD", "ALTER",    "GRANT",  "COPY"};

// Objects whose loss loses no rows and no code: they can be made again from what is there.
constexpr std::array kHelpers = {"INDEX",   "CONSTRAINT", "STATISTICS", "PRIMARY", "FOREIGN",
                                 "DEFAULT", "NOT",        "UNIQUE",     "CHECK",   "PROJECTION"};
constexpr std::array kPolicies = {"MASKING POLICY",     "ROW ACCESS POLICY", "ROW ACCESS", "POLICY",
                                  "AGGREGATION POLICY", "PROJECTION POLICY", "MASK"};
// Who everybody is, in one dialect or another.
constexpr std::array kEverybody = {"PUBLIC", "ALLUSERS", "ALLAUTHENTICATEDUSERS",
                                   "SPECIALGROUP:ALLAUTHENTICATEDUSERS", "ACCOUNT USERS"};

template <typename List>
bool Among(const List& list, std::string_view word) {
  return std::any_of(std::begin(list), std::end(list),
                     [&](std::string_view one) { return EqualsIgnoreCase(one, word); });
}

// A statement as its tokens.
class Tokens {
 public:
  Tokens(std::string_view text, sql::Dialect dialect) : text_(text) {
    std::vector<sql::LexProblem> problems;
    sql::Lex(text, sql::GrammarOf(dialect), tokens_, problems);
  }

  size_t size() const { return tokens_.size() - 1; }  // without the end
  const sql::Token& operator[](size_t i) const { return tokens_[i]; }
  std::string_view Raw(size_t i) const {
    return text_.substr(tokens_[i].begin, tokens_[i].end - tokens_[i].begin);
  }
  std::string_view Content(size_t i) const { return sql::Content(text_, tokens_[i]); }
  bool IsWord(size_t i, std::string_view word) const {
    return i < size() && tokens_[i].kind == TokenKind::kWord && EqualsIgnoreCase(Raw(i), word);
  }
  // The place of the first of these words, outside strings and quoted names; size() when none.
  size_t Find(std::string_view word, size_t from = 0) const {
    for (size_t i = from; i < size(); ++i) {
      if (IsWord(i, word)) return i;
    }
    return size();
  }
  bool Has(std::string_view first, std::string_view second) const {
    for (size_t i = 0; i + 1 < size(); ++i) {
      if (IsWord(i, first) && IsWord(i + 1, second)) return true;
    }
    return false;
  }

  std::string Key() const {
    std::string key;
    for (size_t i = 0; i < size(); ++i) {
      if (Raw(i) == ";") continue;
      if (!key.empty()) key += ' ';
      key += tokens_[i].kind == TokenKind::kWord ? ToLower(Raw(i)) : std::string(Raw(i));
    }
    return key;
  }

 private:
  std::string_view text_;
  std::vector<sql::Token> tokens_;
};

bool StartsStatement(const Tokens& tokens, size_t i) {
  return i == 0 || tokens[i].newline || tokens.Raw(i - 1) == ";" || tokens.IsWord(i - 1, "begin") ||
         tokens.IsWord(i - 1, "then") || tokens.IsWord(i - 1, "else");
}

class Classifier {
 public:
  Classifier(std::string_view text, sql::Dialect dialect, int depth, Statements& out)
      : text_(text), dialect_(dialect), depth_(depth), out_(out) {}

  void Run() {
    sql::ParsedSql parsed = sql::Parse(text_, dialect_);
    for (const sql::Node* statement : parsed.statements()) {
      sql::Walk(statement, [&](const sql::Node* node) {
        if (const auto* create = As<sql::Create>(node)) NoteTemporary(*create);
        return true;
      });
    }
    for (const sql::Node* statement : parsed.statements()) {
      sql::Walk(statement, [&](const sql::Node* node) {
        Look(*node);
        return true;
      });
    }
    for (const sql::Node* statement : parsed.statements()) LookUnread(*statement);
  }

 private:
  void Look(const sql::Node& node) {
    if (const auto* found = As<sql::Delete>(&node)) {
      Add(Effect::kDelete, node, TextOf(found->target), found->where == nullptr);
    } else if (const auto* update = As<sql::Update>(&node)) {
      Add(Effect::kUpdate, node, TextOf(update->target), update->where == nullptr);
    } else if (const auto* merge = As<sql::Merge>(&node)) {
      bool deletes = std::any_of(merge->clauses.begin(), merge->clauses.end(), [](const auto* c) {
        return c->action == sql::MergeClause::Action::kDelete;
      });
      if (deletes) Add(Effect::kMergeDelete, node, TextOf(merge->target));
    } else if (const auto* create = As<sql::Create>(&node)) {
      LookCreate(*create);
    } else if (const auto* insert = As<sql::Insert>(&node)) {
      if (insert->overwrite) Add(Effect::kOverwrite, node, TextOf(insert->target));
    } else if (const auto* command = As<sql::Command>(&node)) {
      LookCommand(*command);
    }
  }

  // The body of a procedure is what a call of it does, in quotes or as it is.
  void LookBody(const sql::Create& create) {
    constexpr int kDeepest = 4;
    if (depth_ >= kDeepest) return;
    const std::string_view text = Slice(text_, create.span);
    Tokens tokens(text, dialect_);
    for (size_t i = 0; i < tokens.size(); ++i) {
      if (tokens[i].kind == TokenKind::kString) {
        Classifier(tokens.Content(i), dialect_, depth_ + 1, out_).Run();
      } else if (tokens.IsWord(i, "begin") && i + 1 < tokens.size()) {
        const size_t begin = static_cast<size_t>(tokens.Raw(i + 1).data() - text.data());
        Classifier(text.substr(begin), dialect_, depth_ + 1, out_).Run();
        return;
      }
    }
  }

  void LookCreate(const sql::Create& create) {
    if (create.object.find("PROCEDURE") != std::string_view::npos ||
        create.object.find("FUNCTION") != std::string_view::npos) {
      return LookBody(create);
    }
    bool table = create.object.find("TABLE") != std::string_view::npos;
    if (create.or_replace && table && !create.temporary) {
      Add(Effect::kOverwrite, create, TextOf(create.target));
    }
  }

  void NoteTemporary(const sql::Create& create) {
    if (create.temporary) temporary_.insert(ToLower(TextOf(create.target)));
    if (create.object.find("PROCEDURE") != std::string_view::npos) {
      defined_.insert(ToLower(TextOf(create.target)));
    }
  }

  void LookCommand(const sql::Command& command) {
    std::string_view verb = command.verb;
    if (verb == "DROP") return LookDrop(command);
    if (verb == "TRUNCATE") return Add(Effect::kTruncate, command, Target(command));
    if (verb == "ALTER") return LookAlter(command);
    if (verb == "GRANT") return LookGrant(command);
    if (verb == "REVOKE") return LookRevoke(command);
    if (verb == "COPY" || verb == "UNLOAD" || verb == "EXPORT") return LookCopy(command);
    if (verb == "EXECUTE" || verb == "EXEC" || verb == "DO") LookInside(command);
    const bool calls = verb == "CALL" || verb == "EXEC" || verb == "EXECUTE";
    if (calls && !command.targets.empty() && !defined_.count(ToLower(Target(command)))) {
      Add(Effect::kCall, command, Target(command));
    }
  }

  void LookDrop(const sql::Command& command) {
    Tokens tokens(command.text, dialect_);
    if (tokens.IsWord(1, "TEMPORARY") || tokens.IsWord(1, "TEMP")) return;
    if (Target(command).starts_with("#")) return;  // T-SQL: a temporary table
    if (Among(kPolicies, command.object)) {
      Add(Effect::kUnprotect, command, Target(command));
    } else if (Among(kHelpers, command.object)) {
      Add(Effect::kDropIndex, command, Target(command));
    } else {
      Add(Effect::kDrop, command, Target(command));
    }
  }

  void LookAlter(const sql::Command& command) {
    Tokens tokens(command.text, dialect_);
    if (tokens.Has("UNSET", "MASKING") || tokens.Has("DROP", "ROW") || tokens.Has("DROP", "MASK") ||
        tokens.Has("DISABLE", "ROW") || tokens.Has("DROP", "MASKED") ||
        tokens.Has("UNSET", "TAG")) {
      return Add(Effect::kUnprotect, command, Target(command));
    }
    if (tokens.Has("DROP", "ALL") && tokens.Has("ACCESS", "POLICIES")) {
      return Add(Effect::kUnprotect, command, Target(command));
    }
    // ALTER TABLE t ALTER COLUMN c DROP NOT NULL drops no column.
    size_t at = tokens.Find("DROP", 2);
    if (at < tokens.size()) {
      bool helper = at + 1 < tokens.size() && Among(kHelpers, tokens.Raw(at + 1));
      return Add(helper ? Effect::kDropIndex : Effect::kAlterDrop, command, Target(command));
    }
    if (command.action.starts_with("DELETE")) return Add(Effect::kDelete, command, Target(command));
    if (command.action.starts_with("UPDATE")) Add(Effect::kUpdate, command, Target(command));
  }

  void LookGrant(const sql::Command& command) {
    Tokens tokens(command.text, dialect_);
    for (size_t i = tokens.Find("TO") + 1; i < tokens.size(); ++i) {
      std::string_view who = tokens[i].kind == TokenKind::kWord ? tokens.Raw(i) : tokens.Content(i);
      if (tokens.IsWord(i, "WITH")) break;
      if (Among(kEverybody, who)) return Add(Effect::kGrantPublic, command, Target(command));
    }
  }

  // Taking rights from everybody is what a careful person does.
  void LookRevoke(const sql::Command& command) {
    Tokens tokens(command.text, dialect_);
    size_t from = tokens.Find("FROM");
    size_t i = from + 1;
    if (tokens.IsWord(i, "ROLE") || tokens.IsWord(i, "GROUP")) ++i;
    if (i < tokens.size() && Among(kEverybody, tokens.Raw(i)) &&
        (i + 1 == tokens.size() || tokens.Raw(i + 1) != ",")) {
      return;
    }
    Add(Effect::kRevoke, command, Target(command));
  }

  void LookCopy(const sql::Command& command) {
    Tokens tokens(command.text, dialect_);
    bool out = command.verb != "COPY";
    // COPY t TO 'file'; COPY INTO @stage FROM t, COPY INTO 's3://...' FROM t.
    size_t depth = 0;
    for (size_t i = 1; i < tokens.size() && !out; ++i) {
      if (tokens.Raw(i) == "(") ++depth;
      if (tokens.Raw(i) == ")" && depth > 0) --depth;
      if (depth == 0 && tokens.IsWord(i, "FROM")) break;
      out = depth == 0 && tokens.IsWord(i, "TO");
      if (tokens.IsWord(i, "INTO") && i + 1 < tokens.size()) {
        std::string_view next = tokens.Raw(i + 1);
        out = next.starts_with("@") || tokens[i + 1].kind == TokenKind::kString;
      }
    }
    if (out) Add(Effect::kCopyOut, command, Target(command));
  }

  // EXECUTE IMMEDIATE 'drop table t', DO $$ begin delete ... end $$: a statement in a string.
  void LookInside(const sql::Command& command) {
    constexpr int kDeepest = 4;
    if (depth_ >= kDeepest) return;
    Tokens tokens(command.text, dialect_);
    for (size_t i = 0; i < tokens.size(); ++i) {
      if (tokens[i].kind != TokenKind::kString) continue;
      Classifier(tokens.Content(i), dialect_, depth_ + 1, out_).Run();
    }
  }

  // A statement with a part that is not understood, and in which nothing was found.
  void LookUnread(const sql::Node& statement) {
    if (!out_.unknown_word.empty() || explained_ > 0) return;
    bool opaque = false;
    sql::Walk(&statement, [&](const sql::Node* node) {
      opaque = opaque || node->kind == sql::Kind::kOpaque;
      return !opaque;
    });
    if (!opaque) return;
    std::string_view text = Slice(text_, statement.span);
    Tokens tokens(text, dialect_);
    for (size_t i = 0; i < tokens.size(); ++i) {
      if (tokens[i].kind != TokenKind::kWord || !IsDestructiveWord(tokens.Raw(i))) continue;
      if (!StartsStatement(tokens, i)) continue;
      out_.unknown_word = ToUpper(tokens.Raw(i));
      out_.unknown_text = std::string(text);
      return;
    }
  }

  void Add(Effect effect, const sql::Node& node, std::string target, bool all_rows = false) {
    if (temporary_.count(ToLower(target))) return;
    Destructive found;
    found.effect = effect;
    found.all_rows = all_rows;
    found.target = std::move(target);
    found.text = std::string(Trim(Slice(text_, node.span)));
    found.key = Tokens(found.text, dialect_).Key();
    ++explained_;
    for (const Destructive& there : out_.found) {
      if (there.key == found.key) return;
    }
    out_.found.push_back(std::move(found));
  }

  // A relation by its name, without its alias.
  std::string TextOf(const sql::Node* node) const {
    if (!node) return {};
    Span span = node->span;
    const auto* table = As<sql::Table>(node);
    if (table && !table->name.empty() && table->name.back().span.end > span.begin) {
      span.end = table->name.back().span.end;
    }
    return std::string(Trim(Slice(text_, span)));
  }
  std::string Target(const sql::Command& command) const {
    std::vector<std::string> names;
    for (const sql::Table* table : command.targets) names.push_back(TextOf(table));
    bool query = !names.empty() && EqualsIgnoreCase(names[0].substr(0, 6), "select");
    if (!names.empty() && !query) return Join(names, ", ");
    return command.statements.empty() && !query ? std::string() : std::string("a query's result");
  }

  std::string_view text_;
  sql::Dialect dialect_;
  int depth_;
  Statements& out_;
  int explained_ = 0;
  std::set<std::string> temporary_, defined_;
};

}  // namespace

bool IsDestructiveWord(std::string_view word) { return Among(kWords, word); }

Statements ReadStatements(std::string_view sql, sql::Dialect dialect) {
  Statements out;
  Classifier(sql, dialect, 0, out).Run();
  return out;
}

}  // namespace layergate::destructive_sql
