import { isSweeperError, TemplateError, type Sweeper } from '../index'
import {
  cachedFragment,
  fragmentOf,
  TAG_OPTIONS,
  type TagValues,
} from '../template/template-fragment'
import { SourceDigest } from './source-digest'
import {
  allNodes,
  asError,
  type Environment,
  type Lexer,
  type Node,
  type Nodes,
  type Parser,
} from './syntax'

type Callback = (error: unknown, html?: string) => void
type Body = (callback: Callback) => void

/** What `parse` put together, evaluated, and what Nunjucks adds to it. */
type Given = readonly [
  source: string,
  line: number,
  recordText: string,
  record: unknown,
  positional: readonly unknown[],
  named: Readonly<Record<string, unknown>>,
  body: Body,
  callback: Callback,
]

/** What is known to have a line in its message, so that the tags around it do not add theirs. */
const located = new WeakSet<object>()

/** The tag `cachesweeper` of one Sweeper. */
export class CachesweeperExtension {
  readonly tags = ['cachesweeper']
  /** The body has been escaped as far as it has to be. */
  readonly autoescape = false
  readonly #sweeper: Sweeper
  #digest: SourceDigest | undefined

  constructor(sweeper: Sweeper) {
    this.#sweeper = sweeper
  }

  /** Called by Nunjucks. */
  parse(parser: Parser, nodes: Nodes, lexer: Lexer): Node {
    this.#digest ??= new SourceDigest({ parser, nodes, lexer })
    const { lineno, colno, value } = parser.nextToken()
    const { record, positional, named } = readArguments(parser, nodes, lexer, { lineno, colno })
    parser.advanceAfterBlockEnd(value)
    const body = parser.parseUntilBlocks('endcachesweeper')
    parser.advanceAfterBlockEnd()
    if (allNodes(body, nodes.Block, nodes).length > 0)
      parser.fail(
        'cachesweeper: a block in its body may be filled by another template; put the cachesweeper tag inside the block',
        lineno,
        colno,
      )
    const recordText = record instanceof nodes.Symbol ? String(record.value) : 'the record'
    const literals = [parser.tokens.str, lineno + 1, recordText].map(
      (literal) => new nodes.Literal(lineno, colno, literal),
    )
    const args = new nodes.NodeList(lineno, colno, [...literals, record, positional, named])
    return new nodes.CallExtensionAsync(this, 'run', args, [body])
  }

  /** Called by the compiled template. */
  run({ env }: { readonly env: Environment }, ...given: Given): void {
    const [source, line, recordText, record, positional, named, body, callback] = given
    const values = { recordText, record, positional, named: new Map(Object.entries(named)) }
    this.#cached(env, source, values, body).then(
      (html) => callback(null, html),
      (error: unknown) => callback(atLine(line, error)),
    )
  }

  async #cached(env: Environment, source: string, values: TagValues, body: Body): Promise<string> {
    const fragment = fragmentOf(values)
    if (this.#digest === undefined)
      throw new TemplateError(
        'cachesweeper: its template was compiled ahead of time, so what it includes is not known; load it from its source',
      )
    const digest = await this.#digest.of(env, source, fragment.partials)
    return cachedFragment(this.#sweeper, { ...fragment, digest }, () => rendered(body))
  }
}

function rendered(body: Body): Promise<string> {
  return new Promise((resolve, reject) => {
    body((error, html = '') => {
      if (error == null) resolve(html)
      else reject(asError(error))
    })
  })
}

function readArguments(
  parser: Parser,
  nodes: Nodes,
  lexer: Lexer,
  { lineno, colno }: { readonly lineno: number; readonly colno: number },
): { readonly record: Node; readonly positional: Node; readonly named: Node } {
  const positional = new nodes.Array(lineno, colno)
  const named = new nodes.Dict(lineno, colno)
  if (parser.peekToken().type === lexer.TOKEN_BLOCK_END)
    parser.fail(
      'cachesweeper: it names no record; write {% cachesweeper comment, 500, "comment.xml" %} or {% cachesweeper comment, key="card", ttl="10m", vary=locale %}',
      lineno,
      colno,
    )
  const record = parser.parseExpression()
  while (parser.peekToken().type !== lexer.TOKEN_BLOCK_END) {
    if (parser.skip(lexer.TOKEN_COMMA)) continue
    const value = parser.parseExpression()
    if (!parser.skipValue(lexer.TOKEN_OPERATOR, '=')) positional.addChild(value)
    else if (TAG_OPTIONS.includes(String(value.value)))
      named.addChild(new nodes.Pair(lineno, colno, value, parser.parseExpression()))
    else
      parser.fail(
        `cachesweeper: "${String(value.value)}" is no option; there are ${TAG_OPTIONS.join(', ')}`,
        lineno,
        colno,
      )
  }
  return { record, positional, named }
}

/** Nunjucks tells the template of what went wrong, and for extensions not the line. */
function atLine(line: number, error: unknown): unknown {
  if (!isSweeperError(error) || located.has(error)) return error
  const told = new TemplateError(`${error.message}, line:${line}`, { cause: error })
  located.add(told)
  return told
}
