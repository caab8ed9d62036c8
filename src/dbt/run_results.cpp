#include "dbt/run_results.h"
