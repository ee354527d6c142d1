import { BUILDERS } from './builders'
import { LINKS } from './links'
import { MOVING } from './moving'
import { RAW } from './raw'
import { SAVING } from './saving'
import { TRANSACTIONS } from './transactions'
import type { Write } from './write'

/** The kinds of "no write goes unseen". */
export const WRITES: readonly Write[] = [
  ...SAVING,
  ...MOVING,
  ...BUILDERS,
  ...RAW,
  ...LINKS,
  ...TRANSACTIONS,
]
