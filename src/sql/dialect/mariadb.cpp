// MariaDB: MySQL plus MINUS.
#include "sql/grammar.h"

namespace layergate::sql {

Grammar MariaDbGrammar() {
  Grammar g = MySqlGrammar();
  g.dialect = Dialect::kMariaDb;
  g.minus = true;
  return g;
}

}  // namespace layergate::sql
