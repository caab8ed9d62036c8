// Databricks: Spark plus JSON paths and dollar-quoted bodies.
#include "sql/grammar.h"

namespace layergate::sql {

Grammar DatabricksGrammar() {
  Grammar g = SparkGrammar();
  g.dialect = Dialect::kDatabricks;
  g.colon_paths = true;
  g.dollar_strings = true;
  return g;
}

}  // namespace layergate::sql
