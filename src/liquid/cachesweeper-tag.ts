import { Tag, toPromise, TypeGuards } from 'liquidjs'
import type { Context, Emitter, Liquid, Parser, TagToken, Template, TopLevelToken } from 'liquidjs'
import { TemplateError, type Sweeper } from '../index'
import { cachedFragment, fragmentOf, type TagValues } from '../template/template-fragment'
import { bodyDigest } from './body-digest'
import { TagArguments } from './tag-arguments'

type TagConstructor = new (
  token: TagToken,
  remainTokens: TopLevelToken[],
  liquid: Liquid,
  parser: Parser,
) => Tag

/** The tag of one Sweeper. */
export function cachesweeperTag(sweeper: Sweeper): TagConstructor {
  return class extends CachesweeperTag {
    readonly sweeper = sweeper
  }
}

abstract class CachesweeperTag extends Tag {
  abstract readonly sweeper: Sweeper
  readonly #arguments: TagArguments
  readonly #templates: Template[] = []
  readonly #text: string

  /** LiquidJS tells the template and the line of what is thrown here, and while rendering. */
  constructor(token: TagToken, remainTokens: TopLevelToken[], liquid: Liquid, parser: Parser) {
    super(token, remainTokens, liquid)
    this.#arguments = new TagArguments(token, liquid.options.keyValueSeparator ?? ':')
    for (;;) {
      const next = remainTokens.shift()
      if (next === undefined)
        throw new TemplateError(
          `cachesweeper: ${token.getText()} is not closed; end it with {% endcachesweeper %}`,
        )
      if (TypeGuards.isTagToken(next) && next.name === 'endcachesweeper') {
        this.#text = token.input.slice(token.end, next.begin)
        return
      }
      this.#templates.push(parser.parseToken(next, remainTokens))
    }
  }

  override *render(ctx: Context, emitter: Emitter): Generator<unknown, void, unknown> {
    if (ctx.sync)
      throw new TemplateError(
        'cachesweeper: the template is rendered synchronously, and a cache answers later; render it with parseAndRender() or renderFile()',
      )
    const values = yield* this.#arguments.values(ctx)
    emitter.write(yield this.#cached(values, ctx))
  }

  /** For LiquidJS's analysis of templates, and for the digest of an outer fragment. */
  *children(): Generator<Template[], Template[], Template[]> {
    return yield this.#templates
  }

  arguments(): ReturnType<NonNullable<Template['arguments']>> {
    return this.#arguments.tokens
  }

  async #cached(values: TagValues, ctx: Context): Promise<string> {
    const fragment = fragmentOf(values)
    const digest = await bodyDigest(this.liquid, {
      templates: this.#templates,
      text: this.#text,
      file: this.token.file,
      partials: fragment.partials,
    })
    return cachedFragment(this.sweeper, { ...fragment, digest }, () => this.#renderBody(ctx))
  }

  async #renderBody(ctx: Context): Promise<string> {
    const rendering = this.liquid.renderer.renderTemplates(this.#templates, ctx)
    const html: unknown = await toPromise(rendering)
    if (ctx.breakCalled || ctx.continueCalled)
      throw new TemplateError(
        'cachesweeper: its body ends a loop that is around it, which it could not do when it is cached; put the tag around the loop, or the break before the tag',
      )
    return String(html)
  }
}
