import { evalToken, type Context, type TagToken } from 'liquidjs'
import { TemplateError } from '../index'
import { TAG_OPTIONS, type TagValues } from '../template/template-fragment'

type ValueToken = NonNullable<ReturnType<TagToken['tokenizer']['readValue']>>

const FORMS =
  '{% cachesweeper comment 500 "comment.xml" %} or {% cachesweeper comment, key: "card", ttl: "10m", vary: locale %}'

/** What stands in the tag: a record, then values and `name: value` pairs, with or without commas. */
export class TagArguments {
  readonly #record: ValueToken
  readonly #positional: ValueToken[] = []
  readonly #named = new Map<string, ValueToken>()

  /** @throws {TemplateError} SWEEPER_TEMPLATE for what is no such list */
  constructor({ tokenizer }: TagToken, separator: string) {
    const record = tokenizer.readValue()
    if (record === undefined) throw malformed('it names no record')
    this.#record = record
    while (!isAtEnd(tokenizer)) {
      const begin = tokenizer.p
      const pair = tokenizer.readHash(separator)
      if (pair?.value !== undefined) this.#name(pair.name.content, pair.value)
      else {
        tokenizer.p = begin
        const value = tokenizer.readValue()
        if (value === undefined) throw malformed(`"${tokenizer.remaining().trim()}" is no value`)
        this.#positional.push(value)
      }
    }
  }

  get tokens(): readonly ValueToken[] {
    return [this.#record, ...this.#positional, ...this.#named.values()]
  }

  *values(ctx: Context): Generator<unknown, TagValues, unknown> {
    const record = yield evalToken(this.#record, ctx)
    const positional: unknown[] = []
    for (const token of this.#positional) positional.push(yield evalToken(token, ctx))
    const named = new Map<string, unknown>()
    for (const [name, token] of this.#named) named.set(name, yield evalToken(token, ctx))
    return { recordText: this.#record.getText(), record, positional, named }
  }

  #name(name: string, value: ValueToken): void {
    if (!TAG_OPTIONS.includes(name))
      throw new TemplateError(
        `cachesweeper: "${name}" is no option; there are ${TAG_OPTIONS.join(', ')}`,
      )
    this.#named.set(name, value)
  }
}

function isAtEnd(tokenizer: TagToken['tokenizer']): boolean {
  tokenizer.skipBlank()
  while (tokenizer.peek() === ',') {
    tokenizer.advance()
    tokenizer.skipBlank()
  }
  return tokenizer.end()
}

function malformed(what: string): TemplateError {
  return new TemplateError(`cachesweeper: ${what}; write ${FORMS}`)
}
