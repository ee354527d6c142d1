/** What this library uses of Nunjucks' parser: its own types leave it open. */
export interface Parser {
  readonly tokens: { readonly str: string }
  nextToken(): Token
  peekToken(): Token
  skip(type: string): boolean
  skipValue(type: string, value: string): boolean
  parseExpression(): Node
  parseUntilBlocks(...names: readonly string[]): Node
  parseAsRoot(): Node
  advanceAfterBlockEnd(name?: string): void
  fail(message: string, line?: number, column?: number): never
}

export interface Token {
  readonly type: string
  readonly value: string
  readonly lineno: number
  readonly colno: number
}

export interface Node {
  readonly value?: unknown
  readonly template?: Node
  readonly ignoreMissing?: boolean
  readonly contentArgs?: readonly (Node | null)[]
  addChild(child: Node): void
  findAll(type: NodeType): readonly Node[]
}

export type NodeType = new (line: number, column: number, ...fields: readonly unknown[]) => Node

type NodeName =
  | 'Array'
  | 'Block'
  | 'CallExtension'
  | 'Dict'
  | 'Extends'
  | 'FromImport'
  | 'Import'
  | 'Include'
  | 'Literal'
  | 'NodeList'
  | 'Pair'
  | 'Symbol'

export interface Nodes extends Readonly<Record<NodeName, NodeType>> {
  readonly CallExtensionAsync: new (
    extension: object,
    method: string,
    args: Node,
    contents: readonly Node[],
  ) => Node
}

export interface Lexer {
  readonly TOKEN_BLOCK_END: string
  readonly TOKEN_COMMA: string
  readonly TOKEN_OPERATOR: string
  lex(source: string, options: unknown): unknown
}

export interface Template {
  /** Undefined for a template that was compiled ahead of time. */
  readonly tmplStr?: string
  readonly path?: string
}

export interface Environment {
  readonly opts: unknown
  readonly extensionsList: readonly unknown[]
  getTemplate(
    name: string,
    eager: boolean,
    parent: string | undefined,
    ignoreMissing: boolean,
    callback: (error: unknown, template?: Template) => void,
  ): void
}

/** Nodes of this type, also in the bodies of extension tags, where Nunjucks does not look. */
export function allNodes(root: Node, type: NodeType, nodes: Nodes): readonly Node[] {
  const inBodies = root
    .findAll(nodes.CallExtension)
    .flatMap(({ contentArgs = [] }) => contentArgs)
    .flatMap((body) => (body === null ? [] : allNodes(body, type, nodes)))
  return [...root.findAll(type), ...inBodies]
}

/** Nunjucks hands on whatever was thrown. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error
    ? thrown
    : new Error('Nunjucks: something that is no error was thrown', { cause: thrown })
}
