// The common ground: what no dialect says otherwise.
#include "sql/grammar.h"

namespace layergate::sql {

Grammar AnsiGrammar() { return {.dialect = Dialect::kAnsi, .qualify = true}; }

}  // namespace layergate::sql
