// How each engine writes names, so that a name from a manifest can only ever be a name.
//
// Every part is quoted on its own and the closing quote inside it is doubled; parts that hold a NUL
// or exceed the engine's length (which some engines cut silently, reading another relation) are
// refused. Sources: docs/databases.md.
#pragma once

#include <string>
#include <string_view>

#include "sql/dialect.h"
#include "warehouse/connection.h"

namespace layergate::warehouse {

// Empty when refused.
std::string QuoteName(sql::Dialect dialect, std::string_view name);
std::string QuoteRelation(sql::Dialect dialect, const Relation& relation);
// A text literal; empty when refused.
std::string QuoteText(sql::Dialect dialect, std::string_view text);

}  // namespace layergate::warehouse
