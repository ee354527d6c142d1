import type { Draw } from './draw'
import type { Operation, OperationKind } from './operation'

/** Writes of one transaction level; what is nested in it has a savepoint of its own. */
export interface Level {
  readonly steps: readonly (Operation | Level)[]
  readonly isRolledBack: boolean
}

/** What is done between two looks at the tables. */
export type UnitPlan =
  | { readonly shape: 'single'; readonly operation: Operation }
  | { readonly shape: 'transaction'; readonly level: Level }
  | { readonly shape: 'parallel'; readonly levels: readonly Level[] }
  | {
      readonly shape: 'raw-transaction'
      readonly operations: readonly Operation[]
      readonly isRolledBack: boolean
    }
  | { readonly shape: 'without-sweeping'; readonly operations: readonly Operation[] }

export interface Drawing {
  readonly kinds: readonly OperationKind[]
  /** Whether transactions can run side by side. */
  readonly parallel: boolean
}

export function drawUnit(draw: Draw, { kinds, parallel }: Drawing): UnitPlan {
  const shape = draw.int(100)
  const operation = (): Operation => draw.pick(kinds).draw(draw)
  if (shape < 55) return { shape: 'single', operation: operation() }
  if (shape < 62) {
    const writes = kinds.filter(({ kind }) => !OPENS_TRANSACTIONS.test(kind))
    const operations = Array.from({ length: 1 + draw.int(3) }, () => draw.pick(writes).draw(draw))
    return { shape: 'raw-transaction', operations, isRolledBack: draw.chance(0.4) }
  }
  if (shape < 75 && parallel) {
    const levels = Array.from({ length: 2 + draw.int(2) }, () => drawLevel(draw, operation, 3))
    return { shape: 'parallel', levels }
  }
  if (shape < 79) return { shape: 'without-sweeping', operations: [operation(), operation()] }
  return { shape: 'transaction', level: drawLevel(draw, operation, 0) }
}

/** Inside a raw transaction these would commit it, which TypeORM does not know. */
const OPENS_TRANSACTIONS = /^(save|remove|soft-remove)|transaction of its own/

function drawLevel(draw: Draw, operation: () => Operation, depth: number): Level {
  const steps: (Operation | Level)[] = []
  const count = 1 + draw.int(4)
  for (let step = 0; step < count; step++)
    steps.push(depth < 3 && draw.chance(0.3) ? drawLevel(draw, operation, depth + 1) : operation())
  return { steps, isRolledBack: draw.chance(depth === 0 ? 0.25 : 0.35) }
}

/** The operations of a unit, for people. */
export function describeUnit(plan: UnitPlan): string {
  switch (plan.shape) {
    case 'single':
      return plan.operation.text
    case 'raw-transaction':
      return [
        'BEGIN',
        ...plan.operations.map(({ text }) => `  ${text}`),
        plan.isRolledBack ? 'ROLLBACK' : 'COMMIT',
      ].join('\n')
    case 'without-sweeping':
      return ['without sweeping', ...plan.operations.map(({ text }) => `  ${text}`)].join('\n')
    case 'transaction':
      return describeLevel(plan.level, '')
    case 'parallel':
      return plan.levels.map((level) => describeLevel(level, '  ')).join('\n  beside\n')
  }
}

function describeLevel({ steps, isRolledBack }: Level, indent: string): string {
  const lines = steps.map((step) =>
    'steps' in step ? describeLevel(step, `${indent}  `) : `${indent}  ${step.text}`,
  )
  return [
    `${indent}transaction`,
    ...lines,
    `${indent}${isRolledBack ? 'rollback' : 'commit'}`,
  ].join('\n')
}
