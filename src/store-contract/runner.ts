interface Runner {
  describe(title: string, body: () => void): void
  it(title: string, body: () => Promise<void>): void
  beforeEach(body: () => Promise<void>): void
  afterEach(body: () => Promise<void>): void
}

/** Whichever puts these names where everybody sees them: mocha does, Jest does, Vitest does with `globals: true`. */
const runner = globalThis as unknown as Runner

export function describe(title: string, body: () => void): void {
  runner.describe(title, body)
}

export function it(title: string, body: () => Promise<void>): void {
  runner.it(title, body)
}

export function beforeEach(body: () => Promise<void>): void {
  runner.beforeEach(body)
}

export function afterEach(body: () => Promise<void>): void {
  runner.afterEach(body)
}
