#include "dbt/project.h"
