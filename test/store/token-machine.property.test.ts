import { expect } from 'chai'
import * as fc from 'fast-check'
import type { Redis } from 'ioredis'
import { SCRIPTS } from '../../src/store/redis-scripts'
import { parseToken } from '../../src/store/token'
import { mark, mint, type Moment, type Slot, sweep, unmark } from '../../src/store/token-machine'
import { runLua, type Slots } from '../support/lua-machine'
import { describeWith } from '../support/services'

const KEYS = ['k0', 'k1']
const START_US = 1_700_000_000_123_456

type Command =
  | { readonly kind: 'mint'; readonly lifeMs: number }
  | { readonly kind: 'mark'; readonly owner: string; readonly inMs: number }
  | { readonly kind: 'unmark'; readonly owner: string }
  | {
      readonly kind: 'sweep'
      readonly rows: readonly boolean[]
      readonly owner: string | undefined
    }
  | { readonly kind: 'put'; readonly text: string; readonly endsMs: number }

interface Step {
  readonly command: Command
  readonly laterUs: number
}

/** One command in TypeScript: what every key holds after, and what the script would answer. */
function transition(slot: Slot | undefined, command: Command, at: Moment, index: number) {
  switch (command.kind) {
    case 'mint':
      return mint(slot, command.lifeMs, at)
    case 'mark':
      return mark(slot, { name: command.owner, deadlineMs: at.ms + command.inMs }, at)
    case 'unmark':
      return unmark(slot, command.owner, at)
    case 'sweep':
      return sweep(slot, { row: command.rows[index] ?? false, owner: command.owner }, at)
    case 'put':
      return { text: command.text, endsMs: command.endsMs }
  }
}

function runTypeScript(slots: Slots, command: Command, at: Moment): Slots {
  return new Map(
    KEYS.flatMap((key, index): [string, Slot][] => {
      const after = transition(slots.get(key), command, at, index)
      return after === undefined ? [] : [[key, after]]
    }),
  )
}

function scriptFor(command: Exclude<Command, { kind: 'put' }>) {
  switch (command.kind) {
    case 'mint':
      return {
        script: SCRIPTS.mint,
        args: [command.lifeMs === Infinity ? 0 : command.lifeMs],
      }
    case 'mark':
      return { script: SCRIPTS.mark, args: [command.owner, command.inMs] }
    case 'unmark':
      return { script: SCRIPTS.unmark, args: [command.owner] }
    case 'sweep':
      return {
        script: SCRIPTS.sweep,
        args: [command.owner ?? '', command.rows.map((row) => (row ? '1' : '0')).join('')],
      }
  }
}

function living(slots: Slots, at: Moment): Slots {
  return new Map([...slots].filter(([, { endsMs }]) => endsMs > at.ms))
}

function textsOf(slots: Slots): readonly (string | false)[] {
  return KEYS.map((key) => slots.get(key)?.text ?? false)
}

async function compare(client: Redis, steps: readonly Step[]): Promise<void> {
  let slots: Slots = new Map()
  let us = START_US
  for (const [index, { command, laterUs }] of steps.entries()) {
    us += laterUs
    const at = { us, ms: Math.floor(us / 1000), nonce: `n${index}_-` }
    const before = living(slots, at)
    const after = living(runTypeScript(before, command, at), at)
    if (command.kind !== 'put') {
      const { script, args } = scriptFor(command)
      const lua = await runLua(client, script.text, { keys: KEYS, args }, { slots: before, at })
      expect(Object.fromEntries(living(lua.slots, at))).to.deep.equal(Object.fromEntries(after))
      const answers = command.kind === 'mint' ? textsOf(after) : textsOf(before)
      const [time, ...found] = lua.reply
      expect(time).to.equal(String(us))
      if (command.kind !== 'unmark') expect(found).to.deep.equal(answers)
    }
    slots = after
  }
}

const owner = fc.constantFrom('w0', 'w1', 'w-2', 'W_3')
const laterUs = fc.oneof(fc.constantFrom(0, 1, 999), fc.nat(40_000))
const inMs = fc.oneof(fc.integer({ min: -5, max: 60 }), fc.constantFrom(0, 86_400_000))
const lifeMs = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constantFrom(Infinity, 86_400_000))
const foreign = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'!|@,.-*_w0159a '.split('')), maxLength: 24 }),
  fc.constantFrom(
    '1-a.2-b',
    '!w0@1|0|',
    '!w0@1,|0|1-a.2-b',
    '!w0@1|0|1-a',
    '!*@9999999999999999|0|',
  ),
)
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('mint'), lifeMs }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('mark'), owner, inMs }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('unmark'), owner }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('sweep'),
      rows: fc.array(fc.boolean(), { minLength: KEYS.length, maxLength: KEYS.length }),
      owner: fc.option(owner, { nil: undefined }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('put'),
      text: foreign,
      endsMs: fc.constantFrom(Infinity, Math.floor(START_US / 1000) + 50),
    }),
  },
)

describeWith(['redis'], 'the scripts of RedisStore', ({ redis }) => {
  let client: Redis

  before(() => {
    client = redis.connect()
  })

  it('do what the token machine does, whatever the commands and times', async () => {
    const steps = fc.array(fc.record({ command, laterUs }), { minLength: 1, maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(steps, (each) => compare(client, each)),
      { numRuns: 150 },
    )
  })

  it('do so with more owners than a token names', async () => {
    const many = fc.nat(40).map((number) => `w${number}`)
    const crowded: fc.Arbitrary<Command> = fc.oneof(
      {
        weight: 12,
        arbitrary: fc.record({
          kind: fc.constant('mark'),
          owner: many,
          inMs: fc.integer({ min: 20, max: 300 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('unmark'), owner: many }) },
      { weight: 1, arbitrary: command },
    )
    const later = fc.oneof({ weight: 20, arbitrary: fc.nat(500) }, fc.nat(200_000))
    const steps = fc.array(fc.record({ command: crowded, laterUs: later }), {
      minLength: 60,
      maxLength: 120,
    })
    await fc.assert(
      fc.asyncProperty(steps, (each) => compare(client, each)),
      { numRuns: 20 },
    )
  })

  it('read foreign text as parseToken does', async () => {
    const at = { us: START_US, ms: Math.floor(START_US / 1000), nonce: 'n' }
    await fc.assert(
      fc.asyncProperty(foreign, async (text) => {
        const slots = new Map([['k0', { text, endsMs: Infinity }]])
        const call = { keys: ['k0'], args: [0] }
        const { reply } = await runLua(client, SCRIPTS.mint.text, call, { slots, at })

        expect(reply[1] === text).to.equal(parseToken(text, 'epoch') !== undefined)
      }),
      { numRuns: 1_000 },
    )
  })
})
