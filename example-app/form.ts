import type { IncomingMessage } from 'node:http'

const MAX_BODY_BYTES = 16_384

/** Reads a posted form; undefined when it is larger than any of ours. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    // The rest is read and dropped: a connection cut short would never show the answer.
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk)
  }
  if (bytes > MAX_BODY_BYTES) return undefined
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
}

/** A field's text; undefined when it is missing, blank or longer than `maxLength` characters. */
export function textOf(
  form: URLSearchParams,
  field: string,
  maxLength: number,
): string | undefined {
  // PostgreSQL has no NUL in text.
  const text = form.get(field)?.replaceAll('\0', '').trim()
  return text === undefined || text === '' || text.length > maxLength ? undefined : text
}
