#include "sql/dump.h"

#include <vector>

#include "sql/walk.h"

namespace layergate::sql {
namespace {

// What the values of each enum are called in a dump; the first one, the default, is left out.
std::string_view Word(Literal::Form form) {
  static constexpr std::string_view kWords[] = {"number", "string", "bytes",  "boolean",
                                                "null",   "typed",  "keyword"};
  return kWords[static_cast<size_t>(form)];
}
std::string_view Word(Subquery::Form form) {
  static constexpr std::string_view kWords[] = {"", "array", "multiset"};
  return kWords[static_cast<size_t>(form)];
}
std::string_view Word(Call::Nulls nulls) {
  static constexpr std::string_view kWords[] = {"", "ignore", "respect"};
  return kWords[static_cast<size_t>(nulls)];
}
std::string_view Word(OrderItem::Direction direction) {
  static constexpr std::string_view kWords[] = {"", "asc", "desc"};
  return kWords[static_cast<size_t>(direction)];
}
std::string_view Word(OrderItem::Nulls nulls) {
  static constexpr std::string_view kWords[] = {"", "first", "last"};
  return kWords[static_cast<size_t>(nulls)];
}
std::string_view Word(WindowFrame::Unit unit) {
  static constexpr std::string_view kWords[] = {"rows", "range", "groups"};
  return kWords[static_cast<size_t>(unit)];
}
std::string_view Word(WindowFrame::Bound bound) {
  static constexpr std::string_view kWords[] = {"unbounded_preceding", "preceding", "current_row",
                                                "following", "unbounded_following"};
  return kWords[static_cast<size_t>(bound)];
}
std::string_view Word(GroupingSet::Form form) {
  static constexpr std::string_view kWords[] = {"rollup", "cube", "sets", "set"};
  return kWords[static_cast<size_t>(form)];
}
std::string_view Word(Select::Distinct distinct) {
  static constexpr std::string_view kWords[] = {"", "distinct", "on"};
  return kWords[static_cast<size_t>(distinct)];
}
std::string_view Word(Select::As as) {
  static constexpr std::string_view kWords[] = {"", "struct", "value"};
  return kWords[static_cast<size_t>(as)];
}
std::string_view Word(SetOperation::Op op) {
  static constexpr std::string_view kWords[] = {"union", "intersect", "except"};
  return kWords[static_cast<size_t>(op)];
}
std::string_view Word(Table::Form form) {
  static constexpr std::string_view kWords[] = {"", "file", "stage", "variable"};
  return kWords[static_cast<size_t>(form)];
}
std::string_view Word(JoinKind kind) { return ToString(kind); }
std::string_view Word(PipeStep::Op op) {
  static constexpr std::string_view kWords[] = {
      "select", "extend",    "set",      "drop",     "rename",          "as",   "where",
      "limit",  "aggregate", "distinct", "order_by", "set_operation",   "join", "call",
      "window", "sample",    "pivot",    "unpivot",  "match_recognize", "with", "assert",
      "other"};
  return kWords[static_cast<size_t>(op)];
}
std::string_view Word(MergeClause::When when) {
  static constexpr std::string_view kWords[] = {"matched", "not_matched", "not_matched_by_source"};
  return kWords[static_cast<size_t>(when)];
}
std::string_view Word(MergeClause::Action action) {
  static constexpr std::string_view kWords[] = {"update", "insert", "delete", "nothing"};
  return kWords[static_cast<size_t>(action)];
}

std::string Quoted(std::string_view text, char mark) {
  std::string out(1, mark);
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == mark || c == '\\') out += '\\';
    out += c;
  }
  return out + mark;
}

std::string Shown(const Name& name) {
  return name.quoted ? Quoted(name.text, '"') : std::string(name.text);
}

class Dumper {
 public:
  explicit Dumper(std::string& out) : out_(out) {}

  void Add(const Node& node, int depth) {
    const int outer = depth_;
    depth_ = depth;
    out_ += '(';
    out_ += ToString(node.kind);
    VisitNode(node, [&](const auto& typed) { typed.Fields(*this); });
    out_ += ')';
    depth_ = outer;
  }

  template <typename T>
  void operator()(const char* name, const T& field) {
    if constexpr (std::is_pointer_v<T>) {
      if (field != nullptr) AddChild(name, *field);
    } else if constexpr (std::is_same_v<T, std::string_view>) {
      if (!field.empty()) AddWord(name, Quoted(field, '\''));
    } else if constexpr (std::is_same_v<T, Name>) {
      if (!field.empty()) AddWord(name, Shown(field));
    } else if constexpr (std::is_same_v<T, Names>) {
      AddNames(name, field);
    } else if constexpr (std::is_same_v<T, bool>) {
      if (field) AddWord(name, "");
    } else if constexpr (std::is_enum_v<T>) {
      if (!Word(field).empty()) AddWord(name, Word(field));
    } else if constexpr (std::is_integral_v<T>) {
      if (field != 0) AddWord(name, std::to_string(field));
    } else {
      if (field.size() == 1) return AddChild(name, *field[0]);
      for (size_t i = 0; i < field.size(); ++i) {
        if (i == 0) Line(name);
        out_ += '\n';
        out_.append(static_cast<size_t>(depth_ + 2) * 2, ' ');
        Add(*field[i], depth_ + 2);
      }
    }
  }

 private:
  void AddWord(const char* name, std::string_view word) {
    out_ += " :";
    out_ += name;
    if (word.empty()) return;
    out_ += ' ';
    out_ += word;
  }
  void AddNames(const char* name, Names names) {
    if (names.empty()) return;
    std::string shown;
    for (const Name& each : names) {
      if (!shown.empty()) shown += ' ';
      shown += Shown(each);
    }
    AddWord(name, shown);
  }
  void Line(const char* name) {
    out_ += '\n';
    out_.append(static_cast<size_t>(depth_ + 1) * 2, ' ');
    out_ += ':';
    out_ += name;
  }
  void AddChild(const char* name, const Node& child) {
    if (IsLeaf(child)) {
      out_ += " :";
      out_ += name;
    } else {
      Line(name);
    }
    out_ += ' ';
    Add(child, depth_ + 1);
  }
  static bool IsLeaf(const Node& node) { return node.height == 1; }

  std::string& out_;
  int depth_ = 0;
};

}  // namespace

std::string Dump(const Node& node) {
  std::string out;
  Dumper(out).Add(node, 0);
  return out;
}

std::string Dump(const ParsedSql& sql) {
  std::string out;
  Dumper dumper(out);
  for (const Statement* statement : sql.statements()) {
    dumper.Add(*statement, 0);
    out += '\n';
  }
  return out;
}

}  // namespace layergate::sql
