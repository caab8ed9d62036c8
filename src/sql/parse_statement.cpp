// Statements: queries, CREATE, and every command at least by its verb and the names it acts on.
#include <algorithm>
#include <array>
#include <vector>

#include "core/text.h"
#include "sql/parser.h"
#include "sql/walk.h"

namespace layergate::sql {

List<Statement> Parser::ParseStatements() {
  Builder<Statement> statements(*this);
  for (;;) {
    while (Accept(Op::kSemicolon)) {
    }
    if (Is(TokenKind::kEnd)) break;
    size_t start = pos_;
    uint32_t begin = Begin();
    size_t lost = lost_.size();
    const Statement* statement = ParseStatement();
    bool next =
        grammar_.newline_statements && pos_ > start && (IsStatementStart() || Is(Kw::kELSE));
    if (!AtEnd() && !next) {
      Builder<Node> parts(*this);
      parts.Add(statement);
      std::string near = Printable(Raw(Peek()).substr(0, 40));
      while (!AtEnd()) {
        CollectOpaqueParts(parts, false, false);
        if (!AtEnd()) Next();  // a closing bracket without an opening one, a pipe
      }
      statement = MakeOpaque(begin, LastEnd(), "syntax near '" + near + "' is not understood",
                             parts.Take());
    } else if (lost_.size() > lost || HoldsUnclosed(begin, LastEnd())) {
      Builder<Node> parts(*this);
      parts.Add(statement);
      for (size_t i = lost; i < lost_.size(); ++i) parts.Add(lost_[i]);
      statement = MakeOpaque(begin, LastEnd() > begin ? LastEnd() : begin,
                             "part of this statement is not understood", parts.Take());
    }
    lost_.resize(lost);
    statements.Add(statement);
    if (pos_ == start) Next();
  }
  return statements.Take();
}

// Whether a quote or a comment that is never closed begins in that part of the text.
bool Parser::HoldsUnclosed(uint32_t begin, uint32_t end) const {
  for (const LexProblem& problem : unclosed_) {
    if (problem.span.begin <= end && problem.span.end > begin) return true;
  }
  return false;
}

bool Parser::IsStatementStart(size_t ahead) const {
  switch (Word(ahead)) {
    case Kw::kSELECT:
    case Kw::kINSERT:
    case Kw::kUPDATE:
    case Kw::kDELETE:
    case Kw::kMERGE:
    case Kw::kCREATE:
    case Kw::kDROP:
    case Kw::kALTER:
    case Kw::kTRUNCATE:
    case Kw::kDECLARE:
    case Kw::kSET:
    case Kw::kEXECUTE:
    case Kw::kGRANT:
    case Kw::kREVOKE:
    case Kw::kBEGIN:
    case Kw::kCOMMIT:
    case Kw::kROLLBACK:
    case Kw::kIF:
    case Kw::kUSE:
    case Kw::kWITH:
    case Kw::kEND:
      return true;
    case Kw::kFETCH:
      return Is(Kw::kFROM, ahead + 1) || (IsName(ahead + 1) && Is(Kw::kFROM, ahead + 2));
    case Kw::kNone:
      break;
    default:
      return false;
  }
  // OPEN c, CLOSE c: nothing but these two words, since they are columns' names too.
  if (IsText("OPEN", ahead) || IsText("CLOSE", ahead) || IsText("DEALLOCATE", ahead)) {
    return IsName(ahead + 1) && (Peek(ahead + 2).newline || Is(TokenKind::kEnd, ahead + 2) ||
                                 Is(Op::kSemicolon, ahead + 2));
  }
  return IsText("EXEC", ahead) || IsText("PRINT", ahead) || IsText("GO", ahead) ||
         IsText("WHILE", ahead) || IsText("RETURN", ahead) || IsText("THROW", ahead) ||
         IsText("RAISERROR", ahead);
}

const Statement* Parser::ParseStatement() {
  uint32_t begin = Begin();
  Deeper deeper(*this);
  if (!deeper) return TooDeep(begin);
  switch (Word()) {
    case Kw::kREPLACE:
      if (Is(Kw::kTABLE, 1)) return ParseCreate();  // Spark: REPLACE TABLE t AS ...
      return ParseDml(nullptr, begin);
    case Kw::kINSERT:
      if ((Is(Kw::kALL, 1) || Is(Kw::kFIRST, 1) ||
           (Is(Kw::kOVERWRITE, 1) && (Is(Kw::kALL, 2) || Is(Kw::kFIRST, 2)))) &&
          grammar_.at_stages) {
        return ParseMultiInsert();
      }
      return ParseDml(nullptr, begin);
    case Kw::kUPDATE:
      if (IsText("STATISTICS", 1) && grammar_.newline_statements) break;
      return ParseDml(nullptr, begin);
    case Kw::kDELETE:
    case Kw::kMERGE:
      return ParseDml(nullptr, begin);
    case Kw::kCREATE:
      return ParseCreate();
    case Kw::kSELECT:
    case Kw::kWITH:
    case Kw::kVALUES:
    case Kw::kFROM:
      return ParseQuery();
    case Kw::kTABLE:
      return ParseQuery();
    case Kw::kPIVOT:
    case Kw::kPIVOT_WIDER:
    case Kw::kUNPIVOT:
    case Kw::kPIVOT_LONGER:
      if (grammar_.pivot_statement) return ParseQuery();
      break;
    default:
      break;
  }
  if (Is(Op::kLeftParen)) return ParseQuery();
  if (Is(TokenKind::kWord)) return ParseCommand();
  return ParseOpaqueRest(begin, nullptr);
}

// ---- CREATE -------------------------------------------------------------------------------------

namespace {

// Words in front of the object's kind that change nothing here.
constexpr std::array kModifiers = {"GLOBAL", "LOCAL",       "VOLATILE",  "TRANSIENT", "SECURE",
                                   "FORCE",  "EDITIONABLE", "UNLOGGED",  "HYBRID",    "STREAMING",
                                   "LIVE",   "PRIVATE",     "AGGREGATE", "DEFAULT",   "FOREIGN"};

}  // namespace

namespace {

// The words that kinds of objects end in; what stands before them says more: MATERIALIZED VIEW,
// CLUSTERED COLUMNSTORE INDEX, ROW ACCESS POLICY.
constexpr std::array kKinds = {
    "TABLE",      "VIEW",    "INDEX",    "FUNCTION",    "PROCEDURE", "SCHEMA",     "DATABASE",
    "POLICY",     "FORMAT",  "SERVICE",  "INTEGRATION", "MONITOR",   "POOL",       "TRIGGER",
    "SOURCE",     "PROFILE", "SEQUENCE", "FAMILY",      "CLASS",     "MAPPING",    "REPOSITORY",
    "RULE",       "SHARE",   "GATEWAY",  "SEARCH",      "LANGUAGE",  "COLLECTION", "LOCATION",
    "STATISTICS", "CATALOG", "MODEL",    "TAG",         "VOLUME"};

}  // namespace

bool Parser::AtKind(size_t ahead) const {
  return std::any_of(kKinds.begin(), kKinds.end(),
                     [&](std::string_view kind) { return IsText(kind, ahead); });
}

// The kind of object, canonical: "TABLE", "MATERIALIZED VIEW", "EXTERNAL TABLE", "FUNCTION" ...
std::string_view Parser::ParseObjectKind() {
  std::string kind;
  size_t more = 0;  // words that come before the last one
  for (size_t i = 1; i < 4 && Is(TokenKind::kWord, i) && !Is(Kw::kIF, i); ++i) {
    if (AtKind(i) && IsName(i + 1)) more = i;
    if (AtKind(i - 1) && !AtKind(i)) break;  // the name of the object
  }
  for (; more > 0; --more, Next()) {
    if (!IsText("RECURSIVE")) kind += ToUpper(Raw(Peek())) + " ";
  }
  if (Is(TokenKind::kWord)) {
    kind += ToUpper(Raw(Peek()));
    Next();
  }
  return arena_.CopyText(kind);
}

const Node* Parser::ParseCreate() {
  uint32_t begin = Begin();
  auto* create = New<Create>();
  create->or_replace = Is(Kw::kREPLACE);
  Next();
  for (bool more = true; more;) {
    more = false;
    if (Is(Kw::kOR) && (Is(Kw::kREPLACE, 1) || Is(Kw::kALTER, 1) || IsText("REFRESH", 1))) {
      create->or_replace = true;
      Next();
      Next();
      more = true;
    } else if (Accept(Kw::kTEMPORARY) || Accept(Kw::kTEMP)) {
      create->temporary = true;
      more = true;
    } else {
      for (const char* word : kModifiers) more |= AcceptText(word);
      if (IsText("ALGORITHM") || IsText("DEFINER")) {  // MySQL: ALGORITHM = MERGE
        Next();
        if (Accept(Op::kEqual)) SkipDefiner();
        more = true;
      }
      if (IsText("SQL") && IsText("SECURITY", 1)) {
        for (int i = 0; i < 3; ++i) Next();
        more = true;
      }
    }
  }
  create->object = ParseObjectKind();
  if (create->object.ends_with("INDEX") && IsName(1)) AcceptText("CONCURRENTLY");
  IfExists(create->if_not_exists);
  if (Is(Kw::kON) || Is(Kw::kFOR)) {  // CREATE INDEX ON t without a name
  } else if (IsName() || Is(TokenKind::kParameter) || Is(TokenKind::kString)) {
    create->target = ParseTarget();
  }
  IfExists(create->if_not_exists);
  const bool relation = create->object.ends_with("TABLE") || create->object.ends_with("VIEW");
  if (relation) {
    ParseCreateBody(create);
  } else {
    SkipToStatementEnd(nullptr, true);
  }
  return Finish(create, begin);
}

void Parser::SkipDefiner() {
  while (IsName() || Is(TokenKind::kString) || Is(TokenKind::kParameter) || Is(Op::kAt)) {
    if (Is(Kw::kVIEW) || Is(Kw::kTABLE) || IsText("SQL") || IsText("DEFINER")) return;
    Next();
  }
}

// IF [NOT] EXISTS
void Parser::IfExists(bool& flag) {
  if (!Is(Kw::kIF)) return;
  if (Is(Kw::kNOT, 1) && Is(Kw::kEXISTS, 2)) {
    for (int i = 0; i < 3; ++i) Next();
    flag = true;
  } else if (Is(Kw::kEXISTS, 1)) {
    Next();
    Next();
    flag = true;
  }
}

// What follows the name of a table or view: columns, options in any order, AS query.
void Parser::ParseCreateBody(Create* create) {
  if (Is(Kw::kON) && IsText("CLUSTER", 1)) {  // ClickHouse
    for (int i = 0; i < 3; ++i) Next();
  }
  if (Is(Op::kLeftParen) && !AtQuery(1)) create->columns = ParseColumnDefs();
  while (!AtEnd()) {
    if (grammar_.array_join && Is(Kw::kTO) && IsName(1) && create->to == nullptr &&
        create->object.starts_with("MATERIALIZED")) {
      Next();
      create->to = ParseTarget();
      if (Is(Op::kLeftParen) && create->columns.empty()) create->columns = ParseColumnDefs();
      continue;
    }
    if (grammar_.array_join && Is(Kw::kAS) && IsName(1) && !AtQuery(1)) {  // ClickHouse: AS t
      Next();
      create->source = ParseTarget();
      continue;
    }
    if (Is(Kw::kAS) && (AtQuery(1) || Is(Op::kLeftParen, 1) || Is(Kw::kTABLE, 1))) {
      Next();
      ParseCreateQuery(create);
      return;
    }
    if (AtQuery() &&
        (Is(Kw::kSELECT) || (Is(Kw::kWITH) && Is(Kw::kAS, 2) && Is(Op::kLeftParen, 3)))) {
      ParseCreateQuery(create);
      return;
    }
    if ((IsText("DEEP") || IsText("SHALLOW")) && Is(Kw::kCLONE, 1)) Next();
    if (Is(Kw::kLIKE) || Is(Kw::kCLONE) || (Is(Kw::kCOPY) && !IsText("GRANTS", 1))) {
      Next();
      if (IsName()) create->source = ParseTarget();
      continue;
    }
    if (grammar_.newline_statements && Peek().newline && IsStatementStart() && !Is(Kw::kWITH))
      return;
    SkipBalanced();
  }
}

void Parser::ParseCreateQuery(Create* create) {
  create->query = ParseQuery();
  if (Is(Kw::kCOMMENT)) {  // ClickHouse: COMMENT 'text'
    Next();
    if (Is(TokenKind::kString)) Next();
  }
  while (!AtEnd()) {  // WITH NO DATA, WITH NO SCHEMA BINDING, WITH CHECK OPTION, COMMENT ...
    if (Is(Kw::kWITH) || IsText("COMMENT") || Is(Kw::kDATA) || Is(Kw::kNO) || Is(Kw::kSCHEMA) ||
        IsText("BINDING") || IsText("CHECK") || Is(Kw::kOPTION) || IsText("CASCADED") ||
        Is(Kw::kLOCAL)) {
      Next();
    } else {
      return;
    }
  }
}

List<ColumnDef> Parser::ParseColumnDefs() {
  uint32_t begin = Begin();
  Next();
  Builder<ColumnDef> columns(*this);
  while (!Is(Op::kRightParen) && !AtEnd()) {
    size_t start = pos_;
    columns.Add(ParseColumnDef());
    if (pos_ == start) Next();
    if (!Accept(Op::kComma)) break;
  }
  List<ColumnDef> taken = columns.Take();
  Keep(CloseParen(begin, nullptr));
  return taken;
}

// PRIMARY KEY (a), UNIQUE KEY u (b), INDEX i (c), ...: no column.
bool Parser::AtTableConstraint() const {
  const bool listed = Is(Op::kLeftParen, 1) || (IsName(1) && Is(Op::kLeftParen, 2));
  if (Is(Kw::kUNIQUE)) return listed || Is(Kw::kKEY, 1) || Is(Kw::kINDEX, 1);
  if (Is(Kw::kKEY)) return IsName(1) && Is(Op::kLeftParen, 2);
  if (Is(Kw::kINDEX)) return IsName(1) && !Is(Op::kComma, 2);
  if (IsText("FULLTEXT") || IsText("SPATIAL")) return Is(Kw::kKEY, 1) || Is(Kw::kINDEX, 1);
  if (IsText("CHECK")) return Is(Op::kLeftParen, 1);
  if (IsText("PROJECTION")) return grammar_.array_join && IsName(1) && Is(Op::kLeftParen, 2);
  if (IsText("PERIOD")) return Is(Kw::kFOR, 1);
  return Is(Kw::kCONSTRAINT) || IsText("PRIMARY") || IsText("FOREIGN") || Is(Kw::kLIKE);
}

// ClickHouse: a column that is MATERIALIZED, ALIAS or EPHEMERAL has its value behind the word.
bool Parser::AtComputedColumn() const {
  return grammar_.array_join && !Is(Op::kComma, 1) && !Is(Op::kRightParen, 1) &&
         (Is(Kw::kMATERIALIZED) || IsText("ALIAS") || IsText("EPHEMERAL"));
}

const ColumnDef* Parser::ParseColumnDef() {
  uint32_t begin = Begin();
  auto* column = New<ColumnDef>();
  if (!AtTableConstraint() && (IsName() || Is(TokenKind::kString))) {
    column->name = TakeName();
    bool option = Is(Kw::kCOMMENT) || Is(Kw::kNOT) || Is(Kw::kWITH) || Is(Kw::kDEFAULT) ||
                  IsText("OPTIONS") || IsText("MASKING") || Is(Kw::kCONSTRAINT) || Is(Kw::kAS) ||
                  AtComputedColumn();
    if (IsName() && !option) column->type = ParseType();
  }
  uint32_t rest = Begin();
  while (!Is(Op::kComma) && !Is(Op::kRightParen) && !AtEnd()) {
    bool value = Is(Kw::kDEFAULT) && !Is(Op::kRightParen, 1) && !Is(Op::kComma, 1);
    if (Is(Kw::kBY) && Is(Kw::kDEFAULT, 1)) {  // GENERATED BY DEFAULT AS IDENTITY
      Next();
      Next();
    } else if ((value || AtComputedColumn()) && !column->name.empty()) {
      Next();
      column->value = ParseExpr(kOtherPower);
    } else if (Is(Kw::kAS) && Is(Op::kLeftParen, 1)) {
      Next();
      uint32_t open = Begin();
      Next();
      column->value = CloseParen(open, ParseExpr());
    } else {
      SkipBalanced();
    }
  }
  if (Begin() > rest) column->constraints = RawSince(rest);
  return FinishAs(column, begin);
}

// ---- other commands -----------------------------------------------------------------------------

// A name that a statement acts on.
const Table* Parser::ParseTarget() {
  uint32_t begin = Begin();
  auto* table = New<Table>();
  if (Is(TokenKind::kParameter)) {
    table->form = Table::Form::kVariable;
    table->name = ParseTableName();
  } else if (IsText("IDENTIFIER") && Is(Op::kLeftParen, 1)) {
    table->form = Table::Form::kVariable;
    Next();
    SkipBalanced();
    table->name = One(Name{RawSince(begin), true, SpanSince(begin)});
  } else {
    table->name = ParseTableName();
  }
  return FinishAs(table, begin);
}

void Parser::ParseTargets(Builder<Table>& targets) {
  if (Is(Kw::kSET) || IsText("UNSET")) return;  // ALTER SESSION SET ...
  while (IsName() || Is(TokenKind::kParameter)) {
    targets.Add(ParseTarget());
    if (Is(Op::kLeftParen)) SkipBalanced();  // a function's argument types
    if (!Accept(Op::kComma)) break;
  }
}

const Node* Parser::ParseCommand() {
  uint32_t begin = Begin();
  auto* command = New<Command>();
  command->verb = arena_.CopyText(ToUpper(Raw(Peek())));
  Kw verb = Word();
  std::string_view raw = Raw(Peek());
  Next();
  Builder<Table> targets(*this);
  std::vector<const Node*> statements;
  bool whole = false;  // nothing is left of it
  auto is = [&](std::string_view upper) { return EqualsIgnoreCase(raw, upper); };
  if (verb == Kw::kDROP || verb == Kw::kALTER || is("UNDROP")) {
    AcceptText("TEMPORARY");
    if (!Is(Kw::kIF)) command->object = ParseObjectKind();
    if (command->object == "DEFAULT" && IsText("PRIVILEGES")) {  // PostgreSQL: a GRANT to come
      command->object = "DEFAULT PRIVILEGES";
      SkipToStatementEnd(nullptr, true);
    }
    if (command->object.ends_with("INDEX") && IsName(1)) AcceptText("CONCURRENTLY");
    IfExists(command->if_exists);
    Accept(Kw::kONLY);
    ParseTargets(targets);
    IfExists(command->if_exists);
    if (verb == Kw::kALTER) {
      uint32_t action = Begin();
      for (int i = 0; i < 2 && Is(TokenKind::kWord); ++i) Next();
      if (Begin() > action) command->action = arena_.CopyText(ToUpper(RawSince(action)));
    }
  } else if (verb == Kw::kTRUNCATE) {
    command->object = "TABLE";
    if (Is(Kw::kTABLE) || Is(Kw::kDATABASE) || Is(Kw::kSCHEMA)) command->object = ParseObjectKind();
    IfExists(command->if_exists);
    Accept(Kw::kONLY);
    ParseTargets(targets);
  } else if (verb == Kw::kGRANT || verb == Kw::kREVOKE || is("DENY")) {
    uint32_t what = Begin();
    while (!AtEnd() && !Is(Kw::kON) && !Is(Kw::kTO) && !Is(Kw::kFROM)) SkipBalanced();
    if (Begin() > what) command->action = arena_.CopyText(ToUpper(RawSince(what)));
    if (Accept(Kw::kON)) {
      if (Is(Kw::kALL) || IsText("FUTURE")) {  // ALL TABLES IN SCHEMA s
        const uint32_t all = Begin();
        while (!AtEnd() && !Is(Kw::kIN) && !Is(Kw::kTO) && !Is(Kw::kFROM)) Next();
        if (Accept(Kw::kIN)) Next();
        command->object = arena_.CopyText(ToUpper(RawSince(all)));
      } else if (Is(TokenKind::kWord) && IsName(1) && !Is(Kw::kTO, 1) && !Is(Kw::kFROM, 1)) {
        command->object = ParseObjectKind();
      }
      ParseTargets(targets);
    }
  } else if (verb == Kw::kCOPY || is("UNLOAD") || is("EXPORT")) {
    Accept(Kw::kINTO);
    if (Is(Op::kLeftParen) && AtQuery(1)) {
      statements.push_back(ParseParenQuery());
    } else if (IsName() && !Is(Kw::kDATA) && !Is(Kw::kDATABASE)) {
      targets.Add(ParseTarget());
    }
  } else if (verb == Kw::kCALL || verb == Kw::kEXECUTE || is("EXEC")) {
    if (IsText("IMMEDIATE"))
      Next();
    else if (IsName())
      targets.Add(ParseTarget());
  } else if (verb == Kw::kEXPLAIN || verb == Kw::kDESCRIBE || is("DESC") || is("SUMMARIZE")) {
    while (Is(TokenKind::kWord) && !IsStatementStart() && !AtQuery() && !AtEnd() &&
           (IsStatementStart(1) || IsText("ANALYZE") || IsText("VERBOSE") || IsText("EXTENDED") ||
            IsText("FORMATTED") || IsText("PLAN") || Is(Kw::kTABLE) || Is(Kw::kUSING) ||
            ((Is(Kw::kDATABASE) || Is(Kw::kSCHEMA) || Is(Kw::kFUNCTION) || Is(Kw::kVIEW)) &&
             IsName(1)) ||
            ((IsText("HISTORY") || IsText("DETAIL")) && IsName(1)))) {
      Next();
    }
    if (Is(Op::kLeftParen) && !AtQuery(1)) SkipBalanced();
    if (AtQuery() || IsStatementStart()) {
      statements.push_back(ParseStatement());
    } else if (IsName()) {
      targets.Add(ParseTarget());
    }
  } else if (is("VACUUM") || verb == Kw::kANALYZE || verb == Kw::kOPTIMIZE || is("REFRESH") ||
             is("CACHE") || is("UNCACHE") || is("LOCK") || is("MSCK") || is("FSCK") ||
             is("REINDEX") || is("CLUSTER") || is("RESTORE") || (is("LOAD") && Is(Kw::kDATA)) ||
             is("APPLY")) {
    if (Is(Op::kLeftParen)) SkipBalanced();  // VACUUM (FULL) t
    while (is("LOAD") && !AtEnd() && !Is(Kw::kINTO) && !Is(Kw::kOVERWRITE)) SkipBalanced();
    while (IsName(1) &&
           (Is(Kw::kFULL) || Is(Kw::kTABLE) || Is(Kw::kTABLES) || Is(Kw::kINTO) ||
            Is(Kw::kOVERWRITE) || Is(Kw::kMATERIALIZED) || Is(Kw::kVIEW) || Is(Kw::kDATA) ||
            Is(Kw::kCHANGES) || IsText("VERBOSE") || IsText("FREEZE") || IsText("REPAIR") ||
            IsText("LAZY") || IsText("CONCURRENTLY") || IsText("COMPRESSION") || Is(Kw::kINDEX) ||
            Is(Kw::kSCHEMA))) {
      Next();
    }
    Accept(Kw::kIN);  // ANALYZE TABLES IN db
    IfExists(command->if_exists);
    ParseTargets(targets);
  } else if (verb == Kw::kIF || verb == Kw::kBEGIN || verb == Kw::kEND || verb == Kw::kELSE ||
             is("WHILE") || is("LOOP") || is("FOR") || is("REPEAT")) {
    ParseBlock(verb, command, statements);
  } else if (verb == Kw::kDECLARE && grammar_.newline_statements) {
    ParseDeclare(statements);
    whole = true;
  } else if (verb == Kw::kSET && grammar_.newline_statements && Is(TokenKind::kParameter)) {
    Next();  // T-SQL: SET @a = expr
    if (!Accept(Op::kEqual)) Accept(Op::kCompoundAssign);
    Walk(ParseExpr(), [&](const Node* node) {
      if (node->kind == Kind::kQuery) statements.push_back(node);
      return node->kind != Kind::kQuery;
    });
    whole = IsStatementStart() || Is(Kw::kELSE) || AtEnd();
  } else if (is("RENAME") || is("EXCHANGE")) {  // RENAME TABLE a TO b, c TO d
    Accept(Kw::kTABLE) || Accept(Kw::kTABLES);
    while (IsName()) {
      targets.Add(ParseTarget());
      if (!Accept(Op::kComma) && !Accept(Kw::kTO) && !Accept(Kw::kAND)) break;
    }
  } else if (verb == Kw::kCOMMENT) {
    IfExists(command->if_exists);
    if (Accept(Kw::kON)) {
      command->object = ParseObjectKind();
      IfExists(command->if_exists);
      ParseTargets(targets);
    }
  }
  command->targets = targets.Take();
  bool block = verb == Kw::kIF || verb == Kw::kBEGIN || verb == Kw::kEND || verb == Kw::kELSE;
  if (!block && !whole) {
    uint32_t rest = Begin();
    SkipToStatementEnd(&statements, verb == Kw::kALTER);
    std::string tail = ToUpper(RawSince(rest));
    command->cascade = tail.find("CASCADE") != std::string::npos;
  }
  command->statements = arena_.Copy<const Node*>(statements);
  command->text = RawSince(begin);
  return Finish(command, begin);
}

// Snowflake: INSERT ALL | FIRST [WHEN c THEN] INTO t [(a) VALUES (x)] ... query.
const Node* Parser::ParseMultiInsert() {
  uint32_t begin = Begin();
  auto* command = New<Command>();
  command->verb = "INSERT";
  Next();
  Accept(Kw::kOVERWRITE);
  command->object = Is(Kw::kALL) ? "ALL" : "FIRST";
  Builder<Table> targets(*this);
  while (!AtEnd() && (!AtQuery() || Is(Kw::kVALUES))) {
    if (Accept(Kw::kINTO)) {
      if (IsName()) targets.Add(ParseTarget());
    } else if (Is(Kw::kVALUES) && Is(Op::kLeftParen, 1)) {
      Next();
      SkipBalanced();
    } else {
      SkipBalanced();
    }
  }
  command->targets = targets.Take();
  if (AtQuery()) command->statements = One(ParseQuery());
  command->text = RawSince(begin);
  return Finish(command, begin);
}

// BEGIN [TRANSACTION], IF test THEN, END [IF]: the statements between are statements of the text.
void Parser::ParseBlock(Kw verb, Command* command, std::vector<const Node*>& statements) {
  if (verb == Kw::kBEGIN && (Is(TokenKind::kParameter) || Is(TokenKind::kQuoted))) Next();
  if (verb == Kw::kIF || verb == Kw::kNone || verb == Kw::kFOR) {
    uint32_t test = Begin();
    while (!AtEnd() && !Is(Kw::kTHEN) && !Is(Kw::kDO) && !IsText("LOOP") && !Is(Kw::kBEGIN)) {
      const bool update = Is(Kw::kUPDATE) && Is(Op::kLeftParen, 1);  // IF UPDATE(a) OR UPDATE(b)
      if (Is(Op::kLeftParen) && AtQuery(1)) {
        statements.push_back(ParseParenQuery());
      } else if (IsStatementStart() && !update && (grammar_.newline_statements || Peek().newline)) {
        break;
      } else {
        SkipBalanced();
      }
    }
    if (Begin() > test) command->action = RawSince(test);
    Accept(Kw::kTHEN) || Accept(Kw::kDO) || AcceptText("LOOP");
    if (!AtEnd()) statements.push_back(ParseStatement());
    return;
  }
  while (Accept(Kw::kTRANSACTION) || AcceptText("TRAN") || AcceptText("WORK") ||
         (verb == Kw::kBEGIN && Accept(TokenKind::kParameter)) ||
         (verb == Kw::kBEGIN &&
          (AcceptText("TRY") || AcceptText("CATCH") || AcceptText("ATOMIC") ||
           AcceptText("ISOLATION") || AcceptText("LEVEL") || AcceptText("READ") ||
           AcceptText("COMMITTED") || AcceptText("UNCOMMITTED") || AcceptText("REPEATABLE") ||
           AcceptText("SERIALIZABLE") || AcceptText("WRITE") || AcceptText("DEFERRED") ||
           AcceptText("IMMEDIATE") || AcceptText("EXCLUSIVE") || Accept(Op::kComma))) ||
         (verb == Kw::kEND && (Accept(Kw::kIF) || AcceptText("WHILE") || AcceptText("LOOP") ||
                               AcceptText("TRY") || AcceptText("CATCH")))) {
  }
  if (!AtEnd()) statements.push_back(ParseStatement());
}

// T-SQL: DECLARE @a int = 1, @t table (...); DECLARE c CURSOR FOR query.
void Parser::ParseDeclare(std::vector<const Node*>& statements) {
  while (!AtEnd()) {
    if (Is(Kw::kFOR) && AtQuery(1)) {
      Next();
      statements.push_back(ParseQuery());
    } else if (Is(Op::kLeftParen) && AtQuery(1)) {
      statements.push_back(ParseParenQuery());
    } else if (IsStatementStart() && !Is(Kw::kWITH) && !Is(Kw::kEND)) {
      return;
    } else if (Is(Kw::kCASE)) {
      ParseExpr();
    } else {
      SkipBalanced();
    }
  }
}

// Where statements need no ';' between them: whether one begins on this line.
bool Parser::AtNextStatement() const {
  if (!grammar_.newline_statements || !Peek().newline || !IsStatementStart()) return false;
  return !Is(Kw::kWITH) || (IsName(1) && (Is(Kw::kAS, 2) || Is(Op::kLeftParen, 2)));
}

// Takes what is left of a statement. Queries in it are parsed when there is a place for them.
// `body`: a query may follow on a line of its own, as in CREATE PROCEDURE.
void Parser::SkipToStatementEnd(std::vector<const Node*>* statements, bool body) {
  int blocks = 0, cases = 0;
  while (!Is(TokenKind::kEnd)) {
    if (Is(Op::kSemicolon) && blocks <= 0) return;
    if (blocks <= 0 && cases <= 0) {
      const bool inner =
          body && (Is(Kw::kWITH) || Is(Kw::kSET) || Is(Kw::kBEGIN) || Is(Kw::kSELECT));
      if (AtNextStatement() && !inner) return;
      if (grammar_.newline_statements && Is(Kw::kELSE)) return;
    }
    if (Is(Kw::kCASE)) {
      ++cases;
    } else if (Is(Kw::kEND) && cases > 0) {
      --cases;
    } else if (Is(Kw::kBEGIN) && !Is(Kw::kTRANSACTION, 1)) {
      ++blocks;
    } else if (Is(Kw::kEND) && blocks > 0) {
      --blocks;
    }
    if (statements != nullptr && Is(Op::kLeftParen) && AtQuery(1)) {
      statements->push_back(ParseParenQuery());
    } else if (statements != nullptr && blocks <= 0 && Is(Kw::kSELECT)) {
      statements->push_back(ParseQuery());
    } else {
      Next();
    }
  }
}

}  // namespace layergate::sql
