import type { StoreKind } from '../stores'
import { KILL_APP, PAUSE_APP } from './apps'
import {
  CUT_PART,
  CUT_PRIMARY_OFF,
  EMPTY_PRIMARY,
  HOLD_PART,
  INTERRUPT_BUS,
  KILL_PRIMARY,
  MOVE_SLOT,
  PAUSE_PRIMARY,
  PROMOTE_REPLICA,
} from './cluster'
import { CUT_DATABASE } from './database'
import type { Fault } from './fault'
import { CUT_LINK, HOLD_LINK, LOSE_ANSWERS } from './links'
import { PAUSE_MEMCACHED, RESTART_MEMCACHED } from './memcached'
import {
  EMPTY_STORE,
  FILL_STORE,
  PAUSE_STORE,
  REFUSE_WRITES,
  RESTART_STORE,
  ROLL_STORE_BACK,
} from './store'

const ANYWHERE = [KILL_APP, PAUSE_APP, CUT_DATABASE]
const OVER_LINKS = [HOLD_LINK, CUT_LINK, LOSE_ANSWERS]
const ON_REDIS = [
  PAUSE_STORE,
  RESTART_STORE,
  ROLL_STORE_BACK,
  EMPTY_STORE,
  FILL_STORE,
  REFUSE_WRITES,
]
const ON_CLUSTERS = [
  KILL_PRIMARY,
  PROMOTE_REPLICA,
  MOVE_SLOT,
  PAUSE_PRIMARY,
  EMPTY_PRIMARY,
  CUT_PRIMARY_OFF,
  INTERRUPT_BUS,
  HOLD_PART,
  CUT_PART,
]

/** What can go wrong with each store. */
export const FAULTS: Readonly<Record<StoreKind, readonly Fault[]>> = {
  redis: [...ANYWHERE, ...OVER_LINKS, ...ON_REDIS],
  'node-redis': [...ANYWHERE, ...OVER_LINKS, ...ON_REDIS],
  memcached: [...ANYWHERE, ...OVER_LINKS, RESTART_MEMCACHED, PAUSE_MEMCACHED],
  cluster: [...ANYWHERE, ...ON_CLUSTERS],
  memory: ANYWHERE,
}
