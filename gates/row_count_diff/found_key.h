// A key that nobody declared, found in the rows of base.
//
// Most models declare no key, and a fan-out on one key in a hundred moves the count by one per
// cent: no threshold sees it. But when a column that is named like a key occurs once in each of
// base's rows, its repeating in head is the same proof as with a declared one.
#pragma once

#include "gates/row_count_diff/work.h"

namespace layergate::row_count_diff {

// Looks for such a column when there is a reason to: head's SQL has a new join, or head has more
// rows and its SQL makes them otherwise than base's. Sets work.key and the counts by it when every
// such column of base repeats in head; that one of them does not shows that rows were not
// multiplied. Sends at most one statement to each target; what cannot be asked is left out, for
// nobody has declared it.
void FindKeyByCount(Work& work, bool new_join);

}  // namespace layergate::row_count_diff
