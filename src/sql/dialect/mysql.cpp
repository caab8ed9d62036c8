// MySQL: names in backticks, strings in both quotes, || as OR, index hints, executable comments.
#include "sql/grammar.h"

namespace layergate::sql {
namespace {

constexpr WordArgument kWords[] = {
    {"get_format", 0},
    {"timestampadd", 0},
    {"timestampdiff", 0},
};

}  // namespace

Grammar MySqlGrammar() {
  Grammar g = AnsiGrammar();
  g.dialect = Dialect::kMySql;
  g.folding = NameFolding::kInsensitive;
  g.qualify = false;
  g.double_quoted_strings = true;
  g.backtick_names = true;
  g.backslash_escapes = true;
  g.hash_comments = true;
  g.dash_needs_space = true;
  g.executable_comments = true;
  g.at_names = true;
  g.digit_names = true;
  g.pipes_are_or = true;
  g.ampersands_are_and = true;
  g.bang_is_not = true;
  g.match_against = true;
  g.adjacent_strings = true;
  g.bracket_arrays = false;
  g.string_aliases = true;
  g.index_hints = true;
  g.word_arguments = kWords;
  g.powers.bit_xor = kExponentPower;
  return g;
}

}  // namespace layergate::sql
