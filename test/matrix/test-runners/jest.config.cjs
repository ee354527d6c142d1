'use strict'

module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/*.jest.cjs'],
  transform: {},
  // Beside the copies of the compiled files of other parts.
  haste: { enableSymlinks: false },
  roots: ['<rootDir>'],
}
