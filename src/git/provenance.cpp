#include "git/provenance.h"
