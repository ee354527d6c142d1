import { mutation } from './mutation'

const RULE = 'H29b'
const OF_ONE_KEY = 'a schema per tenant of one key in two tenants'
const WRITE = 'a schema per tenant a write'
const NOBODY = 'a schema per tenant where nobody tells the tenant'

/** Rules of tenants in one Sweeper. */
export const MUTATIONS_OF_TENANTS = [
  mutation(
    RULE,
    'leaves the tenant out of entries',
    'a schema per tenant a table that all tenants share shows each what was made for it',
    [
      'core/keyspace.ts',
      "let rest = this.#suffix + (slash < 0 ? '' : first.slice(slash))",
      "let rest = slash < 0 ? '' : first.slice(slash)",
    ],
  ),
  mutation(RULE, 'leaves the tenant out of both', `${OF_ONE_KEY} gives each its own value`, [
    'core/keyspace.ts',
    "return `=${rememberedName(this.#tenants.current ?? '')}`",
    "return '='",
  ]),
  mutation(
    RULE,
    'leaves the tenant out of tokens',
    `${WRITE} by an update leaves the other tenant's values where they are`,
    [
      'core/keyspace.ts',
      "const suffix = this.isShared(type) ? '' : this.#suffix",
      "const suffix = ''",
    ],
  ),
  mutation(
    RULE,
    'writes tenants as they are called',
    'a schema per tenant keeps tenants apart whatever they are called',
    [
      'core/keyspace.ts',
      "return `=${rememberedName(this.#tenants.current ?? '')}`",
      "return `=${this.#tenants.current ?? ''}`.replace(/[^a-z=]/g, '')",
    ],
  ),
  mutation(RULE, 'reads for nobody', `${NOBODY} loads, keeps nothing and says why`, [
    'sweeper/reads.ts',
    'if (this.#keyspace.tenant === null) return WITHOUT_TENANT',
    '',
  ]),
  mutation(RULE, 'keeps queries of nobody', `${NOBODY} keeps no query and no object`, [
    'query-cache/query-cache.ts',
    "if (keyspace.tenant === null) return this.#missed(fragment, 'tenant', startedMs)",
    '',
  ]),
  mutation(RULE, 'writes for nobody', `${NOBODY} an update sweeps for all tenants`, [
    'sweep/unit-of-work.ts',
    'if (tenant === null) return false',
    '',
  ]),
  mutation(RULE, 'sweeps raw SQL for nobody', `${NOBODY} raw SQL sweeps for all tenants`, [
    'sweep/raw-statements.ts',
    "const scope = unit.names(tenant) ? 'with-ancestors' : 'everywhere'",
    "unit.names(tenant)\n  const scope = 'own'",
  ]),
  mutation(RULE, 'ends an import for nobody', `${NOBODY} an import sweeps for all tenants`, [
    'sweep/frame-sweeps.ts',
    "if (scope === 'everywhere' || keyspace.tenant === null) return true",
    "if (scope === 'everywhere') return true",
  ]),
  mutation(
    RULE,
    'asks at COMMIT who it was written for',
    `${WRITE} is of the tenant it was written for, whoever commits`,
    [
      'sweep/closing.ts',
      'await this.#parts.tenants.in(unit.tenant ?? null, () => this.#finish(unit, frame))',
      'await this.#finish(unit, frame)',
    ],
  ),
  mutation(
    RULE,
    'names the rows of a second tenant as those of the first',
    `${WRITE} for a second tenant in the same transaction sweeps the type for all`,
    ['sweep/unit-of-work.ts', 'return this.tenant === tenant\n', 'return true\n'],
  ),
  mutation(
    RULE,
    'reads links when the path of the tenant is over',
    `${WRITE} follows its cascade while its path holds, with {"marks":false}`,
    [
      'sweep/closing.ts',
      'else if (this.#parts.tenants.areKept) await this.#follow(unit, frame)',
      '',
    ],
    ['sweep/closing.ts', 'return end === undefined || !this.#parts.tenants.areKept', 'return true'],
  ),
  mutation(
    RULE,
    'writes through what it reads when the path of the tenant is over',
    `${WRITE} puts nothing into the cache that was read when its path was over`,
    ['sweep/closing.ts', 'return end === undefined || !this.#parts.tenants.areKept', 'return true'],
  ),
  mutation(
    RULE,
    'takes an instance for the record of any tenant',
    'a schema per tenant what a load depends on is not kept under one tenant if the instance was loaded for another',
    [
      'core/instance-origins.ts',
      'const isTheirs = noted.tenant !== this.#tenants.current',
      'const isTheirs = false',
    ],
  ),
  ...['acme', 'nobody in particular'].map((writer) =>
    mutation(
      RULE,
      'gives shared tables tokens of each tenant',
      `a schema per tenant a table that all tenants share is swept for all of them when ${writer} writes to it`,
      [
        'core/keyspace.ts',
        "return this.#tenants.areKept && type.includes('.')",
        "return type === '.' && this.#tenants.areKept",
      ],
      ['sweep/unit-of-work.ts', 'if (tenant === null) return false', ''],
    ),
  ),
  mutation(
    RULE,
    'delivers for nobody',
    'a schema per tenant the outbox carries the tenant to whoever delivers',
    [
      'outbox/resolving.ts',
      'if (recorded.tenant !== undefined) return addTypesOf(parts, recorded, tokens)',
      '',
    ],
  ),
  mutation(
    RULE,
    'purges what is called the same of all tenants',
    'a schema per tenant purges the keys of the tenant alone, and of all for what is swept for all',
    [
      'core/keyspace.ts',
      'const isEveryones = !this.#tenants.areKept || this.isShared(key)',
      'const isEveryones = key !== this.#namespace',
    ],
  ),
]
