/** The command line was not understood, or a file on it is not what it should be: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export const USAGE = `typeorm-sweeper <command> -d <file> [options]

  graph                 the declared cascade, as Mermaid or DOT; connects to nothing
  doctor                what cannot work, and what works badly; asks the database
  sweep <Entity> [id]   sweeps a record and all it belongs to; without an id every record of the entity
  clear                 makes every entry of the namespace unreachable

  -d, --dataSource <file>   exports one DataSource, as for TypeORM's command line; TypeScript is loaded with
                            what is registered, else with ts-node, @swc-node/register or tsx of your project
  -r, --require <module>    loads a module first, such as the one that makes your Sweeper; may be repeated
      --format <format>     graph: mermaid (default) or dot
      --no-cascade          sweep: the record alone
      --offline             doctor: looks at the declarations alone, and connects to nothing
      --strict              doctor: warnings count as problems
  -h, --help

Exit codes: 0 all is well; 1 there are problems, or it failed; 2 the command line is wrong.
`

/** Where text goes: what was asked for to `out`, everything about it to `err`. */
export interface Terminal {
  out(text: string): void
  err(text: string): void
  /** Draws over the last line of `err`; undefined where nobody is watching. */
  readonly draw: ((line: string) => void) | undefined
}
