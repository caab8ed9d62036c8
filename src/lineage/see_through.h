// A query with relations put into it as CTEs: what it would be had its parents never been written
// as models of their own. Taking a CTE out into a model then changes nothing, and what did change
// beside it can be told.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "lineage/analyze.h"

namespace layergate::lineage {

// The query that makes a relation; nullopt when it is to stay a relation.
using DefinitionOf = std::function<std::optional<std::string>(const RelationName&)>;

// nullopt when no relation of `text` has a definition, or when the text or a definition is not one
// query that is understood.
std::optional<std::string> SeeThrough(std::string_view text, sql::Dialect dialect,
                                      const DefinitionOf& definition_of);

}  // namespace layergate::lineage
