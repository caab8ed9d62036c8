// What the counts of both sides say.
#pragma once

#include "gates/row_count_diff/work.h"

namespace layergate::row_count_diff {

// Reports what moved too far: rows, keys that multiplied (with the proof), and the numbers of
// columns.
void Judge(Work& work);

}  // namespace layergate::row_count_diff
