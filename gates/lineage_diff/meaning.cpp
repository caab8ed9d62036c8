#include "gates/lineage_diff/meaning.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/text.h"

namespace layergate::lineage_diff {
namespace {

using Tokens = std::vector<std::string>;

bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '#';
}
bool IsNumber(const std::string& token) { return token[0] >= '0' && token[0] <= '9'; }

// Words with their dots, numbers, strings, operators.
Tokens TokensOf(std::string_view text) {
  Tokens tokens;
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    size_t end = i + 1;
    if (c == ' ') {
      ++i;
      continue;
    }
    if (c == '\'' || c == '"') {
      const size_t close = text.find(c, i + 1);
      end = close == std::string_view::npos ? text.size() : close + 1;
    } else if (IsWord(c)) {
      while (end < text.size() && IsWord(text[end])) ++end;
    } else if (c == '<' || c == '>' || c == '|' || c == ':') {
      while (end < text.size() &&
             std::string_view("<>=|:").find(text[end]) != std::string_view::npos)
        ++end;
    }
    tokens.emplace_back(text.substr(i, end - i));
    i = end;
  }
  return tokens;
}

// The index behind the bracket that closes the one at `open`.
size_t Behind(const Tokens& tokens, size_t open) {
  int depth = 0;
  for (size_t i = open; i < tokens.size(); ++i) {
    if (tokens[i] == "(") ++depth;
    if (tokens[i] == ")" && --depth == 0) return i + 1;
  }
  return tokens.size();
}

bool IsOpen(const Tokens& tokens, size_t at) { return at < tokens.size() && tokens[at] == "("; }

Tokens WithoutWindows(const Tokens& tokens) {
  Tokens out;
  for (size_t i = 0; i < tokens.size(); ++i) {
    out.push_back(tokens[i]);
    if (tokens[i] == "over" && IsOpen(tokens, i + 1)) i = Behind(tokens, i + 1) - 1;
  }
  return out;
}

constexpr std::array kAggregates = {"sum",
                                    "avg",
                                    "min",
                                    "max",
                                    "count",
                                    "count_if",
                                    "countif",
                                    "median",
                                    "any_value",
                                    "stddev",
                                    "variance",
                                    "array_agg",
                                    "listagg",
                                    "string_agg",
                                    "mode",
                                    "first_value",
                                    "last_value",
                                    "approx_count_distinct",
                                    "group_concat",
                                    "bool_or",
                                    "bool_and",
                                    "min_by",
                                    "max_by",
                                    "product",
                                    "geomean",
                                    "sumif",
                                    "lag",
                                    "lead",
                                    "row_number",
                                    "rank",
                                    "dense_rank",
                                    "ntile",
                                    "percent_rank",
                                    "cume_dist",
                                    "percentile_cont"};

// Which aggregate and window functions are called, sorted; "count distinct" is one of its own.
Tokens AggregatesOf(const Tokens& tokens) {
  Tokens found;
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (tokens[i + 1] != "(") continue;
    if (std::find(kAggregates.begin(), kAggregates.end(), tokens[i]) == kAggregates.end()) continue;
    const bool distinct = i + 2 < tokens.size() && tokens[i + 2] == "distinct";
    found.push_back(distinct ? tokens[i] + " distinct" : tokens[i]);
  }
  std::sort(found.begin(), found.end());
  return found;
}

long Count(const Tokens& tokens, std::string_view word) {
  return std::count(tokens.begin(), tokens.end(), word);
}

// `cast(x as t)` is x here.
Tokens WithoutCasts(const Tokens& tokens) {
  Tokens out;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const bool cast = (tokens[i] == "cast" || tokens[i] == "try_cast") && IsOpen(tokens, i + 1);
    if (!cast) {
      out.push_back(tokens[i]);
      continue;
    }
    const size_t end = Behind(tokens, i + 1);
    size_t as = end;
    int depth = 0;
    for (size_t k = i + 1; k < end; ++k) {
      if (tokens[k] == "(") ++depth;
      if (tokens[k] == ")") --depth;
      if (depth == 1 && tokens[k] == "as") as = k;
    }
    const Tokens inner(tokens.begin() + static_cast<std::ptrdiff_t>(i) + 2,
                       tokens.begin() + static_cast<std::ptrdiff_t>(std::min(as, end)));
    for (const std::string& token : WithoutCasts(inner)) out.push_back(token);
    i = end - 1;
  }
  return out;
}

Tokens WithoutBrackets(const Tokens& tokens) {
  Tokens out;
  std::copy_if(tokens.begin(), tokens.end(), std::back_inserter(out),
               [](const std::string& token) { return token != "(" && token != ")"; });
  return out;
}

