#include "dbt/catalog.h"
