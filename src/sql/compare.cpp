#include "sql/compare.h"

#include <vector>

#include "core/text.h"
#include "sql/lexer.h"
#include "sql/walk.h"

namespace layergate::sql {
namespace {

// The case of a name counts where it is quoted.
std::string TypeName(std::string_view text) {
  std::string out;
  bool quoted = false;
  for (const char c : text) {
    if (c == '"' || c == '`') quoted = !quoted;
    out += quoted ? std::string(1, c) : ToLower(std::string_view(&c, 1));
  }
  return out;
}

// A tree as a text that is equal exactly where trees are. Every part is written with its length or
// its kind in front, so that no two trees can give one text.
class Canonical {
 public:
  explicit Canonical(Dialect dialect) : grammar_(GrammarOf(dialect)) {}

  std::string Write(const Node* node) {
    Add(node);
    return std::move(out_);
  }
  std::string Write(List<Statement> statements) {
    for (const Statement* statement : statements) Add(statement);
    return std::move(out_);
  }

  template <typename T>
  void operator()(const char* field_name, const T& field) {
    if constexpr (std::is_pointer_v<T>) {
      Add(field);
    } else if constexpr (std::is_same_v<T, std::string_view>) {
      std::string_view(field_name) == "details" ? AddTokens(field, true) : AddText(field);
    } else if constexpr (std::is_same_v<T, Name>) {
      AddName(field);
    } else if constexpr (std::is_same_v<T, Names>) {
      AddSize(field.size());
      const bool path = kind_ == Kind::kColumn && grammar_.dialect == Dialect::kBigQuery;
      for (size_t i = 0; i < field.size(); ++i) {
        document_ = path && i > 0;  // BigQuery: a path into a JSON column looks like any other
        AddName(field[i]);
      }
    } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
      AddSize(static_cast<size_t>(field));
    } else {
      // Their text says it all; writing what is seen in it too would cost the text once per level.
      if (kind_ == Kind::kOpaque || kind_ == Kind::kCommand) return;
      AddSize(field.size());
      for (const Node* child : field) Add(child);
    }
  }

 private:
  void AddSize(size_t size) {
    out_ += std::to_string(size);
    out_ += ';';
  }

  void Add(const Node* node) {
    if (node == nullptr) {
      out_ += "-;";
      return;
    }
    AddSize(static_cast<size_t>(node->kind));
    const Kind outer = kind_;
    const Literal::Form outer_form = form_;
    const bool outer_document = document_;
    kind_ = node->kind;
    if (const auto* binary = As<Binary>(node)) {
      AddBinary(*binary);
      kind_ = outer;
      return;
    }
    if (const auto* literal = As<Literal>(node)) form_ = literal->form;
    const auto* field = As<Field>(node);
    document_ = field != nullptr && field->json;
    VisitNode(*node, [&](const auto& typed) { typed.Fields(*this); });
    kind_ = outer;
    form_ = outer_form;
    document_ = outer_document;
  }

  // Parentheses around the first operands of a chain are redundant: (a + b) + c is a + b + c.
  void AddBinary(const Binary& binary) {
    AddRaw(binary.op);
    std::vector<const Binary*> chain = {&binary};
    size_t size = binary.operands.size();
    const bool joins = binary.op_class != OpClass::kCompare && binary.op_class != OpClass::kAssign;
    while (joins) {
      const auto* first = As<Binary>(chain.back()->operands.front());
      if (first == nullptr || first->op != binary.op) break;
      chain.push_back(first);
      size += first->operands.size() - 1;
    }
    AddSize(size);
    for (size_t i = chain.size(); i-- > 0;) {
      for (const Expr* operand : chain[i]->operands) {
        if (i + 1 < chain.size() && operand == chain[i + 1]) continue;
        Add(operand);
      }
    }
  }

  void AddRaw(std::string_view text) {
    AddSize(text.size());
    out_ += text;
  }

