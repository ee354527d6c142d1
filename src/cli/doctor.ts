import type { DataSource } from 'typeorm'
import { DeclarationError, Sweeper } from '../index'
import type { Arguments } from './arguments'
import { cascadeSteps } from './cascade-steps'
import { checkPrecision } from './check-precision'
import type { Finding } from './findings'
import { measureStep } from './measure-step'
import { withProgress } from './progress'
import { buildMetadatas, sweeperMadeFor } from './sweeper-for'
import type { Terminal } from './usage'

type GraphData = ReturnType<Sweeper['graph']>

/** Prints what cannot work and what works badly. */
export async function doctor(
  dataSource: DataSource,
  { offline, strict }: Pick<Arguments, 'offline' | 'strict'>,
  terminal: Terminal,
): Promise<number> {
  await buildMetadatas(dataSource)
  const graph = graphOf(dataSource)
  const findings: readonly Finding[] =
    'mistakes' in graph
      ? graph.mistakes.map((text) => ({ level: 'error', text }))
      : [
          ...checkPrecision(dataSource, graph),
          ...(offline ? [] : await measured(dataSource, graph, terminal)),
        ]
  for (const level of ['error', 'warning', 'info'] as const)
    for (const finding of findings)
      if (finding.level === level) terminal.out(`${level.padEnd(7)}  ${finding.text}\n`)
  const bad = findings.filter(
    ({ level }) => level === 'error' || (strict && level === 'warning'),
  ).length
  const warnings = findings.filter(({ level }) => level === 'warning').length
  terminal.out(
    `${findings.filter(({ level }) => level === 'error').length} error(s), ${warnings} warning(s)\n`,
  )
  return bad > 0 ? 1 : 0
}

function graphOf(dataSource: DataSource): GraphData | DeclarationError {
  try {
    return (sweeperMadeFor(dataSource) ?? new Sweeper(dataSource)).graph()
  } catch (error) {
    if (!(error instanceof DeclarationError)) throw error
    return error
  }
}

async function measured(
  dataSource: DataSource,
  { links }: GraphData,
  terminal: Terminal,
): Promise<readonly Finding[]> {
  await dataSource.initialize()
  const runner = dataSource.createQueryRunner()
  try {
    const steps = cascadeSteps(dataSource, links)
    const found = await withProgress(steps, terminal, (step) =>
      measureStep(dataSource, runner, step),
    )
    return found.flat()
  } finally {
    await runner.release()
  }
}
