'use strict'

module.exports = {
  testRegex: '\\.(e2e-)?spec\\.ts$',
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': 'ts-jest' },
  setupFilesAfterEnv: ['<rootDir>/test/setup.ts'],
}
