/** How the marks and words of one dialect are told apart. */
export interface Lexis {
  /** What `'x'` is. SQLite takes it for a name where a value cannot stand. */
  readonly single: 'string' | 'either'
  /** What `"x"` is. A value on MySQL unless in ANSI mode, on SQLite if no column has that name. */
  readonly double: 'quoted' | 'either'
  /** A backslash hides the next character in every string, not only in `E'..'`. */
  readonly backslash: boolean
  readonly backtick: boolean
  /** What `[x]` is: a name, an array or subscript, or whichever it looks like. */
  readonly bracket: 'name' | 'array' | 'doubtful'
  /** `E'..'`, `$tag$..$tag$`, `$1`, and `@` as an operator. */
  readonly postgres: boolean
  /** `# comment`, `-- ` only before a space, `/*! code` and names such as `2fa`. */
  readonly mysql: boolean
  /** `U&"d\0061ta"`. */
  readonly unicodeEscapes: boolean
  /** Comments nest, and a carriage return ends a `--` comment. */
  readonly nestedComments: boolean
  /** Spaces beyond ASCII separate words; elsewhere they are letters. */
  readonly wideSpaces: boolean
  /** The code of a character besides letters and `_` that may begin a word: `$`, `#` or none. */
  readonly alsoLetter: 36 | 35 | -1
}

const STANDARD: Lexis = {
  single: 'string',
  double: 'quoted',
  backslash: false,
  backtick: false,
  bracket: 'array',
  postgres: false,
  mysql: false,
  unicodeEscapes: true,
  nestedComments: true,
  wideSpaces: false,
  alsoLetter: -1,
}

/** `generic` is for all other databases and takes what is doubtful for a name. */
export const LEXES = {
  postgres: { ...STANDARD, postgres: true },
  mysql: {
    ...STANDARD,
    double: 'either',
    backslash: true,
    backtick: true,
    mysql: true,
    unicodeEscapes: false,
    nestedComments: false,
    alsoLetter: 36,
  },
  sqlite: {
    ...STANDARD,
    single: 'either',
    double: 'either',
    backtick: true,
    bracket: 'name',
    unicodeEscapes: false,
    nestedComments: false,
  },
  generic: {
    ...STANDARD,
    double: 'either',
    backtick: true,
    bracket: 'doubtful',
    wideSpaces: true,
    alsoLetter: 35,
  },
} as const satisfies Readonly<Record<string, Lexis>>
