import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { itHasMatchers } from './sweeps.cjs'

itHasMatchers({ afterEach, beforeEach, describe, expect, it })
