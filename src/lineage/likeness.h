// Which filter of one side became which of the other.
#pragma once

#include <cstddef>
#include <string>

namespace layergate::lineage {

// How much two normalised conditions speak of the same; 0: nothing in common.
size_t Likeness(const std::string& a, const std::string& b);

}  // namespace layergate::lineage
