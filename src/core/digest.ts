import { hash } from 'node:crypto'

/** How many characters every digest has. */
export const DIGEST_LENGTH = 43

/**
 * Stands for a text that is too long for a key: SHA-256, written with `A-Z a-z 0-9 _ -`.
 * Of the text's UTF-16, not its UTF-8, in which two lone surrogates would be the same.
 *
 * @example
 * digestOf('a').length // 43
 */
export function digestOf(text: string): string {
  return hash('sha256', Buffer.from(text, 'utf16le'), 'base64url')
}
