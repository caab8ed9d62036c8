#include "dbt/node.h"