// The constant factor of a product, taken out of it.
Tokens WithoutFactors(const Tokens& tokens, double& factor) {
  Tokens out;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const bool after =
        (tokens[i] == "*" || tokens[i] == "/") && i + 1 < tokens.size() && IsNumber(tokens[i + 1]);
    const bool before = IsNumber(tokens[i]) && i + 1 < tokens.size() && tokens[i + 1] == "*";
    if (!after && !before) {
      out.push_back(tokens[i]);
      continue;
    }
    const double number = std::strtod(tokens[after ? i + 1 : i].c_str(), nullptr);
    if (number != 0) factor *= tokens[i] == "/" ? 1 / number : number;
    ++i;
  }
  return out;
}

Tokens WithoutEdges(Tokens tokens) {
  for (std::string& token : tokens) {
    if (token == "<=") token = "<";
    if (token == ">=") token = ">";
  }
  return tokens;
}

}  // namespace

namespace {

// The same words in another order, and a call of `function` among them.
bool IsReordered(Tokens base, Tokens head, std::string_view function) {
  if (Count(base, function) == 0 || base == head) return false;
  std::sort(base.begin(), base.end());
  std::sort(head.begin(), head.end());
  return base == head;
}

// All of `part`'s words stand in `whole`, in that order.
bool IsPartOf(const Tokens& part, const Tokens& whole) {
  size_t at = 0;
  for (const std::string& token : whole) {
    if (at < part.size() && part[at] == token) ++at;
  }
  return at == part.size();
}

bool LostBranch(const Tokens& base, const Tokens& head) {
  const bool fewer =
      Count(head, "when") < Count(base, "when") || Count(head, "else") < Count(base, "else");
  return fewer && Count(head, "when") > 0 && IsPartOf(head, base);
}

// The same operands under another operator, or on its other side.
bool OtherOperator(const Tokens& base, const Tokens& head) {
  constexpr std::array kOperators = {"+", "-", "*", "/", "%", "||", "and", "or"};
  const auto is_operator = [&](const std::string& token) {
    return std::find(kOperators.begin(), kOperators.end(), token) != kOperators.end();
  };
  Tokens operands_base, operands_head, signs_base, signs_head;
  for (const std::string& token : base) {
    (is_operator(token) ? signs_base : operands_base).push_back(token);
  }
  for (const std::string& token : head) {
    (is_operator(token) ? signs_head : operands_head).push_back(token);
  }
  if (signs_base.size() != signs_head.size() || signs_base.empty()) return false;
  const bool same_signs = signs_base == signs_head;
  std::sort(operands_base.begin(), operands_base.end());
  std::sort(operands_head.begin(), operands_head.end());
  if (operands_base != operands_head) return false;
  if (!same_signs) return true;
  // In the normal form only what does not commute can stand in another order.
  const bool directed = Count(base, "-") > 0 || Count(base, "/") > 0;
  return directed && Count(base, "case") == 0;
}

}  // namespace

Change WhatChanged(std::string_view base_text, std::string_view head_text) {
  const Tokens base = TokensOf(base_text), head = TokensOf(head_text);
  if (base == head) return Change::kOther;
  if (WithoutEdges(base) == WithoutEdges(head)) return Change::kEdge;
  if (WithoutWindows(base) == WithoutWindows(head)) return Change::kWindow;
  if (AggregatesOf(base) != AggregatesOf(head)) return Change::kAggregate;
  if (Count(base, "coalesce") > Count(head, "coalesce")) return Change::kFallbackLost;
  const Tokens plain_base = WithoutBrackets(WithoutCasts(base));
  const Tokens plain_head = WithoutBrackets(WithoutCasts(head));
  const bool casts = WithoutCasts(base) != base || WithoutCasts(head) != head;
  if (casts && plain_base == plain_head) return Change::kType;
  if (IsReordered(base, head, "coalesce")) return Change::kFallbackOrder;
  if (LostBranch(base, head)) return Change::kBranchLost;
  if (OtherOperator(base, head)) return Change::kOperator;
  double base_factor = 1, head_factor = 1;
  const bool same_but_factor =
      WithoutFactors(plain_base, base_factor) == WithoutFactors(plain_head, head_factor);
  const double ratio = base_factor / head_factor;
  if (same_but_factor && (ratio > 1.000001 || ratio < 0.999999)) return Change::kFactor;
  return Change::kOther;
}

bool HasAggregates(std::string_view text) { return !AggregatesOf(TokensOf(text)).empty(); }

}  // namespace layergate::lineage_diff
