import type { Lexis } from './sql-lexis'

/** A name or value between quotes of any kind. */
export interface Quoted {
  readonly kind: 'string' | 'quoted' | 'either'
  /** Without the quotes and with doubled quotes undone. */
  readonly text: string
  readonly end: number
  /** The closing quote is missing. */
  readonly open: boolean
}

/** What is quoted at this place, its prefix included; undefined if nothing is. */
export function quotedAt(sql: string, at: number, lexis: Lexis): Quoted | undefined {
  switch (sql[at]) {
    case "'":
      return quoted(sql, at + 1, { kind: lexis.single, mark: "'", backslash: lexis.backslash })
    case '"':
      return quoted(sql, at + 1, { kind: lexis.double, mark: '"', backslash: lexis.backslash })
    case '`':
      return lexis.backtick ? quoted(sql, at + 1, BACKTICKS) : undefined
    case '[':
      return lexis.bracket === 'array' ? undefined : bracketed(sql, at, lexis)
    case '$':
      return lexis.postgres ? dollarQuoted(sql, at) : undefined
    case 'e':
    case 'E':
      return lexis.postgres && sql[at + 1] === "'" ? escapeString(sql, at + 2) : undefined
    case 'u':
    case 'U':
      return lexis.unicodeEscapes && sql[at + 1] === '&' ? unicodeQuoted(sql, at + 2) : undefined
    case undefined:
    default:
      return undefined
  }
}

interface Quoting {
  readonly kind: Quoted['kind']
  readonly mark: string
  /** A backslash hides the character after it. */
  readonly backslash: boolean
}

const BACKTICKS: Quoting = { kind: 'quoted', mark: '`', backslash: false }
const UNICODE_NAME: Quoting = { kind: 'quoted', mark: '"', backslash: false }
const PLAIN_STRING: Quoting = { kind: 'string', mark: "'", backslash: false }
const ESCAPE_STRING: Quoting = { kind: 'string', mark: "'", backslash: true }

function quoted(sql: string, from: number, quoting: Quoting): Quoted {
  return between(sql, from, afterQuote(sql, from, quoting), quoting)
}

/** `end` is the index behind the closing mark, or -1. */
function between(sql: string, from: number, end: number, { kind, mark }: Quoting): Quoted {
  const inside = sql.slice(from, end < 0 ? sql.length : end - mark.length)
  const text = inside.includes(mark) ? inside.replaceAll(mark + mark, mark) : inside
  return { kind, text, end: end < 0 ? sql.length : end, open: end < 0 }
}

/** The index behind the closing mark, or -1. */
function afterQuote(sql: string, from: number, { mark, backslash }: Quoting): number {
  const closing = mark.charCodeAt(0)
  for (let at = from; at < sql.length; at++) {
    const code = sql.charCodeAt(at)
    if (code === 92 && backslash) at++
    else if (code === closing && sql.charCodeAt(at + 1) !== closing) return at + 1
    else if (code === closing) at++
  }
  return -1
}

/** What follows a line break after `E'..'` goes on with it, escapes and all. */
function escapeString(sql: string, from: number): Quoted {
  const more = /[^\S\r\n]*[\r\n]\s*'/y
  let end = afterQuote(sql, from, ESCAPE_STRING)
  for (more.lastIndex = end; end >= 0 && more.test(sql); more.lastIndex = end) {
    end = afterQuote(sql, more.lastIndex, ESCAPE_STRING)
  }
  return between(sql, from, end, ESCAPE_STRING)
}

function unicodeQuoted(sql: string, at: number): Quoted | undefined {
  if (sql[at] === "'") return quoted(sql, at + 1, PLAIN_STRING)
  if (sql[at] !== '"') return undefined
  const name = quoted(sql, at + 1, UNICODE_NAME)
  const uescape = /\s*UESCAPE\s*'([^'])'/iy
  uescape.lastIndex = name.end
  return { ...name, text: withoutEscapes(name.text, uescape.exec(sql)?.[1] ?? '\\') }
}

/** An array such as `['a', 'b']` may stand in the place of a name where the dialect is not known. */
function bracketed(sql: string, at: number, lexis: Lexis): Quoted | undefined {
  const name = lexis.bracket === 'name' ? /\[([^\]]*)(\]?)/y : /\[(?!\s*["'(\]])([^[\]]*)(\])/y
  name.lastIndex = at
  const match = name.exec(sql)
  if (!match) return undefined
  return { kind: 'quoted', text: match[1] ?? '', end: name.lastIndex, open: match[2] === '' }
}

function dollarQuoted(sql: string, at: number): Quoted | undefined {
  const opening = /\$(?:[A-Za-z_\x80-\uffff][\w\x80-\uffff]*)?\$/y
  opening.lastIndex = at
  const tag = opening.exec(sql)?.[0]
  if (tag === undefined) return undefined
  const from = at + tag.length
  const close = sql.indexOf(tag, from)
  const text = sql.slice(from, close < 0 ? sql.length : close)
  return {
    kind: 'string',
    text,
    end: from + text.length + (close < 0 ? 0 : tag.length),
    open: close < 0,
  }
}

function withoutEscapes(name: string, escape: string): string {
  const mark = `\\u${escape.charCodeAt(0).toString(16).padStart(4, '0')}`
  const escapes = new RegExp(`${mark}(?:(${mark})|([0-9a-f]{4})|\\+([0-9a-f]{6}))`, 'gi')
  return name.replace(escapes, (whole, self?: string, short?: string, long?: string) => {
    const code = Number.parseInt(short ?? long ?? '', 16)
    return self ?? (code <= 0x10ffff ? String.fromCodePoint(code) : whole)
  })
}
