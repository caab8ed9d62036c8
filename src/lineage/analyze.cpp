#include "lineage/analyze.h"
