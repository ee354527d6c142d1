import { mutation } from './mutation'

const FINISH = `unit.answer === 'rolled-back'
        ? machinery.closing.abandon(unit)
        : machinery.closing.finish(unit),`
const NO_MARKS_FOR_OTHERS = [
  'sweep/closing.ts',
  'await this.marking.markForOthers(unit, frame, found)',
  '',
] as const
const H11 = 'H11 parent changes during the cascade'

/** Rules of marking and sweeping. */
export const MUTATIONS_OF_WRITING = [
  mutation(
    'H1',
    'sweeps before COMMIT',
    'H1 sweep before commit',
    [
      'sweep/transaction-events.ts',
      'machinery.closing.prepare(unit)',
      'machinery.closing.finish(unit)',
    ],
    ['sweep/transaction-events.ts', FINISH, 'Promise.resolve(),'],
  ),
  mutation('H2', 'sweeps after a rollback', 'H2 rolled back', [
    'sweep/transaction-events.ts',
    'isUndone ? machinery.closing.abandon(unit)',
    'isUndone ? machinery.closing.finish(unit)',
  ]),
  mutation('H2', 'keeps what a savepoint undid', 'H2 rolled back: to a savepoint', [
    'sweep/pending-sweeps.ts',
    'drop(): void {\n    this.#frames.pop()',
    'drop(): void {\n    this.release()',
  ]),
  mutation('H5', 'begins again at version 0 where no token is', 'H5 lost token', [
    'store/redis-scripts.ts',
    'text = both\n',
    "text = '0-n.0-n'\n",
  ]),
  mutation(
    'H5',
    'begins again at version 0 where no token is',
    'H5 lost token: everything is flushed while a value is loaded',
    ['store/redis-scripts.ts', 'text = both\n', "text = '0-n.0-n'\n"],
  ),
  mutation('H5b', 'makes tokens in the client', 'H5b token put back', [
    'store/redis-scripts.ts',
    "local half = birth .. '-' .. ARGV[1]",
    "local half = '1-' .. ARGV[1]",
  ]),
  mutation('H7', 'sets no marks', 'H7 crash between COMMIT and sweep', [
    'sweep/closing.ts',
    'if (this.marking.isOn) await this.#markAll(unit, frame)',
    "if (unit.owner === '') await this.#markAll(unit, frame)",
  ]),
  mutation('H7', 'sets marks that do not end', 'H7 crash between COMMIT and sweep', [
    'store/redis-scripts.ts',
    'math.max(ends, 1))',
    '0)',
  ]),
  mutation(
    'H7',
    'lets no mark travel with its statement',
    'H7 crash between COMMIT and sweep: marks of a save travel while its statement runs',
    ['sweep/units.ts', '.isSave = isInSave()', ''],
  ),
  mutation(
    'H7',
    'marks early in transactions of any length',
    'H7 crash between COMMIT and sweep: in a transaction of the user nothing is marked before its end',
    ['sweep/marking.ts', '!unit.isSave || ', ''],
  ),
  mutation(
    'H7',
    'forgets early marks of a save that failed',
    'H7 crash between COMMIT and sweep: a save that fails leaves no early marks behind',
    [
      'sweep/marking.ts',
      'if (left.length === 0) return',
      'if (unit.committing || left.length > 0) return',
    ],
  ),
  mutation('H8', 'clears the marks of all', 'H8 two writers, one record', [
    'store/redis-scripts.ts',
    'if owner.name ~= own then',
    'if false then',
  ]),
  mutation('H8b', 'restores what an expired owner may have changed', 'H8b expired owner dropped', [
    'store/redis-scripts.ts',
    'local token = ended and moved(held.token, true) or held.token\n    if #left == #held.owners',
    'local token = held.token\n    if #left == #held.owners',
  ]),
  mutation(
    'H8b',
    'forgets an expired owner when another marks',
    'H8b expired owner dropped: by a later mark',
    [
      'store/redis-scripts.ts',
      'held.life, ended and moved(held.token, true) or held.token)',
      'held.life, held.token)',
    ],
  ),
  mutation('H8c', 'does not renew an old mark', 'H8c mark shorter than COMMIT', [
    'sweep/closing.ts',
    'await this.marking.renew(unit)',
    '',
  ]),
  mutation('H8c', 'renews a mark only when it has ended', 'H8c mark shorter than COMMIT', [
    'sweep/marking.ts',
    'if (ageMs < this.#deadlineMs / 2) return',
    'if (ageMs < this.#deadlineMs) return',
  ]),
  mutation('H8d', 'names any number of owners', 'H8d hot record always marked', [
    'store/token.ts',
    'MAX_OWNERS = 32',
    'MAX_OWNERS = 1_000',
  ]),
  mutation('H8d', 'shares no loads of marked records', 'H8d hot record always marked', [
    'cache/loading.ts',
    'if (fresh || isNameless(transaction))',
    'if (fresh || pin.marked)',
  ]),
  mutation('H8e', 'marks nothing before', 'H8e autocommit statements: marked before', [
    'sweep/statements.ts',
    'await this.#prepare(unit)',
    '',
  ]),
  mutation(
    'H8e',
    'does not look at the rows before',
    'H8e autocommit statements: rows first',
    [
      'sweep/collect-update.ts',
      'await noteRows(parts, watched, before, operation)',
      'await noteRows(parts, watched, [], operation)',
    ],
    ['sweep/collect-update.ts', 'if (written > records.length)', 'if (written < 0)'],
  ),
  mutation('H9', 'takes a lost COMMIT for a rollback', 'H9 in-doubt commit', [
    'sweep/transaction-events.ts',
    "if (!unit.committing || unit.answer !== 'lost') return",
    'if (unit !== undefined) return',
  ]),
  mutation(
    'H9',
    'takes the end of a connection for a refusal',
    'H9 in-doubt commit: the server ended the connection during COMMIT',
    ['sweep/database-answer.ts', 'return !/^(08|57P)/.test(code)', 'return true'],
  ),
  mutation('H9b', 'comes after other subscribers', 'H9b another subscriber throws first', [
    'sweep/registration.ts',
    'subscribers.unshift(own)',
    'subscribers.push(own)',
  ]),
  mutation('H9b', 'sets no marks', 'H9b another subscriber throws first: put before ours by hand', [
    'sweep/closing.ts',
    'if (this.marking.isOn) await this.#markAll(unit, frame)',
    "if (unit.owner === '') await this.#markAll(unit, frame)",
  ]),
  mutation('H10', 'takes an answered ROLLBACK for a COMMIT', 'H10 COMMIT that rolled back', [
    'sweep/transaction-events.ts',
    "commandOf(rawResults) === 'ROLLBACK'",
    "commandOf(rawResults) === ''",
  ]),
  mutation('H11', 'forgets the old parent', `${H11}: the voter commits first`, [
    'sweep/stages.ts',
    "return row.moves ? this.#batch('before', unit, row) : Promise.resolve()",
    'return Promise.resolve()',
  ]),
  ...['the mover commits first', 'after the link was read'].map((order) =>
    mutation(
      'H11',
      'trusts what it resolved before COMMIT',
      `${H11}: ${order}`,
      [
        'sweep/followed-links.ts',
        'return hasMoved(unit.seenAt.get(key)?.row, found?.get(key)?.row)',
        'return false',
      ],
      NO_MARKS_FOR_OTHERS,
    ),
  ),
  mutation('H11', 'leaves no trace where no token was', `${H11}: nobody had cached the comment`, [
    'store/redis-scripts.ts',
    "if #left > 0 and token == '' then",
    'if false then',
  ]),
  ...['it got another child on the other side', 'it was linked many-to-many'].map((order) =>
    mutation('H11', 'trusts links in rows elsewhere', `${H11}: ${order}`, [
      'sweep/followed-links.ts',
      "return this.#graph.linksFrom(type).some(({ kind }) => kind !== 'foreign-key')",
      'return false',
    ]),
  ),
  ...['by a statement that names no rows', 'by an import that tells its types when it settles'].map(
    (how) =>
      mutation('H11', 'trusts links of a type that was swept', `${H11}: ${how}`, [
        'sweep/followed-links.ts',
        'if (!isWholeSwept && !this.#types.stands(unit, type, types)) return true',
        '',
      ]),
  ),
  mutation(
    'H11b',
    'marks no new parents for others',
    'H11b parent changes during the cascade, and its writer dies',
    NO_MARKS_FOR_OTHERS,
  ),
  mutation('H12', 'remembers links for good', 'H12 stale link', [
    'sweep/parents.ts',
    'const foreignKeys = this.foreignKeysOf(type)\n    const rows',
    `const links = ((globalThis as Record<string, unknown>)['links'] ??= new Map()) as Map<string, Hops>
    const name = [...ids.map((id) => this.record(type, id).key)].join()
    const known = links.get(name)
    if (known !== undefined) return known
    const foreignKeys = this.foreignKeysOf(type)
    links.set(name, await this.ofRows(runner, type, await this.#rows.rowsOf(runner, type, foreignKeys, ids)))
    const rows`,
  ]),
  mutation(
    'H20',
    'knows a server by its run id alone',
    'has other tokens where a server is primary again that has lost sweeps meanwhile (H20)',
    ['store/redis-epoch.ts', 'run + lineageOf(replication)', "run + ''"],
  ),
  mutation('H24', 'trusts links read in an old snapshot', 'H24 old snapshot: of the link', [
    'sweep/followed-links.ts',
    'if (unit.readsOldSnapshot || this.#hasLinksElsewhere(type)) return true',
    'if (this.#hasLinksElsewhere(type)) return true',
  ]),
  mutation('H31', 'rejects after COMMIT', 'H31 handlers that throw or wait', [
    'version/sweeps.ts',
    "} catch {\n      // Reported by the store's guard.",
    "} catch (error) {\n      if (sweeps.length > 0) throw error\n      // Reported by the store's guard.",
  ]),
  mutation('H31', 'waits without bound', 'H31 handlers that throw or wait', [
    'store/guarded-store.ts',
    'deadlines.begin(late)',
    'deadlines.begin(() => undefined)',
  ]),
]
