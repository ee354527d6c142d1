/** One rule of docs/consistency.md switched off in the sources, and the test that has to notice. */
export interface Mutation {
  /** The hazard that the rule is against. */
  readonly rule: string
  /** What the mutant does, in words. */
  readonly does: string
  readonly edits: readonly Edit[]
  /** The end of the test's full name. */
  readonly test: string
}

export interface Edit {
  readonly file: string
  /** Text that stands in the file exactly once. */
  readonly find: string
  readonly replace: string
}

export function mutation(
  rule: string,
  does: string,
  test: string,
  ...edits: readonly (readonly [file: string, find: string, replace: string])[]
): Mutation {
  const made = edits.map(([file, find, replace]) => ({ file: `src/${file}`, find, replace }))
  return { rule, does, test, edits: made }
}
