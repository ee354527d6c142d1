import { until } from '../../services-process'
import type { Fault } from './fault'

/** Connections of one application are ended, in the middle of whatever they do: COMMIT too. */
export const CUT_DATABASE: Fault = {
  name: 'database connections ended',
  forgets: false,
  async strike({ apps, dataSource, dice }) {
    const { name } = dice.one(apps)
    // It may have none at the moment, where they were ended shortly before.
    await until('connections ended', 20_000, async () => {
      const ended: { ok: boolean }[] = await dataSource.query(
        `SELECT pg_terminate_backend(pid) AS ok FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = $1`,
        [name],
      )
      return ended.some(({ ok }) => ok)
    })
  },
}
