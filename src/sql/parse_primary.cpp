// The operands of expressions: names, literals, constructors and parentheses.
#include <algorithm>
#include <vector>

#include "core/text.h"
#include "sql/parser.h"

namespace layergate::sql {

const Expr* Parser::ParsePrimary() {
  uint32_t begin = Begin();
  const Token& token = Peek();
  auto literal = [&](Literal::Form form, std::string_view text) {
    auto* node = New<Literal>();
    node->form = form;
    node->text = text;
    Next();
    return Finish(node, begin);
  };
  switch (token.kind) {
    case TokenKind::kNumber:
      return literal(Literal::Form::kNumber, Raw(token));
    case TokenKind::kBytes:
      return literal(Literal::Form::kBytes, Raw(token));
    case TokenKind::kString:
      return ParseString();
    case TokenKind::kQuoted:
      return ParseColumn();
    case TokenKind::kWord:
      return ParseWordPrimary();
    case TokenKind::kParameter: {
      std::string_view text = Raw(token);
      bool digits = text.size() > 1 && text[1] >= '0' && text[1] <= '9';
      if (digits && ((text[0] == '$' && grammar_.dollar_columns) || text[0] == '#')) {
        auto* column = New<PositionalColumn>();
        for (char c : text.substr(1, 6)) {
          column->ordinal = column->ordinal * 10 + static_cast<uint32_t>(c - '0');
        }
        Next();
        return Finish(column, begin);
      }
      auto* parameter = New<Parameter>();
      parameter->text = text;
      Next();
      return Finish(parameter, begin);
    }
    case TokenKind::kOperator:
      switch (static_cast<Op>(token.id)) {
        case Op::kLeftParen:
          return ParseParen();
        case Op::kLeftBracket:
          return ParseArrayBrackets(begin, nullptr);
        case Op::kLeftBrace:
          return ParseBraces();
        case Op::kStar:
          if (Is(Kw::kCOLUMNS, 1) && Is(Op::kLeftParen, 2)) {
            Next();
            return ParseColumnsMacro(begin, {}, true);
          }
          return ParseStar(begin, {}, nullptr);
        case Op::kAt:
          if (grammar_.at_stages) return ParseStage();
          break;
        case Op::kQuestion: {
          auto* parameter = New<Parameter>();
          parameter->text = Raw(token);
          Next();
          return Finish(parameter, begin);
        }
        default:
          break;
      }
      break;
    default:
      break;
  }
  return ParseOpaqueRest(begin, nullptr);
}

const Expr* Parser::ParseString() {
  uint32_t begin = Begin();
  auto* node = New<Literal>();
  node->form = Literal::Form::kString;
  node->text = StringText(Peek());
  // U&'d\0061t' is kept as written: its escapes have a character that may be chosen behind it.
  const bool unicode = Peek().open == 3 && Raw(Peek())[1] == '&';
  if (unicode) node->text = Raw(Peek());
  const std::string_view raw = Raw(Peek());
  const bool national = grammar_.dialect == Dialect::kTsql && (raw[0] == 'N' || raw[0] == 'n');
  const bool ascii = std::all_of(raw.begin(), raw.end(), [](char c) { return c > 0; });
  if (national && !ascii) node->type = raw.substr(0, 1);
  Next();
  if (grammar_.adjacent_strings && Is(TokenKind::kString)) {
    std::string joined(node->text);
    while (Is(TokenKind::kString)) {
      joined += StringText(Peek());
      Next();
    }
    node->text = arena_.CopyText(joined);
  }
  if (IsText("UESCAPE") && Is(TokenKind::kString, 1)) {  // U&'..' UESCAPE '!'
    Next();
    Next();
    node->text = RawSince(begin);
  }
  return Finish(node, begin);
}

const Expr* Parser::ParseWordPrimary() {
  uint32_t begin = Begin();
  Kw word = Word();
  auto word_literal = [&](Literal::Form form) {
    auto* node = New<Literal>();
    node->form = form;
    node->text = Raw(Peek());
    Next();
    return Finish(node, begin);
  };
  bool dotted = Is(Op::kDot, 1);
  bool called = Is(Op::kLeftParen, 1);
  switch (word) {
    case Kw::kCASE:
      if (!dotted && !called) return ParseCase();
      if (called) return ParseCase();
      break;
    case Kw::kNULL:
      if (!dotted) return word_literal(Literal::Form::kNull);
      break;
    case Kw::kTRUE:
    case Kw::kFALSE:
      if (!dotted && !called) return word_literal(Literal::Form::kBoolean);
      break;
    case Kw::kDEFAULT:
      if (!dotted && !called) return word_literal(Literal::Form::kKeyword);
      break;
    case Kw::kCAST:
      if (called) return ParseCast(false);
      break;
    case Kw::kTRY_CAST:
    case Kw::kSAFE_CAST:
      if (called) return ParseCast(true);
      break;
    case Kw::kNone:
      if (called && grammar_.convert_type_first && (IsText("PARSE") || IsText("TRY_PARSE"))) {
        return ParseCast(IsText("TRY_PARSE"));  // T-SQL: PARSE(x AS date USING 'en-US')
      }
      if (grammar_.alias_equals && IsText("$ACTION")) return word_literal(Literal::Form::kKeyword);
      if (IsText("COLLATION") && Is(Kw::kFOR, 1) && Is(Op::kLeftParen, 2)) {
        Names name = One(TakeName());  // PostgreSQL
        Next();
        return ParseCall(begin, name);
      }
      if (IsText("NEW") && grammar_.struct_constructor && IsName(1)) {
        size_t at = 2;  // BigQuery: NEW proto.Message(a AS b)
        while (Is(Op::kDot, at) && IsName(at + 1)) at += 2;
        if (!Is(Op::kLeftParen, at)) break;
        Next();
        auto* type = New<Type>();
        uint32_t type_begin = Begin();
        ParseNamePath();
        type->name = RawSince(type_begin);
        return ParseStructCall(begin, FinishAs(type, type_begin));
      }
      break;
    case Kw::kCONVERT:
    case Kw::kTRY_CONVERT:
      if (called) return ParseConvert(word == Kw::kTRY_CONVERT);
      break;
    case Kw::kEXTRACT:
      if (called) return ParseExtract();
      break;
    case Kw::kEXISTS:
      if (called && (AtQuery(2) || Is(Op::kLeftParen, 2))) {
        if (!AtQuery(2) && !AtQuery(3)) break;
        auto* exists = New<Exists>();
        Next();
        exists->query = ParseParenQuery();
        return Finish(exists, begin);
      }
      break;
    case Kw::kINTERVAL:
      if (const Expr* interval = ParseInterval()) return interval;
      break;
    case Kw::kARRAY:
      if (Is(Op::kLeftBracket, 1) && grammar_.bracket_arrays) {
        Next();
        return ParseArrayBrackets(begin, nullptr);
      }
      if (called && AtQuery(2)) {
        auto* query = New<Subquery>();
        query->form = Subquery::Form::kArray;
        Next();
        query->query = ParseParenQuery();
        return Finish(query, begin);
      }
      if (AtTypedConstructor()) {
        const Type* type = ParseType();
        if (Is(Op::kLeftBracket)) return ParseArrayBrackets(begin, type);
        return ParseStructCall(begin, type);
      }
      break;
    case Kw::kSTRUCT:
      if (AtTypedConstructor()) return ParseStructCall(begin, ParseType());
      if (called && grammar_.struct_constructor) {
        Next();
        return ParseStructCall(begin, nullptr);
      }
      break;
    case Kw::kMAP:
      if (Is(Op::kLeftBrace, 1)) {
        Next();
        return ParseMapBraces(begin);
      }
      break;
    case Kw::kWITH:
      if (called && grammar_.dialect == Dialect::kBigQuery) return ParseWithExpression();
      break;
    case Kw::kMULTISET:
      if (called && AtQuery(2)) {
        auto* query = New<Subquery>();
        query->form = Subquery::Form::kMultiset;
        Next();
        query->query = ParseParenQuery();
        return Finish(query, begin);
      }
      break;
    case Kw::kROW:
      if (called) {
        Next();
        return ParseRow(begin);
      }
      break;
    case Kw::kCOLUMNS:
      if (called && (grammar_.from_first || grammar_.array_join)) {
        return ParseColumnsMacro(begin, {}, false);
      }
      break;
    case Kw::kLAMBDA:
      if (grammar_.lambdas && IsName(1)) return ParseLambda();
      break;
    case Kw::kCURRENT_DATE:
    case Kw::kCURRENT_TIME:
    case Kw::kCURRENT_TIMESTAMP:
    case Kw::kCURRENT_USER:
    case Kw::kCURRENT_ROLE:
    case Kw::kCURRENT_CATALOG:
    case Kw::kCURRENT_SCHEMA:
    case Kw::kLOCALTIME:
    case Kw::kLOCALTIMESTAMP:
    case Kw::kSESSION_USER:
      if (!dotted && !called) return ParseBareCall(1);
      break;
    case Kw::kNEXT:
    case Kw::kPREVIOUS:
      if (Is(Kw::kVALUE, 1) && Is(Kw::kFOR, 2)) {
        auto* call = New<Call>();
        call->name = One(MakeName(Peek()));
        for (int i = 0; i < 3; ++i) Next();
        if (IsName()) {
          call->arguments = One(ParseTable(begin));
        }
        return ParseCallTail(call, begin);
      }
      break;
    case Kw::kMATCH:
      if (called && grammar_.match_against) return ParseSpecialCall(begin, One(TakeName()));
      break;
    case Kw::kCURRENT:
      if (Is(Kw::kOF, 1) && IsName(2)) {  // WHERE CURRENT OF cursor
        Next();
        Next();
        return MakeWord();
      }
      break;
    case Kw::kAPPROXIMATE:
      if (IsName(1) && Is(Op::kLeftParen, 2)) {  // Redshift: APPROXIMATE count(DISTINCT a)
        const std::string_view approximate = Raw(Peek());
        Next();
        const Expr* expr = ParseColumn();
        if (auto* call = const_cast<Call*>(As<Call>(expr));
            call != nullptr && call->details.empty()) {
          call->details = approximate;
        }
        return expr;
      }
      break;
    case Kw::kDATE_PART:
      if (called && Is(Kw::kFROM, 3) && grammar_.colon_paths) return ParseExtract();
      break;
    default:
      break;
  }
  if (grammar_.lambdas && (Is(Op::kArrow, 1) || Is(Op::kArrow, 2)) && AtLambda()) {
    return ParseLambda();
  }
  if (AtTypedLiteral()) {
    auto* node = New<Literal>();
    node->form = Literal::Form::kTyped;
    while (!Is(TokenKind::kString)) Next();
    node->type = RawSince(begin);
    node->text = StringText(Peek());
    Next();
    return Finish(node, begin);
  }
  if (StartsNoExpression(word) && !dotted && !called) return ParseOpaqueRest(begin, nullptr);
  return ParseColumn();
}

// `date '2024-01-01'`: a word of time or a type, then a string.
bool Parser::AtTypedLiteral() const {
  size_t at = 1;
  if ((Is(Kw::kTIMESTAMP) || Is(Kw::kTIME)) && (Is(Kw::kWITH, 1) || Is(Kw::kWITHOUT, 1)) &&
      Is(Kw::kTIME, 2) && Is(Kw::kZONE, 3)) {
    at = 4;
  }
  if (!Is(TokenKind::kString, at)) return false;
  if (at > 1 || Is(Kw::kDATE) || Is(Kw::kTIME) || Is(Kw::kTIMESTAMP) || Is(Kw::kDATETIME) ||
      Is(Kw::kJSON)) {
    return true;
  }
  if (StartsNoExpression(Word())) return false;
  if (grammar_.typed_strings) return true;
  std::string_view raw = Raw(Peek());
  if (raw[0] == '_') return grammar_.pipes_are_or;  // MySQL's _utf8'x'
  static constexpr std::string_view kTypes[] = {
      "TIMESTAMPTZ", "TIMESTAMP_NTZ",  "TIMESTAMP_LTZ", "TIMESTAMP_TZ",  "NUMERIC",   "BIGNUMERIC",
      "DECIMAL",     "JSONB",          "UUID",          "INET",          "BYTEA",     "RANGE",
      "INT",         "FLOAT",          "REAL",          "DOUBLE",        "CHAR",      "VARCHAR",
      "BLOB",        "DATETIMEOFFSET", "IPADDRESS",     "BOOLEAN",       "BITSTRING", "TIMETZ",
      "TIMESTAMP_S", "TIMESTAMP_MS",   "TIMESTAMP_NS",  "TIMESTAMPTZ_NS"};
  for (std::string_view type : kTypes) {
    if (EqualsIgnoreCase(type, raw)) return true;
  }
  return false;
}

bool Parser::AtTypedConstructor() const {
  return (Is(Op::kLess, 1) || Is(Op::kNotEqual, 1)) &&
         (grammar_.struct_constructor || grammar_.lambdas);
}

// (x), (a, b), (SELECT ...), (), and lambdas (a, b) -> x.
const Expr* Parser::ParseParen() {
  const Flagged in(no_in_, false);
  uint32_t begin = Begin();
  if (grammar_.lambdas && AtLambda()) return ParseLambda();
  if (AtQuery(1)) {
    auto* query = New<Subquery>();
    query->query = ParseParenQuery();
    return Finish(query, begin);
  }
  Next();
  if (Accept(Op::kRightParen)) return Finish(New<Row>(), begin);
  bool doubled = Is(Op::kLeftParen);
  const Expr* inner = ParseAliased();
  // ((SELECT ...) UNION ...): what began as a subquery goes on as a query.
  const auto* query = As<Subquery>(inner);
  if (doubled && query != nullptr && query->form == Subquery::Form::kScalar &&
      (AtSetOperator() || (Is(Kw::kORDER) && Is(Kw::kBY, 1)) || Is(Kw::kLIMIT))) {
    auto* whole = New<Subquery>();
    const Node* continued = ParseQueryAfter(query->query, begin, nullptr);
    whole->query = CloseParen(begin, continued);
    return Finish(whole, begin);
  }
  if (Is(Op::kComma)) {
    auto* row = New<Row>();
    Builder<Expr> items(*this);
    items.Add(inner);
    while (Accept(Op::kComma)) {
      if (Is(Op::kRightParen)) break;
      items.Add(ParseAliased());
    }
    row->items = items.Take();
    Finish(row, begin);
    const Node* closed = CloseParen(begin, row);
    return closed == row ? Finish(row, begin) : closed;
  }
  return CloseParen(begin, inner);
}

// expr [AS name] where a name may be given inside an expression: ClickHouse, BigQuery's tuples.
const Expr* Parser::ParseAliased() {
  uint32_t begin = Begin();
  const Expr* expr = ParseExpr();
  if (!Is(Kw::kAS) || !(grammar_.scalar_with || grammar_.struct_constructor)) return expr;
  auto* item = New<SelectItem>();
  item->expr = expr;
  Next();
  if (IsName()) item->alias = TakeName();
  return Finish(item, begin);
}

const Expr* Parser::ParseCase() {
  const Flagged in(no_in_, false);
  uint32_t begin = Begin();
  Next();
  auto* node = New<Case>();
  if (!Is(Kw::kWHEN)) node->operand = ParseExpr();
  Builder<When> whens(*this);
  while (Is(Kw::kWHEN)) {
    uint32_t when_begin = Begin();
    Next();
    auto* when = New<When>();
    when->test = ParseExpr();
    if (!Is(Kw::kTHEN)) when->test = ParseOpaqueRest(when_begin, when->test);
    if (Accept(Kw::kTHEN)) {
      uint32_t result_begin = Begin();
      when->result = ParseExpr();
      if (!Is(Kw::kWHEN) && !Is(Kw::kELSE) && !Is(Kw::kEND)) {
        when->result = ParseOpaqueRest(result_begin, when->result);
      }
    }
    whens.Add(FinishAs(when, when_begin));
  }
  node->whens = whens.Take();
  if (Accept(Kw::kELSE)) node->otherwise = ParseExpr();
  if (Accept(Kw::kEND)) return Finish(node, begin);
  const Node* done = Finish(node, begin);
  const Node* opaque = ParseOpaqueRest(begin, done);
  if (Accept(Kw::kEND)) return opaque;
  return opaque;
}

// A dotted name, and what a name can turn out to be: a call, t.*, t.$1.
const Expr* Parser::ParseColumn() {
  uint32_t begin = Begin();
  Names path = ParseNamePath();
  if (Is(Op::kBang) && grammar_.at_stages && IsName(1) && Is(Op::kLeftParen, 2)) {
    NameBuilder method(*this);  // Snowflake: model!PREDICT(x)
    for (const Name& part : path) method.Add(part);
    Next();
    method.Add(TakeName());
    path = method.Take();
  }
  if (Is(Op::kLeftParen)) {
    if (path.size() > 1 && !path.back().quoted && EqualsIgnoreCase(path.back().text, "columns") &&
        (grammar_.pivot_statement || grammar_.array_join)) {  // t.COLUMNS('a.*')
      return ParseColumnsMacro(begin, path.first(path.size() - 1), false);
    }
    if (!Is(Op::kPlus, 1) || !Is(Op::kRightParen, 2)) {
      bool by_name = (grammar_.at_stages || grammar_.sort_by) && path.size() == 1 &&
                     EqualsIgnoreCase(path[0].text, "identifier");
      const Expr* call = ParseCall(begin, path);
      if (!by_name || !Is(Op::kLeftParen)) return call;
      auto* named = New<Call>();  // Snowflake, Databricks: IDENTIFIER('f')(x)
      named->name = One(Name{"identifier", false, call->span});
      ParseArguments(named);
      return ParseCallTail(named, begin);
    }
    auto* column = New<Column>();  // a(+)
    column->parts = path;
    column->outer_join_mark = true;
    for (int i = 0; i < 3; ++i) Next();
    return Finish(column, begin);
  }
  if (Is(Op::kDot)) {
    if (Is(Op::kStar, 1)) {
      Next();
      if (!Is(Kw::kCOLUMNS, 1) || !Is(Op::kLeftParen, 2)) return ParseStar(begin, path, nullptr);
      Next();
      return ParseColumnsMacro(begin, path, true);
    }

    if (Is(TokenKind::kParameter, 1) && grammar_.dollar_columns) {
      Next();
      const Node* inner = ParsePrimary();
      if (const auto* place = As<PositionalColumn>(inner)) {
        auto* column = New<PositionalColumn>();
        column->qualifier = path;
        column->ordinal = place->ordinal;
        return Finish(column, begin);
      }
      return inner;
    }
  }
  auto* column = New<Column>();
  column->parts = path;
  return Finish(column, begin);
}

// `x -> ...`, `(x, y) -> ...`, `x INT -> ...` at the current token.
bool Parser::AtLambda() const {
  if (IsName() && IsName(1) && Is(Op::kArrow, 2) && grammar_.at_stages) {
    return true;  // Snowflake: x variant -> ...
  }
  if (IsName() && Is(Op::kArrow, 1)) {
    return !grammar_.arrow_is_json_too ||
           !(Is(TokenKind::kString, 2) || (Is(TokenKind::kNumber, 2) && !Is(Op::kStar, 3)));
  }
  if (!Is(Op::kLeftParen)) return false;
  size_t at = 1;
  while (IsName(at)) {
    ++at;
    while (IsName(at)) ++at;  // types of parameters
    if (!Is(Op::kComma, at)) break;
    ++at;
  }
  return Is(Op::kRightParen, at) && Is(Op::kArrow, at + 1);
}

const Expr* Parser::ParseLambda() {
  uint32_t begin = Begin();
  auto* lambda = New<Lambda>();
  NameBuilder names(*this);
  if (Is(Kw::kLAMBDA) && IsName(1)) {  // DuckDB: lambda x, y: body
    Next();
    do {
      names.Add(TakeName());
    } while (Accept(Op::kComma) && IsName());
    Accept(Op::kColon);
  } else if (Accept(Op::kLeftParen)) {
    while (IsName()) {
      names.Add(TakeName());
      while (IsName()) Next();
      if (!Accept(Op::kComma)) break;
    }
    Accept(Op::kRightParen);
    Accept(Op::kArrow);
  } else {
    names.Add(TakeName());
    if (IsName()) Next();
    Accept(Op::kArrow);
  }
  lambda->parameters = names.Take();
  lambda->body = ParseExpr();
  return Finish(lambda, begin);
}

}  // namespace layergate::sql
