import { keyword, punctuation, type SqlToken } from './sql-tokens'

/** What a CREATE or ALTER statement is about. */
export interface SqlDefinition {
  /** It holds code that runs later: its words are no statements, its semicolons separate none. */
  readonly isRoutine: boolean
  /** It is a view, which is run when it is read. */
  readonly isView: boolean
  /** It may put other rows in the place of a table's or view's. */
  readonly replaces: boolean
}

/** Reads what is defined off the first words. */
export function definition(tokens: readonly SqlToken[], from = 0): SqlDefinition {
  const words = tokens.slice(from + 1, from + 13).map(keyword)
  const kind = words.find((word) => KINDS.has(word)) ?? ''
  const isRoutine = ROUTINES.has(kind)
  return {
    isRoutine,
    isView: kind === 'VIEW' && !words.includes('MATERIALIZED'),
    replaces: !isRoutine && words[0] === 'OR',
  }
}

/**
 * The index of the semicolon that ends the routine; `undefined` if its blocks do not close.
 *
 * Counts BEGIN, CASE and parentheses against END; `END IF` and the like close what is not counted.
 */
export function routineEnd(tokens: readonly SqlToken[], from: number): number | undefined {
  let depth = 0
  for (let i = from; i < tokens.length; i++) {
    const mark = punctuation(tokens[i])
    if (mark === ';' && depth <= 0) return i
    depth += DEPTH[mark] ?? depthOfWord(tokens, i)
  }
  return depth <= 0 ? tokens.length : undefined
}

const ROUTINES = new Set(
  'TRIGGER FUNCTION PROCEDURE PROC EVENT PACKAGE RULE POLICY PUBLICATION AGGREGATE'.split(' '),
)

const KINDS = new Set([
  ...ROUTINES,
  ...'TABLE VIEW INDEX SEQUENCE TYPE DOMAIN SCHEMA DATABASE EXTENSION ROLE USER SERVER'.split(' '),
])

const DEPTH: Readonly<Record<string, number>> = { '(': 1, ')': -1 }

const UNCOUNTED_BLOCKS = new Set(['IF', 'LOOP', 'WHILE', 'REPEAT', 'FOR'])

function depthOfWord(tokens: readonly SqlToken[], i: number): number {
  const next = keyword(tokens[i + 1])
  if (punctuation(tokens[i - 1]) === '.') return 0
  switch (keyword(tokens[i])) {
    case 'BEGIN':
      return next === 'TRANSACTION' || next === 'TRAN' ? 0 : 1
    case 'CASE':
      return keyword(tokens[i - 1]) === 'END' ? 0 : 1
    case 'END':
      return UNCOUNTED_BLOCKS.has(next) ? 0 : -1
    default:
      return 0
  }
}
