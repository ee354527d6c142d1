'use strict'

require('./sweeps.cjs').itHasMatchers(require('@jest/globals'))
