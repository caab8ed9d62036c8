#include "dbt/profile.h"
