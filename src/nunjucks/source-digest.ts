import { hash } from 'node:crypto'
import { TemplateError } from '../index'
import {
  allNodes,
  asError,
  type Environment,
  type Lexer,
  type Node,
  type Nodes,
  type Parser,
  type Template,
} from './syntax'

/** How templates are taken apart: what Nunjucks hands to extensions. */
export interface Syntax {
  readonly parser: Parser
  readonly nodes: Nodes
  readonly lexer: Lexer
}

interface Reference {
  readonly name: string
  readonly parent: string | undefined
  readonly isOptional: boolean
}

interface References {
  readonly known: readonly Reference[]
  /** Another template is named by an expression. */
  readonly areOpen: boolean
}

/** Applications have some hundred templates; one that makes its templates up must not fill the memory. */
const MAX_REMEMBERED = 1_000

/**
 * Stands for the text of a template and of all it includes, imports and extends, at any depth.
 *
 * The whole template and not the body alone: macros that a body calls are defined or imported outside of it.
 */
export class SourceDigest {
  readonly #syntax: Syntax
  readonly #references = new Map<string, References>()

  constructor(syntax: Syntax) {
    this.#syntax = syntax
  }

  /**
   * @param partials templates that are included under names which only the rendering knows
   * @throws {TemplateError} SWEEPER_TEMPLATE for templates whose text cannot be known
   */
  async of(env: Environment, source: string, partials: readonly string[]): Promise<string> {
    const texts = [['', source]]
    const queue = partials.map((name): Reference => ({
      name,
      parent: undefined,
      isOptional: false,
    }))
    const add = (template: Template): void => {
      const { known, areOpen } = this.#referencesIn(env, template)
      if (areOpen && partials.length === 0)
        throw new TemplateError(
          'cachesweeper: its template includes another by a name that only the rendering knows, so its changes would go unseen; name what it can be: partials="card.njk", or partials=names',
        )
      queue.push(...known)
    }
    add({ tmplStr: source })
    const seen = new Set<string>()
    // Grows while it is gone through.
    for (const reference of queue) {
      const id = JSON.stringify(reference)
      if (seen.has(id)) continue
      seen.add(id)
      const template = await load(env, reference)
      if (template.tmplStr === undefined)
        throw new TemplateError(
          `cachesweeper: "${reference.name}" was compiled ahead of time, so its text is not known; load it from its source`,
        )
      texts.push([reference.name, template.tmplStr])
      add(template)
    }
    return hash('sha256', JSON.stringify(texts), 'base64url')
  }

  #referencesIn(env: Environment, { tmplStr = '', path }: Template): References {
    const id = `${path}\n${tmplStr}`
    let found = this.#references.get(id)
    if (found === undefined) {
      if (this.#references.size >= MAX_REMEMBERED) this.#references.clear()
      found = referencesIn(this.#syntax, this.#parsed(env, tmplStr), path)
      this.#references.set(id, found)
    }
    return found
  }

  #parsed(env: Environment, text: string): Node {
    const { parser, lexer } = this.#syntax
    // Every parser is made by the class of the one that came to the tag.
    const Parsing = parser.constructor as new (tokens: unknown) => Parser & { extensions: unknown }
    const parsing = new Parsing(lexer.lex(text, env.opts))
    parsing.extensions = env.extensionsList
    return parsing.parseAsRoot()
  }
}

function load(env: Environment, { name, parent, isOptional }: Reference): Promise<Template> {
  return new Promise((resolve, reject) => {
    env.getTemplate(name, false, parent, isOptional, (error, template) => {
      if (template === undefined) reject(asError(error))
      else resolve(template)
    })
  })
}

function referencesIn({ nodes }: Syntax, root: Node, parent: string | undefined): References {
  const types = [nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends]
  const found = types.flatMap((type) => allNodes(root, type, nodes))
  const known = found.flatMap(({ template, ignoreMissing: isOptional = false }) =>
    template instanceof nodes.Literal ? [{ name: String(template.value), parent, isOptional }] : [],
  )
  return { known, areOpen: known.length < found.length }
}
