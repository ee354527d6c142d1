import { createHash } from 'node:crypto'
import { parseToken } from './token'
import type { Slot } from './token-machine'

/**
 * What is stored, as text: the client decodes whatever it reads as UTF-8. An entry is `b` and its base64, a token is
 * when it ends (milliseconds of the store's clock, 0 for never), a space, and its text; `-` is nothing.
 */
export const NOTHING = '-'

/** What a server takes by default is a megabyte, with the key and some fifty bytes. */
export const MAX_TEXT = 1024 * 1024 - 512

/** Beyond this Memcached takes a number of seconds for a date. What would live longer is dropped then: a miss. */
const MAX_SECONDS = 30 * 86_400

/** Printable, 250 bytes, and nothing in it that `String.replace` of the client would expand. */
const PLAIN_KEY = /^[!-"%-~][!-"%-~#]{0,249}$/

/** A key as it is, or one that no other has: keys of the library are plain. */
export function memcachedKey(key: string): string {
  if (PLAIN_KEY.test(key)) return key
  return `#${createHash('sha256').update(key, 'utf16le').digest('base64url')}`
}

/** Rounded up, and a second more: the server counts whole ones, from a moment of its own. */
export function secondsOf(lifeMs: number): number {
  return lifeMs === Infinity ? 0 : Math.min(MAX_SECONDS, Math.ceil(Math.max(lifeMs, 0) / 1000) + 1)
}

export function entryText(value: Buffer): string {
  return `b${value.toString('base64')}`
}

export function entryOf(text: unknown): Buffer | undefined {
  if (typeof text !== 'string' || !text.startsWith('b')) return undefined
  return Buffer.from(text.slice(1), 'base64')
}

export function slotText({ text, endsMs }: Slot): string {
  return `${endsMs === Infinity ? 0 : Math.ceil(endsMs)} ${text}`
}

/** What a key holds now; undefined for what has ended, and for what is no token. */
export function slotOf(stored: unknown, nowMs: number): Slot | undefined {
  const [, ends, text] = typeof stored === 'string' ? (/^(\d+) (.+)$/.exec(stored) ?? []) : []
  if (ends === undefined || text === undefined || parseToken(text, '') === undefined)
    return undefined
  const endsMs = ends === '0' ? Infinity : Number(ends)
  return endsMs > nowMs ? { text, endsMs } : undefined
}
