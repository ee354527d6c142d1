import { NEAR_LEVELS, type NearLevel } from '../near/near'
import { checkCount, wrong } from './checks'

/** The near tier: values in this process, in front of the store. */
export interface NearTierOptions {
  /** What reads use that say nothing. @default 'request' */
  readonly level?: NearLevel
  /** What it may occupy, in bytes. @default 64 MiB */
  readonly maxBytes?: number
  /** @default 100_000 */
  readonly maxEntries?: number
}

const DEFAULTS = { level: 'request', maxBytes: 64 * 1024 * 1024, maxEntries: 100_000 } as const

/** @throws {InvalidOptionError} SWEEPER_INVALID_OPTION */
export function resolveNear(
  near: boolean | NearTierOptions,
): Required<NearTierOptions> | undefined {
  if (near === false) return undefined
  const resolved = { ...DEFAULTS, ...(near === true ? {} : near) }
  if (!NEAR_LEVELS.includes(resolved.level))
    throw wrong('near.level', resolved.level, '"strict", "request" or "bounded"')
  for (const bound of ['maxBytes', 'maxEntries'] as const)
    checkCount(`near.${bound}`, resolved[bound])
  return resolved
}
