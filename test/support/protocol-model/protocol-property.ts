import * as fc from 'fast-check'
import type { Bug } from './bug'
import { schedule } from './schedule'
import { World } from './world'

/**
 * Whatever the order of events: a read that starts after an acknowledged sweep never returns an earlier state, nothing
 * is served that was not committed, no token comes back, and when all marks have ended nothing stale is left.
 */
export function protocolProperty(bug?: Bug) {
  return fc.asyncProperty(schedule, (steps) => new World(bug).play(steps))
}
