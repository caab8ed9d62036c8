// A difference in words: SQL as a reviewer reads it in one line.
#pragma once

#include <string>
#include <string_view>

#include "core/source_text.h"

namespace layergate::lineage_diff {

// Both sides of a difference.
struct Words {
  std::string base, head;
  std::string as_before;  // the text where both sides are written alike and mean different things
};

std::string OneLineOf(std::string_view text);
// The same, cut after 160 characters.
std::string OneLine(std::string_view text);
// A normalised text without the digests that stand for long parts of it; one line, cut.
std::string Readable(std::string_view normalised);
// `"shop"."analytics"."stg_orders"` -> stg_orders.
std::string WithShortRelations(std::string_view sql);
// `amount / 100 as revenue` without its name.
std::string WithoutAlias(std::string words, std::string_view name);
// Numbers and texts as `0`: what is left is the same where only constants differ.
std::string WithoutConstants(std::string_view sql);
// Cuts both to the part where they differ, when they are long.
void Focus(std::string& base, std::string& head);
// Makes both spans smaller: from the first word that differs to the last one. Layout and case are
// no difference. Untouched when the texts are short or alike.
void Narrow(std::string_view base, Span& base_span, std::string_view head, Span& head_span);

}  // namespace layergate::lineage_diff
