import { expect } from 'chai'
import type { DataSource, Logger } from 'typeorm'

/** The SQL statements that went through a DataSource since the recording began or was reset. */
export class QueryRecorder {
  readonly statements: string[] = []

  get count(): number {
    return this.statements.length
  }

  reset(): void {
    this.statements.length = 0
  }

  matching(pattern: RegExp): readonly string[] {
    return this.statements.filter((statement) => pattern.test(statement))
  }
}

/**
 * Records every statement of a DataSource, `START TRANSACTION`, savepoints and `COMMIT` included, in the
 * order they were sent. Costs no query. What was logged before goes on being logged.
 *
 * Every driver's query runner names each statement to `dataSource.logger`, looked up at that moment,
 * before it runs (typeorm 1.1.1, PostgresQueryRunner.query); a subscriber's `afterQuery` would miss those
 * that fail to be sent.
 */
export function recordQueries(dataSource: DataSource): QueryRecorder {
  const recorder = new QueryRecorder()
  const { logger } = dataSource
  const recording: Logger = {
    logQuery: (query, parameters, queryRunner) => {
      recorder.statements.push(query)
      logger.logQuery(query, parameters, queryRunner)
    },
    logQueryError: (...details) => void logger.logQueryError(...details),
    logQuerySlow: (...details) => void logger.logQuerySlow(...details),
    logSchemaBuild: (...details) => void logger.logSchemaBuild(...details),
    logMigration: (...details) => void logger.logMigration(...details),
    log: (...details) => void logger.log(...details),
  }
  dataSource.logger = recording
  return recorder
}

/**
 * Fails unless exactly `count` statements are sent while `work` runs; the message lists them.
 *
 * @returns what `work` resolves to
 */
export async function expectQueries<T>(
  recorder: QueryRecorder,
  count: number,
  work: () => Promise<T>,
): Promise<T> {
  const before = recorder.count
  const result = await work()
  const sent = recorder.statements.slice(before)
  const list = sent.map((statement, index) => `  ${index + 1}. ${statement}`).join('\n')
  expect(sent.length, `statements sent\n${list}\n`).to.equal(count)
  return result
}
