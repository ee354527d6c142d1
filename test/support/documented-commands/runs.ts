/** How CI runs a command of the documentation. */
export type Run = RunByCheck | RunElsewhere

/** By `npm run check:commands`. */
export interface RunByCheck {
  /** What is run: the command as it is written, or a form of it that takes less. */
  readonly as: string
  /** For what goes on until it is stopped: what it prints once it is there. */
  readonly until?: RegExp
  /** 0 where nothing is said. */
  readonly exitCode?: number
  /** It is told of a PostgreSQL and a Redis. */
  readonly withServers?: true
  /** In a project of a user, who has nothing yet; `$PACKED` is the package there. */
  readonly inNewProject?: true
}

/** By CI itself, which says so in this file and in these words. */
export interface RunElsewhere {
  readonly by: '.ci/run' | '.github/workflows/ci.yml' | '.github/workflows/thorough.yml'
  readonly words: string
}

/** Each command, in the order in which they are run; a form that two of them have, once. */
export const RUNS: ReadonlyMap<string, Run> = new Map<string, Run>([
  inCi('.ci/run', '.github/workflows/ci.yml'),
  inCi('npm ci', '.ci/run', 'npm ci --no-audit --no-fund'),
  inCi('npm run lint', '.ci/run', 'npm run --silent lint'),
  inCi('npm run lint:bench', '.ci/run', 'npm run --silent lint:bench'),
  inCi('npm run typecheck', '.ci/run', 'npm run --silent typecheck'),
  inCi('apt-get install chromium', '.ci/run', 'apt-get install -y -qq --no-install-recommends'),
  inCi('npm run check:commands', '.ci/run', 'npm run --silent check:commands'),
  inCi('npm test', '.ci/run', 'npm test -- --forbid-only'),
  inCi('npm run check:mutants', '.github/workflows/thorough.yml'),
  // It asks servers beside the registry, which CI may not reach.
  inCi('npm audit signatures', '.github/workflows/thorough.yml'),
  inCi('npm run release -- --dry-run', '.ci/run', 'npm run --silent release -- --dry-run'),
  inCi('npm run check:matrix', '.ci/run', 'npm run --silent check:matrix -- typeorm-0.3'),
  inCi('npm run docs:api', '.ci/run', 'npm run --silent docs:api'),
  inCi('npm run bench', '.ci/run', 'npm run --silent bench -- --fast'),
  inCi('npm run bench -- --fast', '.ci/run', 'npm run --silent bench -- --fast'),

  inProject(
    'npm install typeorm-sweeper',
    'npm install "$PACKED" typeorm reflect-metadata sql.js tsx',
  ),
  inProject('npm install ioredis@5'),
  inProject('npx typeorm-sweeper graph -d ormconfig.ts'),
  inProject('npx typeorm-sweeper graph -d ormconfig.ts --format dot'),
  inProject('npx typeorm-sweeper doctor -d ormconfig.ts'),
  inProject('npx typeorm-sweeper doctor -d test/cli/fixtures/shop.ts'),
  [
    'npx typeorm-sweeper doctor -d test/cli/fixtures/mistaken.ts',
    {
      as: 'npx typeorm-sweeper doctor -d test/cli/fixtures/mistaken.ts',
      inNewProject: true,
      exitCode: 1,
    },
  ],
  // In an empty database a comment belongs to nothing.
  inProject(
    'npx typeorm-sweeper sweep Comment 17 -d ormconfig.ts -r ./src/sweeper.ts',
    'npx typeorm-sweeper sweep Comment 17 -d ormconfig.ts -r ./src/sweeper.ts --no-cascade',
  ),
  inProject('npx typeorm-sweeper clear -d ormconfig.ts -r ./src/sweeper.ts'),

  run('npm run format'),
  run('npm run build'),
  run('node scripts/compile.cjs'),
  run('npx mocha --no-config -r reflect-metadata .build/test/store/token.test.js'),
  run("npm test -- -g 'keeps both halves'"),
  run('npm run coverage', "npm run coverage -- -g 'keeps both halves'"),
  run('npm run check:coverage', "npm run check:coverage -- -g 'keeps both halves'"),
  run('npm start -- --once'),
  ['npm start', { as: 'npm start', until: /Serving on http/ }],
  [
    'npm start -- --cluster',
    {
      as: 'npm start -- --cluster',
      until: /Serving on http[^]*Serving on http/,
      withServers: true,
    },
  ],
  run('node scripts/screenshot.cjs', 'node scripts/screenshot.cjs coverage/showcase.png'),

  run('npm run bench -- 1 3', 'npm run bench -- 1 3 --fast'),
  run('npm run bench -- --profile', 'npm run bench -- --profile 4'),
  run('npm run bench:scale -- --fast'),
  run('npm run bench:scale', 'npm run bench:scale -- --fast'),
  run('npm run bench:scale -- --largest', 'npm run bench:scale -- --fast'),
  run('npm run bench:scale -- rows near', 'npm run bench:scale -- --fast'),

  run('npm run check:load-cost', 'npm run check:load-cost -- --rows 100 --rounds 3'),
  run('npm run check:memory'),
  run('npm run check:read-cost', 'npm run check:read-cost -- --rounds 2'),
  run('npm run check:outbox-cost', 'npm run check:outbox-cost -- --rounds 1'),
  run('npm run check:outage', 'npm run check:outage -- --store refuses --policy degrade'),
  run('npm run check:realworld', 'npm run check:realworld -- --rounds 1 --seconds 1'),
  run('npm run check:rules', 'npm run check:rules -- --rule H2'),
  run('npm run check:model -- --runs 20000', 'npm run check:model -- --runs 200'),
  run('npm run check:writes', 'npm run check:writes -- --database sqljs --units 5'),
  run(
    'npm run check:writes -- --units 2000 --seeds 1,2,3 --database all',
    'npm run check:writes -- --units 5 --seeds 1,2,3 --database all',
  ),
  // The driver is not installed everywhere: it may have to be compiled.
  run(
    'npm run check:writes -- --database better-sqlite3',
    'npm run check:writes -- --database sqljs --units 5',
  ),
  run('npm run check:stale', 'npm run check:stale -- --seconds 5 --policy throw'),
  run(
    'npm run check:stale -- --seconds 600 --policy throw',
    'npm run check:stale -- --seconds 5 --policy throw',
  ),
  run('npm run check:stale -- --bugs', 'npm run check:stale -- --bug late-token --seconds 60'),
])

type Row = readonly [command: string, run: Run]

function run(command: string, as = command): Row {
  return [command, { as }]
}

function inProject(command: string, as = command): Row {
  return [command, { as, inNewProject: true }]
}

function inCi(command: string, by: RunElsewhere['by'], words = command): Row {
  return [command, { by, words }]
}
