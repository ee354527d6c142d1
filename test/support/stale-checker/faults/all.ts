import { KILL_APP, PAUSE_APP } from './apps'
import { CUT_DATABASE } from './database'
import type { Fault } from './fault'
import { CUT_LINK, HOLD_LINK, LOSE_ANSWERS } from './links'
import {
  EMPTY_STORE,
  FILL_STORE,
  PAUSE_STORE,
  REFUSE_WRITES,
  RESTART_STORE,
  ROLL_STORE_BACK,
} from './store'

export const FAULTS: readonly Fault[] = [
  KILL_APP,
  PAUSE_APP,
  HOLD_LINK,
  CUT_LINK,
  LOSE_ANSWERS,
  PAUSE_STORE,
  RESTART_STORE,
  ROLL_STORE_BACK,
  EMPTY_STORE,
  FILL_STORE,
  REFUSE_WRITES,
  CUT_DATABASE,
]