  // Words that were kept as they were written: type names, date parts, and so on. What a string
  // holds, or a name of a parameter, is meant letter by letter.
  void AddText(std::string_view text) {
    switch (kind_) {
      case Kind::kOpaque:
      case Kind::kCommand:
        return AddTokens(text);
      case Kind::kParameter:
      case Kind::kCollate:
      case Kind::kMatchRecognize:
        return AddRaw(text);
      case Kind::kLiteral:
        if (form_ != Literal::Form::kString && form_ != Literal::Form::kBytes &&
            form_ != Literal::Form::kTyped) {
          return text.find('\'') == std::string_view::npos ? AddRaw(ToLower(text))
                                                           : AddTokens(text, true);
        }
        return AddRaw(text);
      case Kind::kType:
        return AddRaw(TypeName(text));
      default:
        return AddRaw(ToLower(text));
    }
  }

  // White space and comments are left out, everything else is kept. `fold`: but for the case of
  // words.
  void AddTokens(std::string_view text, bool fold = false) {
    if (text.empty()) return AddSize(0);
    std::vector<Token> tokens;
    std::vector<LexProblem> problems;
    Lex(text, grammar_, tokens, problems);
    AddSize(tokens.size());
    for (const Token& token : tokens) {
      const std::string_view raw = text.substr(token.begin, token.end - token.begin);
      fold&& token.kind == TokenKind::kWord ? AddRaw(ToLower(raw)) : AddRaw(raw);
    }
  }

  // Relations' names are case-sensitive in some engines whose columns are not; there, case counts.
  // So it does for the keys of documents, and for fields' names, which a document may be made of.
  bool CaseCounts(const Name& name) const {
    if (kind_ == Kind::kStructField || document_) return true;
    const bool tables_exact = grammar_.dialect == Dialect::kBigQuery ||
                              grammar_.dialect == Dialect::kMySql ||
                              grammar_.dialect == Dialect::kMariaDb;
    if (tables_exact && kind_ == Kind::kTable) return true;
    switch (grammar_.folding) {
      case NameFolding::kExact:
        return true;
      case NameFolding::kInsensitive:
        return false;
      case NameFolding::kLower:
      case NameFolding::kUpper:
        return name.quoted;
    }
    return true;
  }

  void AddName(const Name& name) {
    if (CaseCounts(name)) return AddRaw(name.text);
    AddRaw(grammar_.folding == NameFolding::kUpper ? ToUpper(name.text) : ToLower(name.text));
  }

  const Grammar& grammar_;
  std::string out_;
  Kind kind_ = Kind::kQuery;                     // of the node whose fields are written
  Literal::Form form_ = Literal::Form::kNumber;  // of the literal whose fields are written
  bool document_ = false;                        // the name may be a key of a document
};

void AppendType(const Type& type, std::string& out) {
  bool space = false;
  for (const char c : TypeName(type.name)) {
    const bool is_space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!is_space && space && !out.empty()) out += ' ';
    space = is_space;
    if (!is_space) out += c;
  }
  const char* separator = "";
  // "timestamp(3) with time zone" has its parameter inside its name already.
  if (!type.parameters.empty() && type.name.find('(') == std::string_view::npos) {
    out += '(';
    for (const Expr* parameter : type.parameters) {
      out += separator;
      separator = ", ";
      const auto* literal = As<Literal>(parameter);
      const bool text = literal != nullptr && literal->form == Literal::Form::kString;
      if (text) out += '\'';
      out += literal != nullptr ? literal->text : std::string_view("?");
      if (text) out += '\'';
    }
    out += ')';
  }
  if (!type.elements.empty() || !type.fields.empty()) {
    out += '<';
    separator = "";
    for (const Type* element : type.elements) {
      out += separator;
      separator = ", ";
      AppendType(*element, out);
    }
    for (const ColumnDef* field : type.fields) {
      out += separator;
      separator = ", ";
      out += ToLower(field->name.text);
      if (field->type == nullptr) continue;
      if (!field->name.text.empty()) out += ' ';
      AppendType(*field->type, out);
    }
    out += '>';
  }
  for (uint32_t i = 0; i < type.array_levels; ++i) out += "[]";
}

}  // namespace

bool SameTree(const ParsedSql& a, const ParsedSql& b) {
  if (a.dialect() != b.dialect()) return false;
  return Canonical(a.dialect()).Write(a.statements()) ==
         Canonical(b.dialect()).Write(b.statements());
}

bool SameNode(const Node* a, const Node* b, Dialect dialect) {
  return Canonical(dialect).Write(a) == Canonical(dialect).Write(b);
}

std::string TypeText(const Type& type) {
  std::string out;
  AppendType(type, out);
  return out;
}

}  // namespace layergate::sql
