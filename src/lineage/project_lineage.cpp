#include "lineage/project_lineage.h"
