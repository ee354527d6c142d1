import { toPromise, TypeGuards, type Liquid, type Template } from 'liquidjs'
import { hash } from 'node:crypto'
import { TemplateError } from '../index'

/** A template that another one includes, as it names it. */
interface Partial {
  readonly name: string
  readonly isLayout: boolean
  /** The file that names it: names such as `./card` start there. */
  readonly from: string | undefined
}

interface Body {
  readonly templates: Template[]
  readonly text: string
  readonly file: string | undefined
  /** What the author says is included under names that only the rendering knows. */
  readonly partials: readonly string[]
}

/** What templates include. Neither they nor this change: a changed file is parsed to new templates. */
interface Inclusions {
  readonly partials: readonly Partial[]
  /** Tags whose template's name is an expression. */
  readonly unknown: readonly string[]
  /** Blocks that a template which uses this one as its layout may fill. */
  readonly blocks: readonly string[]
}

const inclusions = new WeakMap<Template[], Inclusions>()

/**
 * Stands for the text of a body and of every template that it includes, at any depth: whichever of them changes,
 * the digest does. No round trip; reads the files that LiquidJS does not have in its cache.
 *
 * @throws {TemplateError} SWEEPER_TEMPLATE for a body whose content is not settled by these texts
 */
export async function bodyDigest(liquid: Liquid, body: Body): Promise<string> {
  const own = await inclusionsOf(body.templates)
  if (own.blocks[0] !== undefined)
    throw new TemplateError(
      `cachesweeper: ${own.blocks[0]} in its body may be filled by another template; put the cachesweeper tag inside the block`,
    )
  const texts = [['', body.text]]
  const named = body.partials.map((name) => ({ name, isLayout: false, from: body.file }))
  const queue = [...own.partials, ...named]
  const seen = new Set<string>()
  assertKnown(own, body)
  // Grows while it is gone through.
  for (const partial of queue) {
    const id = JSON.stringify(partial)
    if (seen.has(id)) continue
    seen.add(id)
    const templates = await parsed(liquid, partial)
    texts.push([partial.name, templates[0]?.token.input ?? ''])
    const found = await inclusionsOf(templates)
    assertKnown(found, body)
    queue.push(...found.partials)
  }
  return hash('sha256', JSON.stringify(texts), 'base64url')
}

function assertKnown({ unknown }: Inclusions, { partials }: Body): void {
  if (unknown[0] !== undefined && partials.length === 0)
    throw new TemplateError(
      `cachesweeper: ${unknown[0]} names its template only when it is rendered, so its changes would go unseen; name what it can be: partials: "card.liquid", or partials: names`,
    )
}

/** `parseFile()` without an underscore does not know where a relative name starts. */
function parsed(liquid: Liquid, { name, isLayout, from }: Partial): Promise<Template[]> {
  // oxlint-disable-next-line no-underscore-dangle
  if (isLayout) return toPromise(liquid._parseLayoutFile(name, false, from))
  // oxlint-disable-next-line no-underscore-dangle
  return toPromise(liquid._parsePartialFile(name, false, from))
}

async function inclusionsOf(templates: Template[]): Promise<Inclusions> {
  const known = inclusions.get(templates)
  if (known !== undefined) return known
  const found = { partials: [] as Partial[], unknown: [] as string[], blocks: [] as string[] }
  const queue = [...templates]
  for (const template of queue) {
    const { token } = template
    const tag = TypeGuards.isTagToken(token) ? token : undefined
    const partial = template.partialScope?.()
    if (partial !== undefined)
      found.partials.push({
        name: partial.name,
        isLayout: tag?.name === 'layout',
        from: token.file,
      })
    else if (template.partialScope !== undefined && tag?.args.trim() !== 'none')
      found.unknown.push(token.getText())
    if (tag?.name === 'block') found.blocks.push(token.getText())
    if (template.children !== undefined)
      queue.push(...(await toPromise(template.children(false, false))))
  }
  inclusions.set(templates, found)
  return found
}
